"""What a run of a plan needs of IAM: actions and resources, for the check before a run and for policies."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from pydantic import JsonValue

from cockpit.aws.catalogue import shared_catalogue
from cockpit.aws.iam_dependents import dependents
from cockpit.aws.read_list import is_read
from cockpit.engine.resource_arns import ANY, resource_arns
from cockpit.model.scope import Scope
from cockpit.model.text import clean
from cockpit.plans.called import Called, called_by
from cockpit.plans.expressions import ExpressionError, is_left_out, resolve, segments
from cockpit.plans.schema import Plan

Context = Mapping[str, JsonValue]
Condition = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class NeededPermission:
    """One IAM action on one resource.

    Attributes:
        where: the step in words: ``step 9 of 12 (Point the service at the restored table)``.
        arn: the resource; ``*`` stands for what is not known yet.
        certain: the step is always carried out: it has no ``when`` and cannot be skipped.
        changes: the call itself changes something; False: a read, or what AWS does in the caller's name besides.
        condition: what narrows it further, as a policy has it.
    """

    where: str
    action: str
    arn: str
    certain: bool
    changes: bool = True
    condition: Condition = field(default_factory=dict)


def needed_permissions(plan: Plan, scope: Scope, context: Context) -> Iterator[NeededPermission]:
    """Yield what the plan's calls need: preflight, then step by step; ways back (undo) after the way there.

    Args:
        plan: what is run.
        scope: where; empty parts become ``*``.
        context: what expressions see; what it does not have becomes ``*``.
    """
    places = {
        step.id: f"step {number} of {len(plan.steps)} ({clean(step.title)})"
        for number, step in enumerate(plan.steps, 1)
    }
    for call in called_by(plan):
        where = places[call.step.id] if call.step else "the preflight"
        where = f"undo of {where}" if call.undo else where
        certain = not call.undo and (call.step is None or (call.step.when is None and not call.step.skippable))
        params = patterned(dict(call.params), context)
        known = params if isinstance(params, dict) else {}
        region = str(patterned(call.region, context)) if call.region else scope.region
        changes = not is_read(call.service, call.operation)
        for arn in resource_arns(iam_action(call), known, scope, region):
            yield NeededPermission(where, iam_action(call), arn, certain, changes)
        for further in dependents(call.service, call.operation, known):
            condition = {
                operator: {key: value.format(region=region or ANY) for key, value in keys.items()}
                for operator, keys in further.condition.items()
            }
            for arn in resource_arns(further.action, further.params, scope, region):
                yield NeededPermission(where, further.action, arn, certain, changes=False, condition=condition)


def iam_action(call: Called) -> str:
    """Return the IAM action of a call; the operation's own name if IAM's list does not know it."""
    access = shared_catalogue().access(call.service, call.operation)
    return access.action if access else call.name


def patterned(value: JsonValue, context: Context) -> JsonValue:
    """Fill the templates in a value as far as they are known; ``*`` stands for the rest."""
    if isinstance(value, str):
        return _patterned_text(value, context)
    if isinstance(value, list):
        return [patterned(item, context) for item in value if not _is_absent(item, context)]
    if isinstance(value, dict):
        return {key: patterned(item, context) for key, item in value.items() if not _is_absent(item, context)}
    return value


def _patterned_text(text: str, context: Context) -> JsonValue:
    try:
        return resolve(text, context)
    except ExpressionError:
        return "".join(_piece(part.text, context) if part.is_expression else part.text for part in segments(text))


def _piece(source: str, context: Context) -> str:
    try:
        return str(resolve("{{ " + source + " }}", context))
    except ExpressionError:
        return ANY


def _is_absent(value: JsonValue, context: Context) -> bool:
    """Tell whether a value that may be absent is known to be: its names are in the context."""
    try:
        return is_left_out(value, context)
    except ExpressionError:
        return False
