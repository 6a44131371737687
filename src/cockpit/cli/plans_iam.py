"""``cockpit plans iam``: the least-privilege policy for running plans. Reads files only; no network."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from pydantic import JsonValue

    from cockpit.config.schema import Config, Environment
    from cockpit.engine.permissions import NeededPermission
    from cockpit.model.scope import Scope
    from cockpit.plans.schema import Plan

_UNKNOWN = "unknown"


@click.command("iam")
@click.argument("names", nargs=-1, required=True, metavar="PLAN...")
@click.option("--env", "environment_name", help="Environment of cockpit.toml (default: its default).")
@click.option("--region", help="AWS region of the runs (default: the environment's first).")
@click.option("--config", "config_path", type=click.Path(path_type=Path), help="Configuration file.")
@click.option("--input", "given", multiple=True, metavar="NAME=VALUE", help="Set an input of the plans; repeatable.")
def command(
    *,
    names: tuple[str, ...],
    environment_name: str | None,
    region: str | None,
    config_path: Path | None,
    given: tuple[str, ...],
) -> None:
    """Print the least-privilege IAM policy for running these plans, as JSON.

    Resources are named as far as the configuration and --input name them. What stands on * and why is said on standard
    error. Exit code: 0, or 2 for bad input.
    """
    from cockpit.cli.driving import chosen_plan, given_inputs
    from cockpit.engine.iam_policy import SIZE_LIMIT, policy_of

    place = _place(config_path, environment_name, region)
    plans = [chosen_plan(name, place.config) for name in dict.fromkeys(names)]
    inputs = given_inputs(given, plans)
    policy = policy_of(need for plan in plans for need in _needed(plan, place, inputs))
    click.echo(json.dumps(policy.document, indent=2))
    size = len(json.dumps(policy.document, separators=(",", ":")))
    remarks = [*_places(place), *policy.remarks, *(line for plan in plans for line in _beyond(plan))]
    if size > SIZE_LIMIT:
        remarks.append(f"It has {size} characters; one managed policy may have {SIZE_LIMIT}: attach it in parts.")
    for remark in remarks:
        click.echo(remark, err=True)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the plans are to be run, as far as it is known."""

    config: "Config"
    name: str
    environment: "Environment"
    region: str


def _place(config_path: Path | None, environment_name: str | None, region: str | None) -> _Place:
    """Return the configured place; without any configuration one that says nothing."""
    from cockpit.cli.driving import chosen_environment
    from cockpit.config.paths import find_config
    from cockpit.config.schema import Config, Environment
    from cockpit.model.scope import EnvironmentKind

    if find_config(config_path) is None and environment_name is None:
        nowhere = Environment.model_construct(kind=EnvironmentKind.DRILL, regions=(region or "",))
        return _Place(Config.model_construct(environments={}, plans=()), _UNKNOWN, nowhere, region or "")
    config, name, environment = chosen_environment(config_path, environment_name)
    return _Place(config, name, environment, region or environment.regions[0])


def _needed(plan: "Plan", place: _Place, given: "dict[str, JsonValue]") -> "Iterator[NeededPermission]":
    """Yield what the plan's calls need, and what the check before a run asks of IAM itself."""
    from cockpit.engine.inputs import offer_inputs
    from cockpit.engine.permissions import needed_permissions
    from cockpit.engine.preflight_permissions import permissions_of_the_check

    scope = _scope(place)
    offered = offer_inputs(plan, place.name, place.environment, place.region, scope)
    inputs: dict[str, JsonValue] = {offer.name: offer.value for offer in offered if offer.value is not None}
    inputs |= {name: value for name, value in given.items() if name in plan.inputs}
    context: dict[str, JsonValue] = {"inputs": inputs, "scope": _scope_names(place), "plan": {"id": plan.id}}
    needed = tuple(needed_permissions(plan, scope, context))
    yield from needed
    if any(need.changes for need in needed):
        yield from permissions_of_the_check(scope)


def _scope(place: _Place) -> "Scope":
    from cockpit.model.scope import Scope

    return Scope(place.name, place.environment.kind, place.environment.account or "", place.region, "")


def _scope_names(place: _Place) -> "dict[str, JsonValue]":
    from cockpit.engine.context import scope_context

    names: dict[str, JsonValue] = {system: dict(values) for system, values in place.environment.names.items()}
    known = scope_context(_scope(place), names)
    return {name: value for name, value in known.items() if value}


def _places(place: _Place) -> Iterator[str]:
    if not place.environment.account:
        yield "No account is configured: it stands as * in every ARN. Name an environment with --env."
    if not place.region:
        yield "No region is configured: it stands as * in every ARN."


def _beyond(plan: "Plan") -> Iterator[str]:
    """Say what a policy for the plan's own calls cannot cover."""
    from cockpit.model.text import clean
    from cockpit.plans.actions.shell import ShellSpec
    from cockpit.plans.called import called_by

    programs = dict.fromkeys(step.action.argv[0] for step in plan.steps if isinstance(step.action, ShellSpec))
    calls = {call.service for call in called_by(plan)}
    if not calls:
        yield f"{plan.id} calls nothing of AWS but sts:GetCallerIdentity, which everybody may."
    if programs:
        words = ", ".join(clean(name) for name in programs)
        yield f"{plan.id} runs {words}: what they call of AWS is not in this policy."
    if "cloudformation" in calls:
        yield (
            f"{plan.id} works on CloudFormation stacks: a stack without a role of its own changes its resources with "
            "the caller's permissions, which are not in this policy."
        )
