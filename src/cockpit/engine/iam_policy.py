"""The least that IAM must allow for running plans, as a policy document. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from pydantic import JsonValue

from cockpit.engine.permissions import NeededPermission
from cockpit.engine.resource_arns import ANY, is_exact

VERSION = "2012-10-17"  # of the policy language; AWS has no newer one
SIZE_LIMIT = 6144  # characters without white space that a managed policy may have (IAM quotas, AWS documentation)

_Condition = tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class IamPolicy:
    """A policy and what its reader should know.

    Attributes:
        document: as JSON has it; equal needs give equal documents.
        remarks: sentences on what stands on ``*`` and why.
    """

    document: dict[str, JsonValue]
    remarks: tuple[str, ...]


def policy_of(needed: Iterable[NeededPermission]) -> IamPolicy:
    """Return the policy with the fewest statements that allows exactly what is needed."""
    resources: dict[tuple[str, _Condition], set[str]] = defaultdict(set)
    for need in needed:
        resources[need.action, _flat(need)].add(need.arn)
    grouped: dict[tuple[tuple[str, ...], _Condition], set[str]] = defaultdict(set)
    for (action, condition), found in resources.items():
        grouped[tuple(sorted(_widest(found))), condition].add(action)
    statements: list[JsonValue] = []
    for (arns, condition), actions in sorted(grouped.items(), key=lambda each: (sorted(each[1]), each[0])):
        statements.append(_statement(len(statements) + 1, sorted(actions), arns, condition))
    if not statements:  # IAM takes no policy without one; this needs no permission and harms nobody
        statements.append(_statement(1, ["sts:GetCallerIdentity"], (ANY,), ()))
    return IamPolicy({"Version": VERSION, "Statement": statements}, tuple(_remarks(grouped)))


def _statement(number: int, actions: Sequence[str], arns: Sequence[str], condition: _Condition) -> dict[str, JsonValue]:
    services = sorted({action.partition(":")[0] for action in actions})
    name = "".join(part.title() for part in services[0].split("-")) if len(services) == 1 else "Several"
    statement: dict[str, JsonValue] = {
        "Sid": f"Statement{number}{name}{'Any' if tuple(arns) == (ANY,) else ''}",
        "Effect": "Allow",
        "Action": list(actions),
        "Resource": list(arns),
    }
    if condition:
        operators: dict[str, JsonValue] = {}
        for operator, key, value in condition:
            operators[operator] = {key: value}
        statement["Condition"] = operators
    return statement


def _flat(need: NeededPermission) -> _Condition:
    return tuple((operator, key, value) for operator, keys in need.condition.items() for key, value in keys.items())


def _widest(arns: set[str]) -> set[str]:
    """Leave out what another pattern allows already."""
    return {arn for arn in arns if not any(other != arn and fnmatchcase(arn, other) for other in arns)}


def _remarks(grouped: dict[tuple[tuple[str, ...], _Condition], set[str]]) -> Iterable[str]:
    anywhere = sorted(action for (arns, _), actions in grouped.items() if arns == (ANY,) for action in actions)
    if anywhere:
        yield f"On every resource, because IAM knows none for them or asks for all: {', '.join(anywhere)}."
    guessed = {
        action
        for (arns, _), actions in grouped.items()
        if arns != (ANY,) and not all(is_exact(arn) for arn in arns)
        for action in actions
    }
    if guessed:
        yield f"With * for names that only the run or AWS gives: {', '.join(sorted(guessed))}."
