"""May the caller make every later mutation of the plan? Asked of IAM's simulator before the first one is made."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from cockpit.aws.access_levels import access_of
from cockpit.aws.parse import structure, structures, text
from cockpit.aws.port import AwsFailure, AwsPort, ReadFailed
from cockpit.engine.records import PreflightChecked
from cockpit.engine.resource_arns import ANY, resource_arn
from cockpit.engine.table_settings import SETTING_CALLS
from cockpit.model.effect import Effect
from cockpit.model.reading import FaultKind
from cockpit.model.scope import Scope
from cockpit.model.text import clean
from cockpit.plans.actions.aws import AwsSpec
from cockpit.plans.actions.carry_settings import CarrySettingsSpec
from cockpit.plans.expressions import ExpressionError, resolve
from cockpit.plans.schema import Plan, Step

Context = Mapping[str, JsonValue]
_TITLE = "The caller may make every later change"
_TITLE_MAYBE = "The caller may make the changes of steps that may be left out"


@dataclass(frozen=True, slots=True)
class NeededPermission:
    """One IAM action that a step needs.

    Attributes:
        where: the step in words: ``step 9 of 12 (Point the service at the restored table)``.
        arn: the resource; ``*`` if it is not known yet.
        certain: the step is always carried out: it has no ``when`` and cannot be skipped.
    """

    where: str
    action: str
    arn: str
    certain: bool


def needed_permissions(plan: Plan, scope: Scope, context: Context) -> Iterator[NeededPermission]:
    """Yield what the plan's mutations need, in the order of its steps; ways back (undo) after the way there."""
    for number, step in enumerate(plan.steps, 1):
        where = f"step {number} of {len(plan.steps)} ({clean(step.title)})"
        certain = step.when is None and not step.skippable
        for service, operation, params in _mutations(step):
            arn = resource_arn(service, _filled(params, context), scope)
            yield NeededPermission(where, _iam_action(service, operation), arn, certain)
        undo = step.undo.action if step.undo else None
        if isinstance(undo, AwsSpec):
            service, _, operation = undo.call.partition(":")
            arn = resource_arn(service, _filled(undo.params, context), scope)
            yield NeededPermission(f"undo of {where}", _iam_action(service, operation), arn, certain=False)


async def check_permissions(plan: Plan, scope: Scope, port: AwsPort, context: Context) -> Sequence[PreflightChecked]:
    """Ask IAM's policy simulator for every mutation of the plan.

    Denied for a step that is always carried out is blocking and names step and action. What IAM cannot tell, because
    the resource is not known yet or the caller may not ask, is `ok` None and not blocking.
    """
    needed = tuple(needed_permissions(plan, scope, context))
    if not needed:
        return ()
    try:
        principal = await _principal(port, scope)
        if not principal:
            words = f"could not be checked: IAM cannot simulate the permissions of {scope.role}"
            return (_checked("permissions", _TITLE, None, words, blocking=False),)
        verdicts = await _simulate(port, scope.region, principal, needed)
    except AwsFailure as failure:
        remedy = ""
        if isinstance(failure, ReadFailed) and failure.fault.kind is FaultKind.DENIED:
            remedy = " Allow iam:SimulatePrincipalPolicy and iam:GetRole to have it checked."
        return (_checked("permissions", _TITLE, None, f"could not be checked: {failure}{remedy}", blocking=False),)
    certain = _summary("permissions", _TITLE, [need for need in needed if need.certain], verdicts, blocking=True)
    maybe = [need for need in needed if not need.certain]
    if not maybe:
        return (certain,)
    return certain, _summary("permissions_of_optional_steps", _TITLE_MAYBE, maybe, verdicts, blocking=False)


def _mutations(step: Step) -> Iterator[tuple[str, str, Mapping[str, JsonValue]]]:
    if step.effect is Effect.READ:
        return
    if isinstance(step.action, AwsSpec):
        service, _, operation = step.action.call.partition(":")
        yield service, operation, step.action.params
    elif isinstance(step.action, CarrySettingsSpec):
        for service, operation in SETTING_CALLS:
            yield service, operation, {"TableName": step.action.restored_table}


