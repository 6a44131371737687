"""Opening an environment: configuration, feeds, plans, runs. Heavy imports: in a thread, after the first paint."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cockpit.config.errors import ConfigError
from cockpit.config.load import choose_environment, load_config
from cockpit.config.paths import data_folder, state_folder
from cockpit.config.schema import Config, Environment
from cockpit.engine.driver import operator_name, resume_run, start_run
from cockpit.engine.errors import EngineError
from cockpit.engine.observer import follow_run
from cockpit.engine.run_list import FoundRun, find_run, runs_in
from cockpit.feeds.connect import connector
from cockpit.feeds.hub import FeedHub
from cockpit.model.clock import Clock, clock_from
from cockpit.model.scope import EnvironmentKind
from cockpit.model.text import clean
from cockpit.plans.catalogue import digest_now, find_plans
from cockpit.ui.session import CannotOpen, CannotRun, CockpitSession, RunRequest, RunSummary

if TYPE_CHECKING:
    from cockpit.aws.port import AwsPort
    from cockpit.engine.handle import RunHandle

RUNS = "runs"


def open_configured(config_file: Path | None, name: str | None, regions: tuple[str, ...]) -> CockpitSession:
    """Open an environment of the configuration; without one, the ordinary AWS settings, read-only.

    Raises:
        CannotOpen: the configuration or the clock's variable is wrong; says where.
    """
    try:
        clock = clock_from()
        config = load_config(config_file)
        chosen, environment = choose_environment(config, name)
    except (ConfigError, ValueError) as problem:
        raise CannotOpen(str(problem)) from problem
    if regions:
        environment = environment.model_copy(update={"regions": regions})
    return open_environment(chosen, environment, clock, plan_folders=_plan_folders(config, config_file))


def open_environment(
    name: str,
    environment: Environment,
    clock: Clock,
    *,
    plan_folders: tuple[Path, ...] = (),
    demo: bool = False,
    hint: str = "",
    runs_folder: Path | None = None,
    close: Callable[[], None] | None = None,
) -> CockpitSession:
    """Open one environment.

    Args:
        name: what it is called, and what is typed to arm.
        environment: where it is.
        clock: the clock that feeds and runs share.
        plan_folders: folders searched before the plans that come with the cockpit.
        demo: AWS is simulated; marked in the header.
        hint: one line for a newcomer.
        runs_folder: where its runs are kept; None: where runs of its kind are.
        close: called after the feeds were stopped.
    """
    hub = FeedHub(name, environment, clock, connector(environment, clock))
    folders = _all_folders(plan_folders)
    door = _RunDoor(name, environment, clock, hub, runs_folder or state_folder(environment.kind) / RUNS, folders)

    def end() -> None:
        hub.stop()
        if close is not None:
            close()

    return CockpitSession(
        environment_name=name,
        kind=environment.kind,
        clock=clock,
        runs_folder=door.runs_folder,
        environment=environment,
        hub=hub,
        load_plans=lambda: find_plans(folders),
        open_run=door.open,
        resume_run=door.resume,
        follow_run=door.follow,
        list_runs=lambda: _summaries(door.runs_folder),
        list_rehearsals=lambda: _summaries(state_folder(EnvironmentKind.DRILL) / RUNS),
        demo=demo,
        hint=hint,
        close=end,
    )


@dataclass(frozen=True, slots=True)
class _RunDoor:
    """Starts and resumes runs of one environment."""

    name: str
    environment: Environment
    clock: Clock
    hub: FeedHub
    runs_folder: Path
    plan_folders: tuple[Path, ...]

    def _connect(self) -> AwsPort:
        return connector(self.environment, self.clock)(self.hub.log)

    def open(self, request: RunRequest) -> RunHandle:
        try:
            return start_run(
                plan=request.plan,
                environment_name=self.name,
                environment=self.environment,
                region=request.region,
                operator=operator_name(),
                inputs=request.inputs,
                mode=request.mode,
                typed_environment=request.typed_environment,
                clock=self.clock,
                make_port=self._connect,
                runs_folder=self.runs_folder,
            )
        except (EngineError, OSError) as problem:
            raise CannotRun(_sentence(problem)) from problem

    def resume(self, path: Path, typed_environment: str) -> RunHandle:
        try:
            return resume_run(
                path,
                environment=self.environment,
                operator=operator_name(),
                typed_environment=typed_environment,
                clock=self.clock,
                make_port=self._connect,
                plan_now=self._plan_now(path),
            )
        except (EngineError, OSError) as problem:
            raise CannotRun(_sentence(problem)) from problem

    def _plan_now(self, path: Path) -> str:
        state = find_run(path).state
        return digest_now(state.plan.id, self.plan_folders) if state is not None else ""

    def follow(self, path: Path) -> RunHandle:
        try:
            return follow_run(path)
        except (EngineError, OSError) as problem:
            raise CannotRun(_sentence(problem)) from problem


def _sentence(problem: EngineError | OSError) -> str:
    if isinstance(problem, OSError):
        return f"The journal cannot be kept: {problem.filename}: {problem.strerror}. Nothing was changed."
    return str(problem)


def _plan_folders(config: Config, config_file: Path | None) -> tuple[Path, ...]:
    """Return the configured folders; relative ones start where the configuration file is."""
    base = config_file.parent if config_file is not None else Path.cwd()
    return tuple(base / Path(folder).expanduser() for folder in config.plans)


def _all_folders(configured: tuple[Path, ...]) -> tuple[Path, ...]:
    return (*(folder for folder in configured if folder.is_dir()), data_folder("plans"))


def _summaries(folder: Path) -> tuple[RunSummary, ...]:
    return tuple(_summary(run) for run in runs_in(folder))


def _summary(run: FoundRun) -> RunSummary:
    state = run.state
    problems = [problem.words for problem in run.problems if not problem.is_torn]
    if state is None:
        problem = " ".join(problems) or "The journal is empty: nothing was ever done."
        return RunSummary(run_id=run.run_id, path=run.path, title=run.run_id, problem=problem)
    step = next((step.title for step in state.plan.steps if step.id == state.now_step), "before the first step")
    return RunSummary(
        run_id=run.run_id,
        path=run.path,
        plan_id=state.plan.id,
        title=clean(state.plan.title),
        mode=state.mode,
        opened_at=state.opened_at,
        last_at=state.last_at,
        step=clean(step),
        ended=state.ended,
        environment=state.scope.environment,
        still_halted=tuple(clean(halt.what) for halt in state.still_halted),
        driven=run.driven,
        problem=" ".join(problems),
    )
