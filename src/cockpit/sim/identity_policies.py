"""IAM policy documents evaluated as far as the preflight of a plan needs: actions, resources, allow and deny.

Conditions are not evaluated: a statement that has some does not match, and its keys are named as missing.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

ALLOW_ALL = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}'


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the policies say about one action on one resource.

    Attributes:
        decision: allowed, explicitDeny or implicitDeny.
        missing_context: condition keys that might have changed the decision.
    """

    decision: str
    missing_context: tuple[str, ...] = ()


def decide(documents: Iterable[str], action: str, resource: str) -> Verdict:
    """Return whether policies, given as JSON, allow an action on a resource: a deny beats every allow."""
    decision, missing = "implicitDeny", set[str]()
    for document in documents:
        for statement in _list(json.loads(document).get("Statement", [])):
            if not _concerns(statement, action, resource):
                continue
            if statement.get("Condition"):
                missing |= {key for keys in statement["Condition"].values() for key in keys}
            elif statement["Effect"] == "Deny":
                return Verdict("explicitDeny")
            else:
                decision = "allowed"
    return Verdict(decision, tuple(sorted(missing)))


def _concerns(statement: dict[str, Any], action: str, resource: str) -> bool:
    """Tell whether a statement speaks of this action on this resource."""
    if "NotAction" in statement:
        actions = not _matches(statement["NotAction"], action.lower(), lower=True)
    else:
        actions = _matches(statement.get("Action", []), action.lower(), lower=True)
    if "NotResource" in statement:
        return actions and not _matches(statement["NotResource"], resource)
    return actions and _matches(statement.get("Resource", "*"), resource)


def _matches(patterns: Any, value: str, *, lower: bool = False) -> bool:
    """Tell whether a value fits one of the patterns with ``*`` and ``?``."""
    for pattern in _list(patterns):
        text = re.escape(pattern.lower() if lower else pattern).replace(r"\*", ".*").replace(r"\?", ".")
        if re.fullmatch(text, value, re.DOTALL):
            return True
    return False


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
