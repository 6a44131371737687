"""What the matrix is made over: every plan that has answers for its outage, and what else a run can go through."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from cockpit.engine.answers import Answers
from cockpit.engine.state import RunState
from cockpit.plans.yaml_document import read_document, validate_document
from crash import own_programs, pfa_host, worlds
from support.halting_plan import halting_plan
from support.place import Place

ANSWERS = Path(__file__).parents[2] / "answers"
SPEED = 200.0

World = Callable[[Place, RunState], None]


def _nothing(_place: Place) -> None:
    """Begin where the scenario opens."""


def _any_world(_place: Place, _state: RunState) -> None:
    """Leave the judgement to what is compared with the undisturbed run."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A plan in an outage, and how the operator goes through it.

    Attributes:
        plan: its id, or what writes it into the place and returns its path.
        speed: seconds of the story per real second: slower where the plan has to catch something that passes.
        answers: what the operator answers, other than the plain way.
        instead: what is typed at a step instead of its first answer (`Operator`).
        since: only boundaries from the first record of this kind on are killed at; empty for all.
        puts_back: once it has ended, `cockpit runs restore-halted` puts back what it left halted.
        stage: sets up what the plan acts on beside the simulated AWS, and clears it away.
        prepare: brings the outage to where the run begins.
        world: raises AssertionError with what is wrong in the world after a run that went to its end.
    """

    name: str
    plan: str | Callable[[Place], Path]
    scenario: str
    speed: float = SPEED
    answers: Answers = field(default_factory=Answers)
    instead: Mapping[str, str] = field(default_factory=dict)
    since: str = ""
    puts_back: bool = False
    stage: Callable[[Place], AbstractContextManager[None]] = nullcontext
    prepare: Callable[[Place], None] = _nothing
    world: World = _any_world

    def plan_in(self, place: Place) -> str:
        """Return how the plan is named to the program."""
        return self.plan if isinstance(self.plan, str) else str(self.plan(place))

    @property
    def given(self) -> tuple[str, ...]:
        """Return the options that give the plan's inputs."""
        return tuple(word for name, value in self.answers.inputs.items() for word in ("--input", f"{name}={value}"))


_WORKERS = "syncwell-bad-release"

# What a plan's matrix needs beyond its answers: by the name of the answers' file.
_OUTAGE: dict[str, Any] = {"speed": 1000.0, "prepare": worlds.with_terraform}
_PARTICULARS: dict[str, dict[str, Any]] = {
    "plan-a-regional-outage": _OUTAGE,
    "plan-a-regional-outage-export": _OUTAGE,
    "plan-a-regional-outage-no-copy": _OUTAGE,
    "plan-a-regional-outage-out-of-the-region": _OUTAGE,
    "plan-a-regional-outage-replica": _OUTAGE,
    "quick-rollback": {
        "stage": partial(pfa_host.outage, plan="quick-rollback"),
        "world": pfa_host.back_on_release_3,
    },
    "full-database-restore": {
        "stage": partial(pfa_host.outage, plan="full-database-restore"),
        "world": pfa_host.on_the_backup,
    },
    "plan-g-data-corruption": {"world": worlds.restored},
    "plan-f-canary-auto-rollback": {"world": worlds.sound_version},
    "plan-f-manual-backend-rollback": {"speed": 8.0, "world": worlds.sound_version},
}


def _answered_plans() -> Iterator[Subject]:
    """Yield a subject for every file of answers that names a scenario."""
    for path in sorted(ANSWERS.glob("*/*.yaml")):
        answers = validate_document(read_document(path), Answers)
        if answers.scenario:
            plan = answers.plan or f"{path.parent.name}/{path.stem}"
            yield Subject(path.stem, plan, answers.scenario, answers=answers, **_PARTICULARS.get(path.stem, {}))


def _other_ways() -> Iterator[Subject]:
    """Yield what else a run can go through: given up and undone, put back later, handed over, programs of its own."""
    plans = {subject.name: subject for subject in _answered_plans()}
    if (manual := plans.get("plan-f-manual-backend-rollback")) is not None:
        yield replace(
            manual, name=f"{manual.name}, deployment over", speed=100.0, prepare=worlds.when_the_deployment_is_over
        )
    if (corruption := plans.get("plan-g-data-corruption")) is not None:
        yield replace(
            corruption,
            name=f"{corruption.name}, undone",
            instead={"other_writers": ":abort undo it is another fault"},
            since="abort_chosen",
            world=worlds.untouched,
        )
    halting = Subject(
        "halting workers, handed over",
        lambda place: halting_plan(place.folder),
        _WORKERS,
        instead={"stop": ":handover Bo"},
        prepare=worlds.ready,
        world=worlds.halted_by_bo,
    )
    yield halting
    yield replace(
        halting,
        name="halting workers, put back",
        instead={},
        since="restoring_halted",
        puts_back=True,
        world=worlds.put_back,
    )
    yield Subject("programs", own_programs.plan, _WORKERS, prepare=worlds.ready, world=own_programs.world)


ANSWERED = tuple(_answered_plans())
SUBJECTS: tuple[Subject, ...] = (*ANSWERED, *_other_ways())
BY_NAME = {subject.name: subject for subject in SUBJECTS}
