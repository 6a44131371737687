"""The values a plan needs before it starts: offered from the configuration, checked, never empty (RQ-24)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from cockpit.config.schema import Environment
from cockpit.engine.context import scope_context
from cockpit.engine.errors import StartRefused
from cockpit.engine.records import InputSet
from cockpit.model.scope import Scope
from cockpit.plans.expressions import ExpressionError, resolve
from cockpit.plans.schema import Plan, PlanInput

FROM_OPERATOR, FROM_PLAN = "given by the operator", "default of the plan"


@dataclass(frozen=True, slots=True)
class InputOffer:
    """What stands in an input's field before anybody types. `problem` says why nothing could be offered."""

    name: str
    title: str
    value: JsonValue = None
    problem: str = ""


def offer_inputs(
    plan: Plan, environment_name: str, environment: Environment, region: str, scope: Scope | None = None
) -> tuple[InputOffer, ...]:
    """Return the offered value of every input, in the plan's order. Asks nobody: the configuration is enough."""
    place = scope or Scope(environment_name, environment.kind, environment.account or "", region, "")
    context: dict[str, JsonValue] = {"scope": scope_context(place, _names(environment))}
    return tuple(_offer(name, wanted, context) for name, wanted in plan.inputs.items())


def set_inputs(
    plan: Plan,
    environment_name: str,
    environment: Environment,
    region: str,
    given: Mapping[str, JsonValue],
) -> tuple[InputSet, ...]:
    """Return a record for every input: what was given, else what is offered.

    Raises:
        StartRefused: an input is unknown, missing, empty or of the wrong type; all of them at once.
    """
    problems = [f"The plan has no input {name}." for name in given if name not in plan.inputs]
    records: list[InputSet] = []
    for offer in offer_inputs(plan, environment_name, environment, region):
        wanted = plan.inputs[offer.name]
        value, basis = (given[offer.name], FROM_OPERATOR) if offer.name in given else (offer.value, FROM_PLAN)
        checked, problem = _checked(wanted, value)
        if problem and offer.name not in given and offer.problem:
            problem = f"{problem} ({offer.problem})"
        if problem:
            problems.append(f"Input {offer.name} ({wanted.title}): {problem}")
        records.append(InputSet(name=offer.name, value=checked, basis=basis))
    if problems:
        raise StartRefused(*problems)
    return tuple(records)


def _names(environment: Environment) -> dict[str, JsonValue]:
    return {system: dict(names) for system, names in environment.names.items()}


def _offer(name: str, wanted: PlanInput, context: Mapping[str, JsonValue]) -> InputOffer:
    if wanted.default is None:
        return InputOffer(name, wanted.title)
    try:
        return InputOffer(name, wanted.title, resolve(wanted.default, context))
    except ExpressionError as error:
        return InputOffer(name, wanted.title, problem=f"the configuration does not give it: {error}")


def _checked(wanted: PlanInput, value: JsonValue) -> tuple[JsonValue, str]:
    """Return the value in the input's type, and what is wrong with it."""
    if value is None or value in ([], {}) or (isinstance(value, str) and not value.strip()):
        return None, "it must be set" if wanted.required else ""
    if wanted.type in _CONVERTED:
        return _CONVERTED[wanted.type](value)
    return str(value), "" if isinstance(value, str | int | float) else "it must be a text"


def _as_integer(value: JsonValue) -> tuple[JsonValue, str]:
    try:
        return int(str(value)), ""
    except ValueError:
        return value, f"{value!r} is no whole number"


def _as_list(value: JsonValue) -> tuple[JsonValue, str]:
    if isinstance(value, str):
        value = [item.strip() for item in value.split(",") if item.strip()]
    return value, "" if isinstance(value, list) else "it must be a list"


def _as_map(value: JsonValue) -> tuple[JsonValue, str]:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return value, "it must be a map, written in JSON"
    return value, "" if isinstance(value, dict) else "it must be a map"


_CONVERTED = {"integer": _as_integer, "list": _as_list, "map": _as_map}
