"""May the caller make every later call of the plan? Asked of IAM's simulator before the first change is made."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator, Sequence

from pydantic import JsonValue

from cockpit.aws.parse import structure, structures, text
from cockpit.aws.port import AwsFailure, AwsPort, ReadFailed
from cockpit.engine.permissions import Context, NeededPermission, needed_permissions
from cockpit.engine.records import PreflightChecked
from cockpit.engine.resource_arns import is_exact
from cockpit.model.reading import FaultKind
from cockpit.model.scope import Scope
from cockpit.model.text import clean
from cockpit.plans.schema import Plan

_PATIENCE = 10.0  # real seconds for one question: a recovery must not wait for a region that is gone
_TITLE = "The caller may make every later change"
_TITLE_MAYBE = "The caller may make the changes of steps that may be left out"
_TITLE_BESIDES = "The caller may make every later read, and what AWS does in the caller's name"
_Verdicts = dict[tuple[str, str], str]


async def check_permissions(plan: Plan, scope: Scope, port: AwsPort, context: Context) -> Sequence[PreflightChecked]:
    """Ask IAM's policy simulator for every call of a plan that changes something in AWS.

    A change that is denied for a step that is always carried out is blocking and names step and action. What IAM cannot
    tell, because the resource is not known yet or the caller may not ask, is `ok` None and not blocking.
    """
    needed = tuple(need for need in needed_permissions(plan, scope, context) if not need.condition)
    if not any(need.changes for need in needed):
        return ()
    try:
        principal = await _principal(port, scope)
        if not principal:
            words = f"could not be checked: IAM cannot simulate the permissions of {scope.role}"
            return (_checked("permissions", _TITLE, None, words, blocking=False),)
        verdicts = await _simulate(port, scope.region, principal, needed)
    except TimeoutError:
        words = f"could not be checked: IAM, which AWS runs in us-east-1, gave no answer within {_PATIENCE:g} s"
        return (_checked("permissions", _TITLE, None, words, blocking=False),)
    except AwsFailure as failure:
        remedy = ""
        if isinstance(failure, ReadFailed) and failure.fault.kind is FaultKind.DENIED:
            remedy = " Allow iam:SimulatePrincipalPolicy and iam:GetRole to have it checked."
        return (_checked("permissions", _TITLE, None, f"could not be checked: {failure}{remedy}", blocking=False),)
    return tuple(_summaries(needed, verdicts))


def _summaries(needed: Sequence[NeededPermission], verdicts: _Verdicts) -> Iterator[PreflightChecked]:
    changes = [need for need in needed if need.changes]
    groups = (
        ("permissions", _TITLE, [need for need in changes if need.certain], True),
        ("permissions_of_optional_steps", _TITLE_MAYBE, [need for need in changes if not need.certain], False),
        ("permissions_besides", _TITLE_BESIDES, [need for need in needed if not need.changes], False),
    )
    for check, title, group, blocking in groups:
        if group or check == "permissions":
            yield _summary(check, title, group, verdicts, blocking=blocking)


def permissions_of_the_check(scope: Scope) -> Iterator[NeededPermission]:
    """Yield what the check itself asks of IAM about the caller, whose name only a run knows."""
    account = scope.account or "*"
    for action, kinds in (("iam:GetRole", ("role",)), ("iam:SimulatePrincipalPolicy", ("role", "user"))):
        for kind in kinds:
            yield NeededPermission(
                "the preflight", action, f"arn:aws:iam::{account}:{kind}/*", certain=True, changes=False
            )


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
        async with asyncio.timeout(_PATIENCE):
            answer = await port.read("iam", "GetRole", scope.region, {"RoleName": role})
    except ReadFailed as failure:
        if failure.fault.kind is not FaultKind.DENIED:
            raise
        return f"arn:{partition}:iam::{scope.account}:role/{role}"  # right unless the role has a path
    return text(structure(answer.body, "Role"), "Arn")


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
        async with asyncio.timeout(_PATIENCE):
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
    return "denied" if decision == "implicitDeny" and is_exact(arn) and not conditional else "unknown"


def _summary(
    check: str, title: str, needed: Sequence[NeededPermission], verdicts: _Verdicts, *, blocking: bool
) -> PreflightChecked:
    found = [(need, verdicts.get((need.action.lower(), need.arn), "unknown")) for need in needed]
    refused = (f"{need.where} needs {need.action} on {need.arn}" for need, verdict in found if verdict == "denied")
    denied = tuple(dict.fromkeys(refused))
    if denied:
        return _checked(check, title, False, f"denied: {'; '.join(denied)}", blocking=blocking)
    unknown = sorted({need.action for need, verdict in found if verdict == "unknown"})
    if unknown:
        words = f"could not be checked before the resource is known: {', '.join(unknown)}; all others are allowed"
        return _checked(check, title, None, words, blocking=False)
    return _checked(check, title, True, f"{len({need.action for need in needed})} actions allowed", blocking=blocking)


def _checked(check: str, title: str, ok: bool | None, detail: str, *, blocking: bool) -> PreflightChecked:
    return PreflightChecked(id=check, title=title, ok=ok, blocking=blocking, detail=clean(detail))
