"""Denials in a table's resource policy, as far as the simulator evaluates policies."""

import json
from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import Any

from cockpit.sim.errors import AwsError, NotSimulated

_CONDITIONS: dict[str, Callable[[str, str], bool]] = {
    "StringEquals": lambda value, wanted: value == wanted,
    "ArnEquals": fnmatchcase,
    "StringLike": fnmatchcase,
    "ArnLike": fnmatchcase,
}


def check_policy(document: str) -> None:
    """Refuse a policy that cannot be read, or whose denials rest on something that is not simulated.

    Raises:
        AwsError: not JSON, or not a policy.
        NotSimulated: a condition on anything but the caller's ARN, or one of NotAction, NotResource, NotPrincipal.
    """
    for statement in _denials(document):
        inverted = [name for name in ("NotAction", "NotResource", "NotPrincipal") if name in statement]
        if inverted:
            raise NotSimulated(f"a resource policy that denies by {', '.join(inverted)}")
        for operator, clauses in statement.get("Condition", {}).items():
            if set(clauses) != {"aws:PrincipalArn"} or operator.replace("Not", "") not in _CONDITIONS:
                raise NotSimulated(f"a resource policy with the condition {operator} on {sorted(clauses)}")


def denies(document: str, principal: str, action: str, resource: str) -> bool:
    """Tell whether a policy denies a caller (ARN) an action (``dynamodb:PutItem``) on a resource (ARN)."""
    return any(
        _matches(statement.get("Action"), action.lower(), lower=True)
        and _matches(statement.get("Resource"), resource)
        and _is_meant(statement.get("Principal"), principal)
        and _holds(statement.get("Condition", {}), principal)
        for statement in _denials(document)
    )


def _denials(document: str) -> list[dict[str, Any]]:
    try:
        statements = json.loads(document)["Statement"]
    except (ValueError, KeyError, TypeError):
        raise AwsError("ValidationException", "The resource policy is not a valid policy document.") from None
    listed = statements if isinstance(statements, list) else [statements]
    return [statement for statement in listed if statement.get("Effect") == "Deny"]


def _matches(patterns: str | list[str] | None, value: str, *, lower: bool = False) -> bool:
    if patterns is None:
        return False
    listed = [patterns] if isinstance(patterns, str) else patterns
    return any(fnmatchcase(value, pattern.lower() if lower else pattern) for pattern in listed)


def _is_meant(principals: str | dict[str, str | list[str]] | None, caller: str) -> bool:
    """Tell whether the caller is among the principals; the account's root stands for everybody in it."""
    if principals is None or principals == "*":
        return principals == "*"
    named = principals.get("AWS", []) if isinstance(principals, dict) else [principals]
    account = caller.split(":")[4]
    for name in [named] if isinstance(named, str) else named:
        if name in ("*", caller, account) or name == f"arn:aws:iam::{account}:root":
            return True
    return False


def _holds(condition: dict[str, Any], caller: str) -> bool:
    for operator, clauses in condition.items():
        compare = _CONDITIONS[operator.replace("Not", "")]
        wanted = clauses["aws:PrincipalArn"]
        among = any(compare(caller, one) for one in ([wanted] if isinstance(wanted, str) else wanted))
        if among == ("Not" in operator):
            return False
    return True
