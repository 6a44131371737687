"""How a metric alarm decides: M of the last N datapoints, and what a missing one counts for."""

import json
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cockpit.sim import metric_math
from cockpit.sim.errors import AwsError
from cockpit.sim.metrics import MetricKey, MetricStore

LOOK_BACK = 2  # further periods that CloudWatch looks at when datapoints are missing

_COMPARISONS: dict[str, tuple[Callable[[float, float], bool], str]] = {
    "GreaterThanThreshold": (operator.gt, "greater than"),
    "GreaterThanOrEqualToThreshold": (operator.ge, "greater than or equal to"),
    "LessThanThreshold": (operator.lt, "less than"),
    "LessThanOrEqualToThreshold": (operator.le, "less than or equal to"),
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an evaluation came to. `asleep`: there was no datapoint at all, so only new data can change it."""

    state: str
    reason: str
    data: str
    asleep: bool


def key_of(region: str, metric: Mapping[str, Any]) -> MetricKey:
    """Return the key of a metric given by Namespace, MetricName and Dimensions."""
    dimensions = tuple(sorted((d["Name"], d["Value"]) for d in metric.get("Dimensions") or ()))
    return MetricKey(region, metric["Namespace"], metric["MetricName"], dimensions)


def watched(region: str, settings: Mapping[str, Any]) -> tuple[MetricKey, ...]:
    """Return the metrics an alarm depends on."""
    if settings.get("Metrics"):
        return tuple(key_of(region, q["MetricStat"]["Metric"]) for q in settings["Metrics"] if q.get("MetricStat"))
    return (key_of(region, settings),)


def period_of(settings: Mapping[str, Any]) -> int:
    """Return an alarm's period in seconds."""
    queries = settings.get("Metrics")
    if not queries:
        return int(settings["Period"])
    return int(next(q["MetricStat"]["Period"] for q in queries if q.get("MetricStat")))


def check(settings: Mapping[str, Any]) -> None:
    """Refuse an alarm that cannot be evaluated here.

    Raises:
        AwsError: no metric, no period, or a comparison (such as anomaly detection) that is not simulated.
    """
    if settings.get("ComparisonOperator") not in _COMPARISONS or "Threshold" not in settings:
        raise AwsError("ValidationError", f"The comparison {settings.get('ComparisonOperator')} is not simulated.")
    if not settings.get("Metrics") and not {"MetricName", "Namespace", "Period"} <= set(settings):
        raise AwsError("ValidationError", "MetricName, Namespace and Period, or Metrics, must be given.")


def evaluate(store: MetricStore, region: str, settings: Mapping[str, Any], now: datetime, state: str) -> Verdict:
    """Decide an alarm's state at a moment; `state` is the one it is in."""
    periods = int(settings["EvaluationPeriods"])
    values = _datapoints(store, region, settings, now.timestamp(), periods + LOOK_BACK)
    present = [(at, value) for at, value in values if value is not None]
    if not present:
        treated = {"notBreaching": "OK", "breaching": "ALARM", "ignore": state}
        missing = settings.get("TreatMissingData") or "missing"
        new = treated.get(missing, "INSUFFICIENT_DATA")
        reason = f"no datapoints were received for {periods} periods and {periods} missing datapoints were treated as"
        words = {"OK": "NonBreaching", "ALARM": "Breaching"}.get(new, "Missing")
        return Verdict(new, f"Threshold Crossed: {reason} [{words}].", "{}", asleep=True)
    return _judge(settings, present, values[:periods], now, state)


def _judge(
    settings: Mapping[str, Any],
    present: list[tuple[float, float]],
    recent: list[tuple[float, float | None]],
    now: datetime,
    state: str,
) -> Verdict:
    """Decide from the datapoints, newest first; `recent` are those of the evaluation periods, gaps included."""
    periods = len(recent)
    needed = int(settings.get("DatapointsToAlarm") or periods)
    threshold = float(settings["Threshold"])
    compare, words = _COMPARISONS[settings["ComparisonOperator"]]
    used = present[:periods]
    gaps = periods - len(used)
    breaching = [(at, value) for at, value in used if compare(value, threshold)]
    missing = settings.get("TreatMissingData") or "missing"
    bad = len(breaching) + (gaps if missing == "breaching" else 0)
    if bad >= needed:
        new = "ALARM"
    elif missing == "ignore" and gaps and bad + gaps >= needed:
        new = state
    else:
        new = "OK"
    shown = breaching if new == "ALARM" else used
    listed = ", ".join(f"{value:g} ({datetime.fromtimestamp(at, UTC):%d/%m/%y %H:%M:%S})" for at, value in shown)
    crossed = "were" if len(shown) != 1 else "was"
    negation = "" if new == "ALARM" else " not"
    reason = (
        f"Threshold Crossed: {len(shown)} out of the last {periods} datapoints [{listed}] {crossed}{negation} {words}"
        f" the threshold ({threshold:g}) (minimum {needed} datapoint{'s'[: needed > 1]} for"
        f" {'OK -> ALARM' if new == 'ALARM' else 'ALARM -> OK'} transition)."
    )
    data = {
        "version": "1.0",
        "queryDate": now.isoformat(),
        "statistic": settings.get("Statistic") or settings.get("ExtendedStatistic"),
        "period": period_of(settings),
        "recentDatapoints": [value for _, value in reversed(used)],
        "threshold": threshold,
    }
    return Verdict(new, reason, json.dumps(data), asleep=False)


def _datapoints(
    store: MetricStore, region: str, settings: Mapping[str, Any], now: float, count: int
) -> list[tuple[float, float | None]]:
    """Return the last `count` datapoints, newest first, by start of their period; None where there is none."""
    period = period_of(settings)
    starts = [now - period * (index + 1) for index in range(count)]
    if not settings.get("Metrics"):
        statistic = settings.get("Statistic") or settings.get("ExtendedStatistic") or "Average"
        return list(_of_metric(store, key_of(region, settings), statistic, starts, period).items())
    queries: dict[str, metric_math.Points] = {}
    result = ""
    for query in sorted(settings["Metrics"], key=lambda q: "Expression" in q):
        if query.get("MetricStat"):
            stat = query["MetricStat"]
            found = _of_metric(store, key_of(region, stat["Metric"]), stat["Stat"], starts, period)
            queries[query["Id"]] = {int(at): value for at, value in found.items() if value is not None}
        else:
            queries[query["Id"]] = metric_math.evaluate(query["Expression"], queries)
        if query.get("ReturnData", True):
            result = query["Id"]
    if not result:
        raise AwsError("ValidationError", "Exactly one element of Metrics must return data.")
    return [(at, queries[result].get(int(at))) for at in starts]


def _of_metric(
    store: MetricStore, key: MetricKey, statistic: str, starts: list[float], period: int
) -> dict[float, float | None]:
    windows = {at: store.window(key, at, at + period) for at in starts}
    return {at: bucket.statistic(statistic) if bucket else None for at, bucket in windows.items()}
