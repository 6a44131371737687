"""Where a plan is walked through: its simulated outage, with the real tools or their stand-in where it uses some."""

import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cockpit.sim.process import start_simulator
from crash.subjects import ANSWERED, Subject
from pfa_drill import ENVIRONMENT, rehearsal
from support.place import Place

SPEED = 120.0
_OF_PLAN = {"plan-f-manual-backend-rollback": 20.0, "plan-a-regional-outage": 400.0}
"""Seconds of the story per real second: slower where the plan has to catch something that passes."""


@dataclass(frozen=True, slots=True)
class Stage:
    """What the program is started with.

    Attributes:
        environ: what to add to the environment variables.
        state_folder: where its runs are kept.
        environment: name of the environment, typed to arm.
    """

    argv: tuple[str, ...]
    environ: Mapping[str, str]
    state_folder: Path
    environment: str


def chosen(names: list[str]) -> list[Subject]:
    """Return the plans that are named, by id or by their answers' file; without a name each plan once.

    Raises:
        KeyError: there is none of that name.
    """
    if not names:
        return [subject for subject in ANSWERED if subject.answers.plan is None]
    by_name = {subject.name: subject for subject in ANSWERED}
    by_id = {str(subject.plan): subject for subject in ANSWERED if subject.answers.plan is None}
    return [by_name[name] if name in by_name else by_id[name] for name in names]


@contextmanager
def stage_for(subject: Subject) -> Iterator[Stage]:
    """Set the stage of a plan; everything is gone again afterwards."""
    speed = _OF_PLAN.get(subject.name, SPEED)
    if str(subject.plan).startswith("pfa/"):
        with rehearsal(subject.name, speed) as environ:
            yield Stage(_program(), environ, Path(environ["COCKPIT_STATE_DIR"]), ENVIRONMENT)
        return
    with start_simulator(subject.scenario, speed) as simulator, tempfile.TemporaryDirectory() as folder:
        place = Place(Path(folder), simulator, subject.scenario)
        subject.prepare(place)
        environ = {**place.environ, "COCKPIT_CONFIG": str(place.folder / "cockpit.toml")}
        yield Stage(_program(), environ, place.state_folder, "rehearsal")


def _program() -> tuple[str, ...]:
    return (sys.executable, "-m", "cockpit", "open")
