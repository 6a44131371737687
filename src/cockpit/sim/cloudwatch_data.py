"""CloudWatch's operations on metric data."""

from datetime import UTC, datetime
from typing import Any

from cockpit.sim import metric_math
from cockpit.sim.alarm_evaluation import key_of
from cockpit.sim.errors import AwsError
from cockpit.sim.metrics import MINUTE, Bucket, MetricKey, MetricStore
from cockpit.sim.operations import Request

MOST_DATAPOINTS = 100_800  # of one answer to GetMetricData
METRICS_A_PAGE = 500


class DataOperations:
    """PutMetricData, GetMetricData, GetMetricStatistics and ListMetrics."""

    def __init__(self, store: MetricStore) -> None:
        self._store = store

    def put(self, request: Request) -> dict[str, Any]:
        """Record values, value counts and statistic sets."""
        for datum in request.params.get("MetricData") or ():
            key = key_of(request.region, {"Namespace": request.params["Namespace"], **datum})
            at = _epoch(datum["Timestamp"]) if datum.get("Timestamp") else self._store.now().timestamp()
            bucket = self._store.bucket(key, at, int(datum.get("StorageResolution") or MINUTE))
            sets = datum.get("StatisticValues")
            if sets:
                mean = sets["Sum"] / sets["SampleCount"]
                bucket.merge(Bucket(sets["SampleCount"], sets["Sum"], sets["Minimum"], sets["Maximum"], [mean]))
            values = datum.get("Values") or ([datum["Value"]] if "Value" in datum else [])
            for index, value in enumerate(values):
                counts = datum.get("Counts")
                bucket.add(float(value), float(counts[index]) if counts else 1.0)
            self._store.on_data(key)
        return {}

    def get(self, request: Request) -> dict[str, Any]:
        """Answer every query, in pages of at most MaxDatapoints values."""
        params = request.params
        start, end = _epoch(params["StartTime"]), _epoch(params["EndTime"])
        if start >= end:
            raise AwsError("ValidationError", "The parameter StartTime must be less than the parameter EndTime.")
        found: dict[str, metric_math.Points] = {}
        for query in sorted(params["MetricDataQueries"], key=lambda query: bool(query.get("Expression"))):
            if query.get("Expression"):
                found[query["Id"]] = metric_math.evaluate(query["Expression"], found)
            else:
                stat = query["MetricStat"]
                key = key_of(request.region, stat["Metric"])
                found[query["Id"]] = self._store.points(key, start, end, int(stat["Period"]), stat["Stat"])
        wanted = [query for query in params["MetricDataQueries"] if query.get("ReturnData") is not False]
        return _paged(wanted, found, params)

    def statistics(self, request: Request) -> dict[str, Any]:
        """Answer GetMetricStatistics."""
        params = request.params
        key = key_of(request.region, params)
        period = int(params["Period"])
        start, end = _epoch(params["StartTime"]), _epoch(params["EndTime"])
        points: dict[int, dict[str, Any]] = {}
        for statistic in params.get("Statistics") or ():
            for at, value in self._store.points(key, start, end, period, statistic).items():
                point = points.setdefault(at, {"Timestamp": datetime.fromtimestamp(at, UTC), "Unit": "None"})
                point[statistic] = value
        for statistic in params.get("ExtendedStatistics") or ():
            for at, value in self._store.points(key, start, end, period, statistic).items():
                point = points.setdefault(at, {"Timestamp": datetime.fromtimestamp(at, UTC), "Unit": "None"})
                point.setdefault("ExtendedStatistics", {})[statistic] = value
        return {"Label": params["MetricName"], "Datapoints": list(points.values())}

    def list_metrics(self, request: Request) -> dict[str, Any]:
        """List metrics by namespace, name and dimensions (by name, or name and value)."""
        params = request.params
        keys = self._store.find(request.region, params.get("Namespace") or "", params.get("MetricName") or "")
        kept = [key for key in keys if _has_dimensions(key, params.get("Dimensions") or [])]
        first = int(params.get("NextToken") or 0)
        page = kept[first : first + METRICS_A_PAGE]
        answer: dict[str, Any] = {
            "Metrics": [
                {
                    "Namespace": key.namespace,
                    "MetricName": key.name,
                    "Dimensions": [{"Name": name, "Value": value} for name, value in key.dimensions],
                }
                for key in page
            ]
        }
        if first + METRICS_A_PAGE < len(kept):
            answer["NextToken"] = str(first + METRICS_A_PAGE)
        return answer


def _paged(
    queries: list[dict[str, Any]], found: dict[str, metric_math.Points], params: dict[str, Any]
) -> dict[str, Any]:
    """Lay all values of all queries in a row and cut a page out of it; the token is the place in the row."""
    ascending = params.get("ScanBy") == "TimestampAscending"
    first = int(params.get("NextToken") or 0)
    after_last = first + min(int(params.get("MaxDatapoints") or MOST_DATAPOINTS), MOST_DATAPOINTS)
    place = 0
    results = []
    for query in queries:
        points = list(found[query["Id"]].items())
        if not ascending:
            points.reverse()
        begin, end = max(first - place, 0), max(after_last - place, 0)
        shown = points[begin:end]
        name = query.get("Label") or (query["MetricStat"]["Metric"]["MetricName"] if query.get("MetricStat") else "")
        results.append(
            {
                "Id": query["Id"],
                "Label": name or query["Id"],
                "Timestamps": [datetime.fromtimestamp(at, UTC) for at, _ in shown],
                "Values": [value for _, value in shown],
                "StatusCode": "Complete" if end >= len(points) else "PartialData",
            }
        )
        place += len(points)
    answer: dict[str, Any] = {"MetricDataResults": results, "Messages": []}
    if place > after_last:
        answer["NextToken"] = str(after_last)
    return answer


def _has_dimensions(key: MetricKey, wanted: list[dict[str, str]]) -> bool:
    have = dict(key.dimensions)
    return all(d["Name"] in have and d.get("Value") in (None, have[d["Name"]]) for d in wanted)


def _epoch(moment: datetime) -> float:
    """Return epoch seconds; moto hands over naive UTC times."""
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
