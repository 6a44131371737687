"""CloudWatch's operations over the metric store and the alarm book."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from moto.cloudwatch.responses import CloudWatchResponse

from cockpit.sim.alarm_evaluation import key_of, watched
from cockpit.sim.alarms import Alarm, AlarmBook, HistoryItem
from cockpit.sim.cloudwatch_data import DataOperations
from cockpit.sim.errors import AwsError
from cockpit.sim.metrics import MetricStore
from cockpit.sim.operations import Request, add_operations
from cockpit.sim.simulation import Simulation

_NOT_SHOWN = ("Tags",)  # parameters of Put…Alarm that are no members of an alarm


def install(simulation: Simulation) -> None:
    """Put metrics and alarms in place."""
    store = MetricStore(simulation.world.now)
    book = AlarmBook(simulation.world, store)
    simulation.metrics = store
    simulation.alarms = book
    operations = _AlarmOperations(book)
    add_operations(
        CloudWatchResponse,
        {
            "PutMetricAlarm": operations.put,
            "PutCompositeAlarm": operations.put,
            "DescribeAlarms": operations.describe,
            "DescribeAlarmsForMetric": operations.describe_for_metric,
            "DescribeAlarmHistory": operations.history,
            "SetAlarmState": operations.set_state,
            "DeleteAlarms": operations.delete,
            "EnableAlarmActions": operations.enable_actions,
            "DisableAlarmActions": operations.disable_actions,
            "ListTagsForResource": operations.list_tags,
        },
    )
    data = DataOperations(store)
    add_operations(
        CloudWatchResponse,
        {
            "PutMetricData": data.put,
            "GetMetricData": data.get,
            "GetMetricStatistics": data.statistics,
            "ListMetrics": data.list_metrics,
        },
    )


class _AlarmOperations:
    def __init__(self, book: AlarmBook) -> None:
        self._book = book

    def put(self, request: Request) -> dict[str, Any]:
        self._book.put(request.region, {"ActionsEnabled": True, **request.params})
        return {}

    def describe(self, request: Request) -> dict[str, Any]:
        params = request.params
        if params.get("AlarmNames") and params.get("AlarmNamePrefix"):
            raise AwsError("ValidationError", "AlarmNames and AlarmNamePrefix cannot both be given.")
        kinds = params.get("AlarmTypes") or ["MetricAlarm"]
        limit = int(params.get("MaxRecords") or 50)
        page: list[Alarm] = []
        answer: dict[str, Any] = {}
        for alarm in self._candidates(request):
            if ("CompositeAlarm" if alarm.rule else "MetricAlarm") not in kinds or not _selected(alarm, params):
                continue
            if len(page) == limit:
                answer["NextToken"] = page[-1].name
                break
            page.append(alarm)
        answer["CompositeAlarms"] = [_composite(alarm) for alarm in page if alarm.rule]
        answer["MetricAlarms"] = [_metric(alarm) for alarm in page if not alarm.rule]
        return answer

    def describe_for_metric(self, request: Request) -> dict[str, Any]:
        key = key_of(request.region, request.params)
        alarms = [a for a in self._book.after(request.region) if not a.rule and key in watched(a.region, a.settings)]
        return {"MetricAlarms": [_metric(alarm) for alarm in alarms]}

    def history(self, request: Request) -> dict[str, Any]:
        params = request.params
        kinds = params.get("AlarmTypes") or ["MetricAlarm"]
        entries = [
            (item, alarm)
            for alarm in self._book.after(request.region)
            if params.get("AlarmName") in (None, alarm.name)
            and ("CompositeAlarm" if alarm.rule else "MetricAlarm") in kinds
            for item in alarm.history
            if _in_range(item, params)
        ]
        entries.sort(key=lambda entry: entry[0].at, reverse=params.get("ScanBy") != "TimestampAscending")
        first = int(params.get("NextToken") or 0)
        after_last = first + int(params.get("MaxRecords") or 100)
        answer: dict[str, Any] = {
            "AlarmHistoryItems": [
                {
                    "AlarmName": alarm.name,
                    "AlarmType": "CompositeAlarm" if alarm.rule else "MetricAlarm",
                    "Timestamp": item.at,
                    "HistoryItemType": item.kind,
                    "HistorySummary": item.summary,
                    "HistoryData": item.data,
                }
                for item, alarm in entries[first:after_last]
            ]
        }
        if after_last < len(entries):
            answer["NextToken"] = str(after_last)
        return answer

    def set_state(self, request: Request) -> dict[str, Any]:
        params = request.params
        alarm = self._book.get(request.region, params["AlarmName"])
        self._book.set_state(alarm, params["StateValue"], params["StateReason"], params.get("StateReasonData", ""))
        self._book.reconsider(alarm)
        return {}

    def delete(self, request: Request) -> dict[str, Any]:
        self._book.delete(request.region, request.params["AlarmNames"])
        return {}

    def enable_actions(self, request: Request) -> dict[str, Any]:
        return self._switch_actions(request, enabled=True)

    def disable_actions(self, request: Request) -> dict[str, Any]:
        return self._switch_actions(request, enabled=False)

    def list_tags(self, request: Request) -> dict[str, Any]:
        alarm = self._book.get(request.region, request.params["ResourceARN"].rpartition(":alarm:")[2])
        return {"Tags": alarm.settings.get("Tags", [])}

    def _switch_actions(self, request: Request, *, enabled: bool) -> dict[str, Any]:
        for name in request.params["AlarmNames"]:
            self._book.get(request.region, name).settings["ActionsEnabled"] = enabled
        return {}

    def _candidates(self, request: Request) -> Iterator[Alarm]:
        """Yield the alarms after the page token; where names or a prefix are given, no others are looked at."""
        params = request.params
        token, prefix = params.get("NextToken") or "", params.get("AlarmNamePrefix") or ""
        for alarm in self._book.after(request.region, max(token, prefix[:-1])):
            if alarm.name > prefix and not alarm.name.startswith(prefix):
                return
            yield alarm


def _selected(alarm: Alarm, params: dict[str, Any]) -> bool:
    names, state, actions = params.get("AlarmNames"), params.get("StateValue"), params.get("ActionPrefix")
    return (
        alarm.name.startswith(params.get("AlarmNamePrefix") or "")
        and (not names or alarm.name in names)
        and (not state or alarm.state == state)
        and (not actions or any(arn.startswith(actions) for arn in alarm.settings.get("AlarmActions", ())))
    )


def _in_range(item: HistoryItem, params: dict[str, Any]) -> bool:
    """Tell whether a history item is of the wanted kind and time; moto hands over naive UTC times."""
    start, end = params.get("StartDate"), params.get("EndDate")
    return (
        params.get("HistoryItemType") in (None, item.kind)
        and (start is None or _aware(start) <= item.at)
        and (end is None or item.at <= _aware(end))
    )


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _common(alarm: Alarm) -> dict[str, Any]:
    shown = {name: value for name, value in alarm.settings.items() if name not in _NOT_SHOWN}
    return {
        "AlarmActions": [],
        "OKActions": [],
        "InsufficientDataActions": [],
        **shown,
        "AlarmArn": alarm.arn,
        "AlarmConfigurationUpdatedTimestamp": alarm.configured_at,
        "StateValue": alarm.state,
        "StateReason": alarm.reason,
        "StateReasonData": alarm.reason_data,
        "StateUpdatedTimestamp": alarm.updated_at,
        "StateTransitionedTimestamp": alarm.transitioned_at,
    }


def _metric(alarm: Alarm) -> dict[str, Any]:
    settings = alarm.settings
    return {"Dimensions": [], **_common(alarm)} if not settings.get("Metrics") else _common(alarm)


def _composite(alarm: Alarm) -> dict[str, Any]:
    return _common(alarm)