def _iam_action(service: str, operation: str) -> str:
    access = access_of(service, service, operation)
    return access.action if access else f"{service}:{operation}"


def _filled(params: Mapping[str, JsonValue], context: Context) -> dict[str, JsonValue]:
    """Fill what can be filled before the first step; the rest is left out."""
    filled: dict[str, JsonValue] = {}
    for name, value in params.items():
        try:
            filled[name] = resolve(value, context)
        except ExpressionError:
            continue
    return filled


async def _principal(port: AwsPort, scope: Scope) -> str:
    """Return the ARN whose policies decide; empty for the root user and federated users, which IAM cannot simulate."""
    head, _, resource = scope.role.partition(f"::{scope.account}:")
    partition = head.split(":")[1] if head.count(":") else "aws"
    if resource.startswith("user/"):
        return f"arn:{partition}:iam::{scope.account}:{resource}"
    if not resource.startswith("assumed-role/"):
        return ""
    role = resource.split("/")[1]
    try:
        answer = await port.read("iam", "GetRole", scope.region, {"RoleName": role})
    except ReadFailed as failure:
        if failure.fault.kind is not FaultKind.DENIED:
            raise
        return f"arn:{partition}:iam::{scope.account}:role/{role}"  # right unless the role has a path
    return text(structure(answer.body, "Role"), "Arn")


_Verdicts = dict[tuple[str, str], str]


async def _simulate(port: AwsPort, region: str, principal: str, needed: Sequence[NeededPermission]) -> _Verdicts:
    """Return (action, ARN) to ``allowed``, ``denied`` or ``unknown``."""
    by_arn: dict[str, set[str]] = defaultdict(set)
    for need in needed:
        by_arn[need.arn].add(need.action)
    verdicts: _Verdicts = {}
    for arn, actions in by_arn.items():
        params: dict[str, JsonValue] = {
            "PolicySourceArn": principal,
            "ActionNames": list[JsonValue](sorted(actions)),
            "ResourceArns": [arn],
        }
        answer = await port.read("iam", "SimulatePrincipalPolicy", region, params, pages=True)
        for result in structures(answer.body, "EvaluationResults"):
            action = text(result, "EvalActionName").lower()
            verdicts[action, arn] = _verdict(
                text(result, "EvalDecision"), arn, bool(result.get("MissingContextValues"))
            )
    return verdicts


def _verdict(decision: str, arn: str, conditional: bool) -> str:
    """Read a decision: not being allowed for *every* resource is no denial for the one that is meant."""
    if decision == "allowed":
        return "allowed"
    if decision == "explicitDeny" and not conditional:
        return "denied"
    return "unknown" if conditional or arn == ANY or decision != "implicitDeny" else "denied"


def _summary(
    check: str, title: str, needed: Sequence[NeededPermission], verdicts: _Verdicts, *, blocking: bool
) -> PreflightChecked:
    found = [(need, verdicts.get((need.action.lower(), need.arn), "unknown")) for need in needed]
    denied = [f"{need.where} needs {need.action} on {need.arn}" for need, verdict in found if verdict == "denied"]
    if denied:
        return _checked(check, title, False, f"denied: {'; '.join(denied)}", blocking=blocking)
    unknown = sorted({need.action for need, verdict in found if verdict == "unknown"})
    if unknown:
        words = f"could not be checked before the resource is known: {', '.join(unknown)}; all others are allowed"
        return _checked(check, title, None, words, blocking=False)
    return _checked(check, title, True, f"{len({need.action for need in needed})} actions allowed", blocking=blocking)


def _checked(check: str, title: str, ok: bool | None, detail: str, *, blocking: bool) -> PreflightChecked:
    return PreflightChecked(id=check, title=title, ok=ok, blocking=blocking, detail=clean(detail))
