"""Starting and resuming runs: the checks that come before a journal exists, then a thread that drives."""

import getpass
import os
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import JsonValue

from cockpit import __version__
from cockpit.aws.port import AwsPort, Identity, ReadFailed
from cockpit.config.schema import Environment
from cockpit.engine import records as r
from cockpit.engine.actions.registry import ACTIONS
from cockpit.engine.call_book import AwsCallBook
from cockpit.engine.desk import Desk
from cockpit.engine.driven_run import DrivenRun
from cockpit.engine.engine_thread import EngineThread
from cockpit.engine.errors import EngineError, JournalError, StartRefused
from cockpit.engine.inputs import set_inputs
from cockpit.engine.journal import Journal
from cockpit.engine.run_core import RunCore
from cockpit.engine.run_list import held_locks
from cockpit.engine.run_log import RunLog
from cockpit.engine.runner import Runner
from cockpit.engine.state import RunState
from cockpit.engine.take_up import (
    refuse_ended,
    refuse_locked,
    refuse_nothing_halted,
    refuse_renamed,
    why_taken_up,
)
from cockpit.engine.tokens import new_run_id
from cockpit.engine.undo import restorable
from cockpit.model.clock import Clock
from cockpit.model.text import clean
from cockpit.plans.catalogue import plan_digest
from cockpit.plans.schema import Plan

MakePort = Callable[[], AwsPort]
_IDENTITY_SECONDS = 60.0
_NOTHING = "Nothing was started."


@dataclass(frozen=True, slots=True)
class _Request:
    """What a run is opened with."""

    plan: Plan
    environment_name: str
    environment: Environment
    region: str
    operator: str
    mode: Literal["live", "dry"]


def operator_name() -> str:
    """Return who sits at this terminal, as far as the machine knows."""
    try:
        return clean(getpass.getuser(), 64)
    except (KeyError, OSError):
        return str(os.getuid())


def start_run(
    *,
    plan: Plan,
    environment_name: str,
    environment: Environment,
    region: str,
    operator: str,
    inputs: Mapping[str, JsonValue],
    mode: Literal["live", "dry"],
    typed_environment: str,
    clock: Clock,
    make_port: MakePort,
    runs_folder: Path,
) -> DrivenRun:
    """Start a run and return when its first records are on disk; blocks for one call to STS.

    Args:
        plan: what is run.
        environment_name: name of the environment in the configuration.
        environment: where it is run. A live run needs its `account`.
        region: AWS region of the run.
        operator: who drives.
        inputs: values given by the operator; the plan's defaults fill the rest.
        mode: ``live`` acts, ``dry`` shows every call and changes nothing.
        typed_environment: what the operator typed to arm a live run: it must be `environment_name`.
        clock: the run's clock.
        make_port: makes the connection to AWS, called in the engine's thread.
        runs_folder: the folder that holds a folder for each run.

    Raises:
        StartRefused: something is wrong that the operator can mend; nothing was changed.
        JournalError: no journal can be kept.
    """
    _refuse_unarmed(environment_name, environment, mode, typed_environment)
    if region not in environment.regions:
        known = ", ".join(environment.regions)
        raise StartRefused(f"{clean(region)} is no region of {environment_name} ({known}). Nothing was started.")
    values = set_inputs(plan, environment_name, environment, region, inputs)
    thread, port = _connected(make_port)
    journal: Journal | None = None
    try:
        who = _ask_identity(thread, port, region)
        if mode == "live":
            _refuse_other(who, environment.account, f"{environment_name} is account {environment.account}")
        run_id = new_run_id(plan.id, clock.now())
        journal = Journal.create(runs_folder / run_id)
        journal.claim(run_id)
        log = RunLog(journal, driver_name(operator), clock)
        log.append(_opened(run_id, _Request(plan, environment_name, environment, region, operator, mode), who))
        log.append(_took_over(operator, "started"))
        if mode == "live":
            log.append(r.Armed(typed=typed_environment))
        for value in values:
            log.append(value)
    except EngineError as error:
        if journal is not None:
            journal.close()
        _disconnect(thread, port)
        if isinstance(error, JournalError):
            raise _not_started(error) from error
        raise
    return _driven(thread, port, log, runs_folder / run_id, environment)


def resume_run(
    path: Path,
    *,
    environment: Environment,
    operator: str,
    typed_environment: str,
    clock: Clock,
    make_port: MakePort,
    plan_now: str = "",
) -> DrivenRun:
    """Take up a run that has not ended, from where its journal stands; blocks for one call to STS.

    Args:
        path: the run's folder.
        environment: the environment of the run, from the configuration or from the journal.
        operator: who drives from now on.
        typed_environment: what the operator typed to arm a live run.
        clock: the run's clock.
        make_port: makes the connection to AWS, called in the engine's thread.
        plan_now: digest of the plan as its file is now; empty if not known. The run keeps the plan it began with.

    Raises:
        StartRefused: it has ended, is not armed, or the credentials are for another account; nothing was changed.
        JournalError: the journal is damaged, or another process drives the run.
    """
    return _taken_up(path, _Driver(environment, operator, typed_environment, clock, make_port, plan_now), refuse_ended)


