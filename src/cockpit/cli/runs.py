"""`cockpit runs`: the runs on this machine, and taking one up again."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Callable

    from cockpit.config.schema import Environment
    from cockpit.engine.answers import Answers
    from cockpit.engine.driven_run import DrivenRun
    from cockpit.engine.run_list import FoundRun
    from cockpit.engine.state import RunState

PROBLEM = 1


@click.group("runs", help="List, show, verify, follow and resume runs; put back what they left halted.")
def command() -> None:
    """Group of the commands over runs."""


@command.command("list")
def list_command() -> None:
    """List the runs on this machine, newest first; rehearsals are marked."""
    from cockpit.model.text import clean, utc

    runs = _all_runs()
    if not runs:
        click.echo("There is no run on this machine.")
    for run in runs:
        state = run.state
        if state is None:
            click.echo(f"{run.run_id}  unreadable: {run.problems[0].words if run.problems else ''}")
            continue
        click.echo(f"{run.run_id}  {_standing(run)}  {state.scope.environment} ({state.scope.kind.value})")
        click.echo(
            f"    {clean(state.plan.title)}, {state.mode}, opened {utc(state.opened_at)} by {clean(state.operator)}"
        )
        for halt in state.still_halted:
            click.echo(f"    still halted: {clean(halt.what)}")


@command.command("show")
@click.argument("run_id")
@click.option("--journal", is_flag=True, help="Every record as well.")
def show_command(run_id: str, *, journal: bool) -> None:
    """Show where a run stands: steps, times, data-loss window, what is still halted."""
    from cockpit.cli.driving import fail
    from cockpit.engine.journal_reading import JOURNAL, read_journal
    from cockpit.report.record_words import entry_line
    from cockpit.report.state_lines import state_lines, step_lines

    run = _one_run(run_id)
    if run.state is None:
        fail(*(problem.words for problem in run.problems))
    click.echo("\n".join([*state_lines(run.state), *step_lines(run.state)]))
    if journal:
        for entry in read_journal(run.path / JOURNAL).entries:
            click.echo(entry_line(entry, run.state.plan))
    for problem in run.problems:
        click.echo(f"journal: {problem.words}")


@command.command("verify")
@click.argument("run_id")
@click.option("--holds", metavar="HASH", help="A hash noted earlier: it must still be in the chain.")
def verify_command(run_id: str, *, holds: str | None) -> None:
    """Verify a run's journal; exit code 1 names the first bad line.

    A journal whose last records were cut off whole still verifies: keep the last hash elsewhere and compare it with
    --holds.
    """
    from cockpit.cli.driving import fail
    from cockpit.engine.errors import JournalError
    from cockpit.engine.journal_reading import JOURNAL, read_journal

    run = _one_run(run_id)
    try:
        found = read_journal(run.path / JOURNAL)
    except JournalError as error:
        fail(str(error))
    for problem in found.problems:
        click.echo(problem.words)
    if found.problems:
        sys.exit(PROBLEM)
    if holds and not any(entry.hash.startswith(holds.lower()) for entry in found.entries):
        click.echo(f"No record has the hash {holds}: records that were there are missing from the end.")
        sys.exit(PROBLEM)
    click.echo(f"{run.run_id}: {len(found.entries)} records, the chain holds, last hash {found.entries[-1].hash[:16]}")


@command.command("follow")
@click.argument("run_id")
def follow_command(run_id: str) -> None:
    """Watch a run that somebody else drives, record by record; Ctrl-C ends the watching only."""
    from cockpit.cli.driving import fail
    from cockpit.cli.following import follow
    from cockpit.engine.errors import EngineError

    try:
        sys.exit(follow(_one_run(run_id).path))
    except EngineError as error:
        fail(str(error))


_config_option = click.option("--config", "config_path", type=click.Path(path_type=Path), help="Configuration file.")
_as_option = click.option("--as", "operator", metavar="NAME", help="Who drives from now on (default: your login name).")


@command.command("resume")
@click.argument("run_id")
@_config_option
@_as_option
@click.option(
    "--answers",
    "answers_path",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Go on without a person: prompts are answered from a file. Never in production.",
)
def resume_command(run_id: str, config_path: Path | None, operator: str | None, answers_path: Path | None) -> None:
    """Take up a run that has not ended, in plain lines. Unknown outcomes are looked up before anything else."""
    from cockpit.cli.driving import chosen_answers, drive, refuse_unattended
    from cockpit.engine.driver import resume_run

    found = _one_run(run_id)
    answers = None
    if answers_path is not None and found.state is not None:
        refuse_unattended(found.state.scope.environment, found.state.scope.kind)
        answers = chosen_answers(answers_path, found.state.plan)
    arms = found.state is not None and not found.state.ended
    run = _taken_up(found, config_path, operator, resume_run, arms=arms, answers=answers)
    sys.exit(drive(run, answers))


@command.command("restore-halted")
@click.argument("run_id")
@_config_option
@_as_option
def restore_halted_command(run_id: str, config_path: Path | None, operator: str | None) -> None:
    """Put back what a run that has ended left halted: the undo of each halting step, last first, each confirmed.

    It is recorded in the run's own journal. `:skip REASON` leaves one as it is.
    Exit code 0: nothing is halted any more.
    """
    from cockpit.cli.driving import drive
    from cockpit.engine.driver import restore_halted
    from cockpit.model.text import clean

    found = _one_run(run_id)
    halted = found.state.still_halted if found.state else ()
    for halt in halted:
        click.echo(f"still halted: {clean(halt.what)} (was {clean(halt.value)})")
    arms = found.state is not None and bool(found.state.ended) and bool(halted)
    run = _taken_up(found, config_path, operator, restore_halted, arms=arms)
    drive(run)
    sys.exit(PROBLEM if run.state().still_halted or not run.state().ended else 0)


def _taken_up(
    found: "FoundRun",
    config_path: Path | None,
    operator: str | None,
    take_up: "Callable[..., DrivenRun]",
    *,
    arms: bool,
    answers: "Answers | None" = None,
) -> "DrivenRun":
    """Arm and take the run up; ends with exit code 2 if that is refused."""
    from cockpit.cli.driving import armed_by, fail, port_maker, run_clock
    from cockpit.engine.driver import operator_name
    from cockpit.engine.errors import EngineError, StartRefused
    from cockpit.model.text import clean

    if found.state is None:
        fail(*(problem.words for problem in found.problems))
    environment = _environment_of(found.state, config_path)
    name, typed = found.state.scope.environment, ""
    try:
        if arms and found.state.mode == "live":
            typed = armed_by(name, answers)
        clock = run_clock()
        return take_up(
            found.path,
            environment=environment,
            operator=clean(operator or "", 64) or operator_name(),
            typed_environment=typed,
            clock=clock,
            make_port=port_maker(environment, clock),
            plan_now=_plan_now(found.state, config_path),
        )
    except StartRefused as refused:
        fail(*refused.problems)
    except EngineError as error:
        fail(str(error))
    except KeyboardInterrupt:
        fail("Nothing was done.")


def _all_runs() -> "list[FoundRun]":
    from cockpit.config.paths import run_folders
    from cockpit.engine.run_list import runs_in

    found = [run for folder in run_folders() for run in runs_in(folder)]
    return sorted(found, key=lambda run: run.run_id, reverse=True)


def _one_run(run_id: str) -> "FoundRun":
    """Return the run whose id is, or begins or ends with, what was typed; ends with exit code 2 if not exactly one.

    Only that one's journal is read, however many there are.
    """
    from cockpit.cli.driving import fail
    from cockpit.config.paths import run_folders
    from cockpit.engine.run_list import find_run, run_paths

    paths = sorted((path for folder in run_folders() for path in run_paths(folder)), key=lambda path: path.name)
    found = [path for path in paths if path.name == run_id] or [
        path for path in paths if path.name.startswith(run_id) or path.name.endswith(run_id)
    ]
    if not found:
        fail(f"There is no run {run_id} on this machine. See: cockpit runs list")
    if len(found) > 1:
        fail(f"{run_id} stands for several runs: {', '.join(path.name for path in reversed(found))}.")
    return find_run(found[0])


def _standing(run: "FoundRun") -> str:
    from cockpit.model.text import clean

    if run.state is None:
        return "unreadable"
    if run.state.ended:
        return run.state.ended
    if run.driven:
        return "running"
    if not run.state.begun and not run.problems:
        return "cut off before it began: nothing was done"
    if run.state.handed_to and run.can_resume:
        return f"handed over to {clean(run.state.handed_to)}, can be resumed"
    return "can be resumed" if run.can_resume else f"cannot be resumed: {run.problems[0].words}"


def _plan_now(state: "RunState", config_path: Path | None) -> str:
    """Return the digest of the run's plan as its file is now; empty if that cannot be told."""
    from cockpit.cli.plan_folders import plan_folders
    from cockpit.config.load import ConfigError, load_config
    from cockpit.plans.catalogue import digest_now

    try:
        config = load_config(config_path)
    except ConfigError:
        return ""
    return digest_now(state.plan.id, plan_folders(config))


def _environment_of(state: "RunState", config_path: Path | None) -> "Environment":
    """Return the run's environment from the configuration, or as the journal has it (a demo's is in no file)."""
    from cockpit.cli.driving import fail
    from cockpit.config.load import ConfigError, load_config
    from cockpit.config.schema import Environment

    try:
        known = load_config(config_path).environments.get(state.scope.environment)
    except ConfigError as error:
        if config_path is not None:
            fail(str(error))
        known = None
    if known is not None:
        return known
    names = {system: dict(values) for system, values in state.names.items() if isinstance(values, dict)}
    return Environment(kind=state.scope.kind, account=state.scope.account, regions=(state.scope.region,), names=names)
