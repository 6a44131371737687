"""CloudWatch answers to alarms, their history and their metrics."""

from __future__ import annotations  # JsonValue is for checkers only: `cockpit status` must not pay for pydantic

import json
from typing import TYPE_CHECKING

from cockpit.aws.parse import integer, moment, number, structure, structures, text
from cockpit.model.alarm import Alarm, AlarmState, AlarmTransition, MetricRef, Series

if TYPE_CHECKING:
    from pydantic import JsonValue

ALARM_LISTS = ("MetricAlarms", "CompositeAlarms", "LogAlarms")


def parse_alarms(body: dict[str, JsonValue], region: str) -> list[Alarm]:
    """Return the alarms of a DescribeAlarms answer, in its order."""
    return [parse_alarm(item, region) for kind in ALARM_LISTS for item in structures(body, kind)]


def parse_alarm(item: dict[str, JsonValue], region: str) -> Alarm:
    """Return one alarm of any kind."""
    return Alarm(
        name=text(item, "AlarmName"),
        region=region,
        state=_state(item.get("StateValue")) or AlarmState.UNKNOWN,
        raw_state=text(item, "StateValue"),
        reason=text(item, "StateReason"),
        since=moment(item, "StateTransitionedTimestamp") or moment(item, "StateUpdatedTimestamp"),
        actions_enabled=item.get("ActionsEnabled") is not False,
        arn=text(item, "AlarmArn"),
        description=text(item, "AlarmDescription"),
        metric=_metric(item),
        threshold=number(item, "Threshold"),
        comparison=text(item, "ComparisonOperator"),
        evaluation_periods=integer(item, "EvaluationPeriods"),
        datapoints_to_alarm=integer(item, "DatapointsToAlarm"),
        rule=text(item, "AlarmRule"),
    )


def parse_history(body: dict[str, JsonValue]) -> tuple[AlarmTransition, ...]:
    """Return the entries of a DescribeAlarmHistory answer in its order; entries without a time are left out."""
    found = []
    for item in structures(body, "AlarmHistoryItems"):
        at = moment(item, "Timestamp")
        if at is not None:
            kind = text(item, "HistoryItemType")
            found.append(AlarmTransition(at, kind, text(item, "HistorySummary"), _new_state(item, kind)))
    return tuple(found)


def parse_series(body: dict[str, JsonValue], metric: MetricRef) -> Series:
    """Return the datapoints of the first result of a GetMetricData answer, oldest first."""
    points = []
    for result in structures(body, "MetricDataResults")[:1]:
        times, values = result.get("Timestamps"), result.get("Values")
        if isinstance(times, list) and isinstance(values, list):
            for time, value in zip(times, values, strict=False):
                at, amount = moment({"at": time}, "at"), number({"value": value}, "value")
                if at is not None and amount is not None:
                    points.append((at, amount))
    return Series(metric, tuple(sorted(points)))


def _state(value: object) -> AlarmState | None:
    return next((state for state in AlarmState if state.value == value and state is not AlarmState.UNKNOWN), None)


def _metric(item: dict[str, JsonValue]) -> MetricRef | None:
    if not item.get("MetricName"):
        return None
    return MetricRef(
        namespace=text(item, "Namespace"),
        name=text(item, "MetricName"),
        dimensions=tuple((text(pair, "Name"), text(pair, "Value")) for pair in structures(item, "Dimensions")),
        statistic=text(item, "Statistic") or text(item, "ExtendedStatistic") or "Sum",
        period=integer(item, "Period") or 60,
    )


def _new_state(item: dict[str, JsonValue], kind: str) -> AlarmState | None:
    """Read the state an alarm went to from the history entry's own JSON text; None if it tells none."""
    raw = item.get("HistoryData")
    if kind != "StateUpdate" or not isinstance(raw, str):
        return None
    try:
        data = json.loads(raw)
    except ValueError:
        return None
    return _state(structure(data, "newState").get("stateValue")) if isinstance(data, dict) else None
