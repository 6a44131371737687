"""Which plans fit what is going on, and why (RQ-15)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from pydantic import JsonValue

from cockpit.model.alarm import Alarm, AlarmState
from cockpit.model.deployment import Deployment, DeploymentState
from cockpit.plans.expressions import ExpressionError, resolve
from cockpit.plans.schema import Plan, Signal


@dataclass(frozen=True, slots=True)
class Match:
    """A plan and what speaks for it.

    Attributes:
        reasons: one line for each signal that is there now; empty if nothing speaks for the plan.
        missing: what else the plan's trigger would look like.
    """

    plan: Plan
    reasons: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


def matching(
    plans: Iterable[Plan],
    alarms: Iterable[Alarm],
    deployments: Iterable[Deployment],
    scope_names: Mapping[str, JsonValue],
) -> tuple[Match, ...]:
    """Return every plan, those that match first.

    Order: share of the plan's signals that are there, then their number; last-resort plans after others that match
    equally well (RQ-17), then by title.

    Args:
        plans: sound plans.
        alarms: alarms of all states; those in ALARM count.
        deployments: deployments of the last day.
        scope_names: the configuration's ``names``, for patterns like ``{{ scope.names.syncwell.alarms }}``.
    """
    firing = tuple(alarm for alarm in alarms if alarm.state is AlarmState.ALARM)
    known = tuple(deployments)
    matches = [_match(plan, firing, known, scope_names) for plan in plans]
    return tuple(sorted(matches, key=_order))


def _order(match: Match) -> tuple[float, int, bool, str]:
    signals = len(match.reasons) + len(match.missing)
    share = len(match.reasons) / signals if signals else 0.0
    return (-share, -len(match.reasons), match.plan.last_resort, match.plan.title)


def _match(
    plan: Plan, firing: tuple[Alarm, ...], deployments: tuple[Deployment, ...], names: Mapping[str, JsonValue]
) -> Match:
    reasons: list[str] = []
    missing: list[str] = []
    for signal in plan.trigger.signals:
        evidence = _evidence(signal, firing, deployments, names)
        if evidence:
            reasons.append(f"{evidence}: {signal.why}")
        else:
            missing.append(signal.why)
    return Match(plan, tuple(reasons), tuple(missing))


def _evidence(
    signal: Signal, firing: tuple[Alarm, ...], deployments: tuple[Deployment, ...], names: Mapping[str, JsonValue]
) -> str:
    """Return what is there that the signal asks for, in words; empty if it is not there."""
    if signal.alarm is not None:
        pattern = _pattern(signal.alarm, names)
        found = [alarm.name for alarm in firing if pattern and fnmatchcase(alarm.name, pattern)]
        return _listed("alarm", found)
    application = _pattern(signal.application, names) if signal.application else "*"
    fitting = [
        deployment.deployment_id
        for deployment in deployments
        if _is(deployment, signal.deployment) and fnmatchcase(deployment.application, application)
    ]
    return _listed(f"{signal.deployment} deployment", fitting)


def _is(deployment: Deployment, wanted: str | None) -> bool:
    if wanted == "running":
        return deployment.state.is_running and deployment.state is not DeploymentState.UNKNOWN
    return deployment.state.value.lower() == wanted


def _pattern(template: str, names: Mapping[str, JsonValue]) -> str:
    """Return the pattern with the configuration's names in it; empty if they are not configured."""
    try:
        return str(resolve(template, {"scope": {"names": dict(names)}}))
    except ExpressionError:
        return ""


def _listed(what: str, names: list[str]) -> str:
    if not names:
        return ""
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    return f"{what} {names[0]}{more}"
