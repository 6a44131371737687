"""What the screens share: the environment they look at, its clock and feeds, and the door to runs.

Nothing heavy is imported here: the first paint comes before any code for AWS, plans or runs (DESIGN 11).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from cockpit.model.clock import Clock
from cockpit.model.scope import EnvironmentKind, Scope

if TYPE_CHECKING:
    from pydantic import JsonValue

    from cockpit.config.schema import Environment
    from cockpit.engine.handle import RunHandle
    from cockpit.feeds.hub import FeedHub
    from cockpit.plans.catalogue import LoadedPlan
    from cockpit.plans.schema import Plan


class CannotOpen(Exception):
    """The cockpit cannot be opened: a sentence for people, and the exit code it ends with."""

    def __init__(self, message: str, exit_code: int = 2) -> None:
        super().__init__(message)
        self.exit_code = exit_code


class CannotRun(Exception):
    """A run could not be started or resumed: a sentence for people. Nothing was changed."""


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What a new run needs.

    Attributes:
        typed_environment: the environment's name as the operator typed it; empty for a dry run.
    """

    plan: Plan
    inputs: Mapping[str, JsonValue]
    mode: Literal["live", "dry"]
    region: str
    typed_environment: str = ""


@dataclass(frozen=True, slots=True)
class RunSummary:
    """One run on this machine, as the list of runs shows it.

    Attributes:
        ended: result of the run; empty while it can be resumed.
        driven: some process drives it now.
        problem: why its journal cannot be read or driven; empty if it can.
    """

    run_id: str
    path: Path
    title: str
    plan_id: str = ""
    mode: str = ""
    opened_at: datetime | None = None
    last_at: datetime | None = None
    step: str = ""
    ended: str = ""
    environment: str = ""
    still_halted: tuple[str, ...] = ()
    driven: bool = False
    problem: str = ""

    @property
    def can_resume(self) -> bool:
        """Tell whether it can be taken up: begun, not ended, driven by nobody, its journal sound."""
        return not (self.ended or self.driven or self.problem)


@dataclass(frozen=True, slots=True)
class CockpitSession:
    """One opened environment. Everything here is safe to call from a worker thread; nothing of it is fast.

    Attributes:
        environment: None only in tests of screens that need none.
        scope: where one is, as STS confirmed it; None until it did.
        load_plans: reads every plan folder; broken plans are values with their problems.
        open_run: starts a run (raises `CannotRun`).
        resume_run: takes up an interrupted run by its folder and the typed environment name (raises `CannotRun`).
        follow_run: watches a run that another process drives (raises `CannotRun`).
        list_runs: runs of this environment's kind on this machine, newest first.
        list_rehearsals: runs of demos and drills on this machine, newest first.
        demo: True while the AWS behind it is simulated.
        hint: one line for a newcomer; empty for none.
        close: called once when the cockpit is left; ends what was opened (feeds, simulator).
    """

    environment_name: str
    kind: EnvironmentKind
    clock: Clock
    runs_folder: Path
    environment: Environment | None = None
    scope: Scope | None = None
    hub: FeedHub | None = None
    load_plans: Callable[[], tuple[LoadedPlan, ...]] = tuple
    open_run: Callable[[RunRequest], RunHandle] | None = None
    resume_run: Callable[[Path, str], RunHandle] | None = None
    follow_run: Callable[[Path], RunHandle] | None = None
    list_runs: Callable[[], tuple[RunSummary, ...]] = tuple
    list_rehearsals: Callable[[], tuple[RunSummary, ...]] = tuple
    demo: bool = False
    hint: str = ""
    close: Callable[[], None] | None = None

    @property
    def regions(self) -> tuple[str, ...]:
        """Return the watched regions; the first is where plans run."""
        return self.environment.regions if self.environment else ()

    @property
    def stale_after(self) -> timedelta:
        """Return the age at which a reading is stale: three missed sweeps. Sweeps come in real seconds."""
        every = self.environment.watch.every if self.environment else timedelta(seconds=10)
        return every * 3 * self.clock.speed
