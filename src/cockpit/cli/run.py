"""`cockpit run`: a plan in plain lines, for pipes, scripts, dumb terminals and screen readers."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from pydantic import JsonValue

    from cockpit.config.schema import Environment
    from cockpit.engine.answers import Answers
    from cockpit.plans.schema import Plan


@click.command("run", help="Run a plan in plain lines, without the full screen.")
@click.argument("plan")
@click.option("--env", "environment_name", help="Environment of cockpit.toml (default: its default).")
@click.option("--region", help="AWS region of the run (default: the environment's first).")
@click.option("--config", "config_path", type=click.Path(path_type=Path), help="Configuration file.")
@click.option("--input", "given", multiple=True, metavar="NAME=VALUE", help="Set an input of the plan; repeatable.")
@click.option(
    "--answers",
    "answers_path",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Run without a person: prompts are answered from a file. For drills and tests, never in production.",
)
@click.option("--dry-run", is_flag=True, help="Show every call and its `aws` command; send nothing, ask nothing.")
def command(
    *,
    plan: str,
    environment_name: str | None,
    region: str | None,
    config_path: Path | None,
    given: tuple[str, ...],
    answers_path: Path | None,
    dry_run: bool,
) -> None:
    """Start a run, or outline it with --dry-run. Exit code: 0 finished, 1 not finished, 2 nothing was started.

    With --answers, a run that finished without using every answer ends with exit code 1.
    """
    from cockpit.cli.driving import (
        chosen_answers,
        chosen_environment,
        chosen_plan,
        given_inputs,
        refuse_unattended,
    )

    config, name, environment = chosen_environment(config_path, environment_name)
    if answers_path is not None:
        refuse_unattended(name, environment.kind)
    found = chosen_plan(plan, config)
    answers = chosen_answers(answers_path, found)
    where = region or environment.regions[0]
    inputs = {**(answers.inputs if answers else {}), **given_inputs(given, [found])}
    if dry_run:
        _outline(_Start(found, name, environment, where, inputs))
        return
    sys.exit(_run(_Start(found, name, environment, where, inputs), answers))


@dataclass(frozen=True, slots=True)
class _Start:
    """What a run is started with."""

    plan: "Plan"
    name: str
    environment: "Environment"
    region: str
    inputs: "dict[str, JsonValue]"


def _outline(start: _Start) -> None:
    from cockpit.cli.driving import fail
    from cockpit.engine.call_book import AwsCallBook
    from cockpit.engine.context import scope_context
    from cockpit.engine.errors import StartRefused
    from cockpit.engine.inputs import set_inputs
    from cockpit.engine.outline import Outliner
    from cockpit.model.scope import Scope
    from cockpit.report.outline_lines import outline_lines, plan_lines

    plan, name, environment, region = start.plan, start.name, start.environment, start.region
    try:
        values = set_inputs(plan, name, environment, region, start.inputs)
    except StartRefused as refused:
        fail(*refused.problems)
    scope = Scope(name, environment.kind, environment.account or "", region, "")
    names: dict[str, JsonValue] = {system: dict(given) for system, given in environment.names.items()}
    context: dict[str, JsonValue] = {
        "inputs": {value.name: value.value for value in values},
        "scope": scope_context(scope, names),
        "plan": {"id": plan.id, "title": plan.title},
    }
    outliner = Outliner(context, region, AwsCallBook())
    lines = [
        *plan_lines(plan),
        f"DRY RUN on {name} ({environment.kind.value}), account {environment.account or 'not set'}, {region}:",
        "nothing is sent; what stands in <brackets> is known only at run time.",
        *outline_lines(plan, (outliner.outline(step) for step in plan.steps)),
    ]
    click.echo("\n".join(lines))


def _run(start: _Start, answers: "Answers | None") -> int:
    from cockpit.cli.driving import armed_by, drive, fail, port_maker, run_clock
    from cockpit.config.paths import state_folder
    from cockpit.engine.driver import operator_name, start_run
    from cockpit.engine.errors import EngineError, StartRefused
    from cockpit.engine.inputs import set_inputs
    from cockpit.report.outline_lines import plan_lines

    plan, name, environment, region = start.plan, start.name, start.environment, start.region
    try:
        values = set_inputs(plan, name, environment, region, start.inputs)
        click.echo("\n".join(plan_lines(plan)))
        for value in values:
            click.echo(f"  {value.name} = {value.value} ({value.basis})")
        account = environment.account or "not set"
        click.echo(f"LIVE RUN on {name} ({environment.kind.value.upper()}), account {account}, {region}.")
        clock = run_clock()
        run = start_run(
            plan=plan,
            environment_name=name,
            environment=environment,
            region=region,
            operator=operator_name(),
            inputs=start.inputs,
            mode="live",
            typed_environment=armed_by(name, answers),
            clock=clock,
            make_port=port_maker(environment, clock),
            runs_folder=state_folder(environment.kind) / "runs",
        )
    except StartRefused as refused:
        fail(*refused.problems)
    except EngineError as error:
        fail(str(error))
    except KeyboardInterrupt:
        fail("Nothing was started.")
    return drive(run, answers)