def restore_halted(
    path: Path,
    *,
    environment: Environment,
    operator: str,
    typed_environment: str,
    clock: Clock,
    make_port: MakePort,
    plan_now: str = "",
) -> DrivenRun:
    """Take up a live run that has ended, only to put back what it left halted: each step's undo, each confirmed.

    It is recorded in the run's own journal, which then ends with the same result again; one that a crash cuts short is
    resumed like any other run. The arguments are those of `resume_run`.

    Raises:
        StartRefused: it has not ended, nothing is halted that the plan can put back, or as for `resume_run`.
        JournalError: the journal is damaged, or another process drives the run.
    """
    driver = _Driver(environment, operator, typed_environment, clock, make_port, plan_now)
    return _taken_up(path, driver, refuse_nothing_halted, put_back=True)


@dataclass(frozen=True, slots=True)
class _Driver:
    """Who takes a run up, and with what."""

    environment: Environment
    operator: str
    typed_environment: str
    clock: Clock
    make_port: MakePort
    plan_now: str


def _taken_up(path: Path, driver: _Driver, refuse: Callable[[RunState], None], *, put_back: bool = False) -> DrivenRun:
    operator, environment, typed_environment = driver.operator, driver.environment, driver.typed_environment
    journal, found = Journal.resume(path)
    state = found.state
    thread: EngineThread | None = None
    try:
        if state is None:
            raise StartRefused("The journal holds no run: nothing was ever done.")
        refuse_renamed(path, state)
        refuse(state)
        if put_back:
            refuse_locked(path, state)
        journal.claim(state.run_id)
        _refuse_unarmed(state.scope.environment, environment, state.mode, typed_environment)
        thread, port = _connected(driver.make_port)
        who = _ask_identity(thread, port, state.scope.region)
        _refuse_other(who, state.scope.account, f"the run acts on account {state.scope.account}")
        if state.mode == "live":
            _refuse_other(who, environment.account, f"its environment is now account {environment.account}")
        log = RunLog(journal, driver_name(operator), driver.clock, found.entries, state)
        if put_back:
            steps = tuple(step.id for step in restorable(state))
            log.append(r.RestoringHalted(operator=operator, steps=steps))
        why = why_taken_up(state, found.entries, operator, put_back=put_back, plan_now=driver.plan_now)
        log.append(_took_over(operator, why))
        if state.mode == "live":
            log.append(r.Armed(typed=typed_environment))
    except EngineError:
        journal.close()
        if thread is not None:
            _disconnect(thread, port)
        raise
    return _driven(thread, port, log, path, environment)


def _not_started(error: JournalError) -> JournalError:
    words = str(error)
    return JournalError(words if words.endswith(_NOTHING) else f"{words} {_NOTHING}")


def driver_name(operator: str) -> str:
    """Return how entries name this process: ``operator@host/pid``."""
    return f"{operator}@{socket.gethostname()}/{os.getpid()}"


def _driven(thread: EngineThread, port: AwsPort, log: RunLog, folder: Path, environment: Environment) -> DrivenRun:
    desk = Desk(log)
    core = RunCore(log, port, desk, AwsCallBook(), folder, environment.account, environment.hosts)
    run = DrivenRun(thread, log, desk, port.close)
    locks = held_locks(folder.parent, log.state().scope, except_run=folder.name)
    run.begin(Runner(core, ACTIONS, locks).run())
    return run


def _refuse_unarmed(name: str, environment: Environment, mode: str, typed: str) -> None:
    if mode != "live":
        return
    if typed != name:
        raise StartRefused(f"Not armed: type the environment's name, {name}. Nothing was started.")
    if environment.account is None:
        raise StartRefused(
            f"Environment {name} names no account in cockpit.toml. A live run needs one: no other account is reached."
        )


def _connected(make_port: MakePort) -> tuple[EngineThread, AwsPort]:
    thread = EngineThread("cockpit-engine")
    thread.start()

    async def make() -> AwsPort:
        return make_port()

    try:
        return thread, thread.submit(make()).result(_IDENTITY_SECONDS)
    except Exception:
        thread.stop()
        raise


def _disconnect(thread: EngineThread, port: AwsPort) -> None:
    async def close() -> None:
        await port.close()

    thread.submit(close()).result(_IDENTITY_SECONDS)
    thread.stop()


def _ask_identity(thread: EngineThread, port: AwsPort, region: str) -> Identity:
    try:
        return thread.submit(port.identity(region)).result(_IDENTITY_SECONDS)
    except ReadFailed as failure:
        remedy = f" {failure.fault.remedy}" if failure.fault.remedy else ""
        words = f"Nobody can tell which account this is: {failure.fault.message}{remedy} Nothing was changed."
        raise StartRefused(words) from failure
    except TimeoutError as error:
        raise StartRefused(
            "Nobody can tell which account this is: AWS did not answer for a minute. Nothing was changed."
        ) from error


def _refuse_other(who: Identity, account: str | None, words: str) -> None:
    if who.account != account:
        raise StartRefused(f"These credentials belong to account {who.account}, but {words}. Nothing was changed.")


def _took_over(operator: str, why: str) -> r.DriverTookOver:
    return r.DriverTookOver(operator=operator, host=socket.gethostname(), pid=os.getpid(), why=why)


def _opened(run_id: str, request: _Request, who: Identity) -> r.RunOpened:
    plan, environment = request.plan, request.environment
    return r.RunOpened(
        run_id=run_id,
        plan_id=plan.id,
        plan=plan.model_dump(mode="json"),
        plan_digest=plan_digest(plan),
        mode=request.mode,
        operator=request.operator,
        host=socket.gethostname(),
        environment=request.environment_name,
        environment_kind=environment.kind,
        account=who.account,
        region=request.region,
        role=clean(who.arn),
        names={system: dict(names) for system, names in environment.names.items()},
        cockpit=__version__,
    )
