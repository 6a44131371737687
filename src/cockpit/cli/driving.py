"""What `cockpit run` and `cockpit runs resume` share: the plan, the connection, and driving in plain lines."""

import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, NoReturn

import click

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydantic import JsonValue

    from cockpit.aws.port import AwsPort
    from cockpit.config.schema import Config, Environment
    from cockpit.engine.answers import Answers
    from cockpit.engine.driven_run import DrivenRun
    from cockpit.model.clock import Clock
    from cockpit.model.scope import EnvironmentKind
    from cockpit.plans.schema import Plan

BAD_INPUT = 2


class Left(Exception):
    """The line went away (SIGHUP) or the program was told to end (SIGTERM)."""


def fail(*sentences: str) -> NoReturn:
    """Print what is wrong on standard error and end with exit code 2."""
    for sentence in sentences:
        click.echo(sentence, err=True)
    sys.exit(BAD_INPUT)


def chosen_environment(config_path: Path | None, name: str | None) -> "tuple[Config, str, Environment]":
    """Return the configuration and the environment to use; ends with exit code 2 if there is none."""
    from cockpit.config.load import ConfigError, choose_environment, load_config

    try:
        config = load_config(config_path)
        return config, *choose_environment(config, name)
    except ConfigError as error:
        fail(str(error))


def chosen_plan(name: str, config: "Config") -> "Plan":
    """Return the plan of that id (its last part will do) or in that file; ends with exit code 2 if there is none."""
    from cockpit.cli.plan_folders import plan_folders
    from cockpit.plans.catalogue import find_plans, load_plan, plans_named
    from cockpit.plans.document import DocumentError

    file, folders = Path(name), plan_folders(config)
    if file.suffix in (".yaml", ".yml"):
        try:
            return load_plan(file, folders)
        except DocumentError as error:
            fail(str(error))
    named = plans_named(name, folders)
    loaded = named or find_plans(folders)
    found = [each.plan for each in loaded if each.plan and name in (each.plan.id, each.plan.id.rpartition("/")[2])]
    if len(found) == 1:
        return found[0]
    if found:
        fail(f"{name} stands for several plans: {', '.join(plan.id for plan in found)}. Name one in full.")
    broken = [f"{each.path}: {problem}" for each in loaded if each.plan is None for problem in each.problems[:1]]
    known = ", ".join(each.plan.id for each in loaded if each.plan)
    fail(f"There is no plan {name}. There are: {known or 'none'}.", *broken)


def given_inputs(given: "Sequence[str]", plans: "Sequence[Plan]") -> "dict[str, JsonValue]":
    """Return the inputs given as NAME=VALUE; ends with exit code 2 if one is malformed, or of none of the plans."""
    inputs: dict[str, JsonValue] = {}
    for pair in given:
        name, equals, value = pair.partition("=")
        if not equals or not name.strip():
            fail(f"--input takes NAME=VALUE, not {pair!r}.")
        if not any(name.strip() in plan.inputs for plan in plans):
            known = ", ".join(dict.fromkeys(each for plan in plans for each in plan.inputs))
            fail(f"There is no input {name.strip()}. There are: {known or 'none'}.")
        inputs[name.strip()] = value
    return inputs


def port_maker(environment: "Environment", clock: "Clock") -> "Callable[[], AwsPort]":
    """Return what makes the connection to AWS; mutations can reach only the environment's account and regions."""
    from cockpit.aws.gateway import Gateway

    return lambda: Gateway(environment.profile, clock, account=environment.account, regions=environment.regions)


def run_clock() -> "Clock":
    """Return the clock of this process; ends with exit code 2 if COCKPIT_CLOCK makes no sense."""
    from cockpit.model.clock import clock_from

    try:
        return clock_from()
    except ValueError as error:
        fail(str(error))


def chosen_answers(path: Path | None, plan: "Plan") -> "Answers | None":
    """Return the answers in a file, None without one; ends with exit code 2 if they do not fit the plan."""
    from cockpit.engine.answers import load_answers
    from cockpit.plans.document import DocumentError

    if path is None:
        return None
    try:
        return load_answers(path, plan)
    except DocumentError as error:
        fail(str(error))


def refuse_unattended(name: str, kind: "EnvironmentKind") -> None:
    """End with exit code 2 if nobody would sit at a run on a production environment."""
    from cockpit.model.scope import EnvironmentKind

    if kind is EnvironmentKind.PRODUCTION:
        fail(
            f"{name} is a production environment: there a person answers every prompt. --answers is for drills and "
            "tests. Nothing was done."
        )


def armed_by(name: str, answers: "Answers | None" = None) -> str:
    """Return what is typed to arm an environment; naming a file of answers stands for it."""
    if answers is not None:
        click.echo(f"Armed by --answers: nobody sits at this run on {name}.")
        return name
    click.echo(f"? Type the environment's name, {name}, to arm it (anything else ends here):")
    return sys.stdin.readline().strip()


def drive(run: "DrivenRun", answers: "Answers | None" = None) -> int:
    """Drive a run in plain lines until it ends or the operator leaves; return the exit code.

    With answers nobody sits at it. Ctrl-C, end of input and a lost line leave the run as it is: quitting is not
    aborting.
    """
    from cockpit.cli.following import follow
    from cockpit.cli.line_mode import NOT_FINISHED, LineMode, standard_streams
    from cockpit.cli.unattended import attend
    from cockpit.report.streams import silence

    typed, shown = standard_streams()
    for number in (signal.SIGHUP, signal.SIGTERM):
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup: a run whose answers come from a file goes on
            signal.signal(number, _leave)
    code = NOT_FINISHED
    try:
        code = LineMode(run, typed, shown).drive() if answers is None else attend(run, answers, shown)
    except (KeyboardInterrupt, Left):
        pass
    except OSError:  # a closed pipe, a terminal that has hung up
        silence(shown)
    finally:
        handed_to = run.state().handed_to
        _say("" if run.state().ended or handed_to else "Leaving. A call under way is waited for; nothing is undone.")
        for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)  # impatience must not cost the answer of that call
        run.close()
        if not run.state().ended and not handed_to:
            _say(f"The run stays as it is. Go on with: cockpit runs resume {run.run_id}")
            for halt in run.state().still_halted:
                _say(f"Still halted: {halt.what}")
    if handed_to and code == NOT_FINISHED:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        for number in (signal.SIGHUP, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        _say(f"{handed_to} takes the run up with: cockpit runs resume {run.run_id}")
        _say("From here it is only watched; Ctrl-C ends the watching.")
        return follow(run.folder, after=run.state().last_seq)
    return code


def _say(words: str) -> None:
    from cockpit.report.streams import say

    say(sys.stderr, words)  # if the line is gone: the journal has it all


def _leave(_number: int, _frame: FrameType | None) -> None:
    raise Left
