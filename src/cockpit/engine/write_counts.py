"""How many writes a table or a cluster took, from CloudWatch, as finely as CloudWatch still knows (RQ-09).

CloudWatch keeps one-second data for three hours and one-minute data for fifteen days, and refuses finer periods for
older times (GetMetricData, AWS documentation). Hours are enough for what is older than a day: the range says so.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pydantic import JsonValue

from cockpit.aws.parse import moment, structures, texts
from cockpit.engine.actions.base import StepContext
from cockpit.engine.paged import read_pages
from cockpit.engine.restorable import Restorable
from cockpit.model.loss_window import WriteBucket, WriteSeries
from cockpit.plans.actions.restore_point import Writes
from cockpit.plans.functions import iso

WRITE_OPERATIONS = ("PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems")
LATENESS = timedelta(minutes=2)
"""How late CloudWatch may show writes; a window that ends later than this before now may miss the newest."""

_SECOND, _MINUTE, _HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
_FINE_FOR = timedelta(hours=2, minutes=55)  # three hours, less what a slow call takes
_MINUTES_FOR = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class WriteMetric:
    """Metrics whose values add up to the writes of a table or a cluster.

    Attributes:
        dimensions: one set of dimensions for each metric that is added up.
        per_second: the metric may hold one-second data.
    """

    namespace: str
    name: str
    dimensions: tuple[tuple[tuple[str, str], ...], ...]
    statistic: str
    per_second: bool

    @property
    def words(self) -> str:
        """Return the metric in words, for the basis of a count."""
        return f"{self.namespace}/{self.name}"


def table_metric(table: str) -> WriteMetric:
    """Return DynamoDB's own count of write requests; a batch or a transaction counts once."""
    dimensions = tuple((("TableName", table), ("Operation", operation)) for operation in WRITE_OPERATIONS)
    return WriteMetric("AWS/DynamoDB", "SuccessfulRequestLatency", dimensions, "SampleCount", per_second=False)


def service_metric(source: Restorable) -> WriteMetric | None:
    """Return the service's own count of writes; None for Aurora, which counts commits of readers as well."""
    return table_metric(source.name) if source.noun == "table" else None


async def application_metric(context: StepContext, source: Restorable, writes: Writes) -> WriteMetric | None:
    """Return the application's own count of writes to a source; None if the plan names none or it has no data.

    A metric may come with several sets of dimensions. Those that name the source are taken, or else those that name
    none of its kind; of these the ones with the fewest dimensions, so that nothing is added up twice.

    Raises:
        ReadFailed: CloudWatch gave no answer.
    """
    if not writes.metric_namespace or not writes.metric_name:
        return None
    wanted: dict[str, JsonValue] = {"Namespace": writes.metric_namespace, "MetricName": writes.metric_name}
    found: set[tuple[tuple[str, str], ...]] = set()
    for page in await read_pages(context, "cloudwatch", "ListMetrics", wanted):
        for metric in structures(page, "Metrics"):
            found.add(tuple((str(d.get("Name")), str(d.get("Value"))) for d in structures(metric, "Dimensions")))
    chosen = _fewest([d for d in found if source.dimension in d]) or _fewest(
        [d for d in found if not any(name == source.dimension[0] for name, _ in d)]
    )
    if not chosen:
        return None
    return WriteMetric(writes.metric_namespace, writes.metric_name, tuple(sorted(chosen)), "Sum", per_second=True)


async def read_series(context: StepContext, metric: WriteMetric, since: datetime) -> WriteSeries:
    """Read the writes from `since` to now: by seconds as far as they are kept, then by minutes, then by hours.

    Raises:
        ReadFailed: CloudWatch gave no answer.
    """
    now = context.clock.now()
    buckets: list[WriteBucket] = []
    for begin, end, period in segments(since, now, per_second=metric.per_second):
        values = await _read_values(context, metric, begin, end, period)
        buckets += _as_buckets(values, period)
    finest = min((bucket.period for bucket in buckets), default=_SECOND if metric.per_second else _MINUTE)
    words = {_SECOND: "per second", _MINUTE: "per minute"}.get(finest, "per hour")
    return WriteSeries(buckets, f"{metric.words} {metric.statistic} {words}")


def lateness_words(end: datetime, now: datetime) -> str:
    """Return what to add to the basis of a count up to `end`; empty if CloudWatch has had time to show everything."""
    return "; CloudWatch may show the newest two minutes late" if now - end < LATENESS else ""


def segments(since: datetime, now: datetime, *, per_second: bool) -> Iterator[tuple[datetime, datetime, timedelta]]:
    """Yield (begin, end, period), oldest first, without gap or overlap; each bound is a multiple of its period."""
    end = _up(now + _SECOND, _SECOND if per_second else _MINUTE)
    seconds_from = _up(now - _FINE_FOR, _MINUTE) if per_second else end
    minutes_from = _up(now - _MINUTES_FOR, _HOUR)
    bounds = (
        (_down(since, _HOUR), minutes_from, _HOUR),
        (max(minutes_from, _down(since, _MINUTE)), seconds_from, _MINUTE),
        (max(seconds_from, since.replace(microsecond=0)), end, _SECOND),
    )
    for begin, finish, period in bounds:
        if begin < finish:
            yield begin, finish, period


async def _read_values(
    context: StepContext, metric: WriteMetric, begin: datetime, end: datetime, period: timedelta
) -> dict[datetime, float]:
    seconds = int(period.total_seconds())
    queries: list[JsonValue] = [
        {
            "Id": f"m{number}",
            "MetricStat": {
                "Metric": {
                    "Namespace": metric.namespace,
                    "MetricName": metric.name,
                    "Dimensions": [{"Name": name, "Value": value} for name, value in dimensions],
                },
                "Period": seconds,
                "Stat": metric.statistic,
            },
            "ReturnData": True,
        }
        for number, dimensions in enumerate(metric.dimensions)
    ]
    params: dict[str, JsonValue] = {
        "MetricDataQueries": queries,
        "StartTime": iso(begin),
        "EndTime": iso(end),
        "ScanBy": "TimestampAscending",
    }
    sums: dict[datetime, float] = defaultdict(float)
    for page in await read_pages(context, "cloudwatch", "GetMetricData", params):
        for result in structures(page, "MetricDataResults"):
            values = result.get("Values")
            for stamp, value in zip(
                texts(result, "Timestamps"), values if isinstance(values, list) else (), strict=False
            ):
                at = moment({"at": stamp}, "at")
                if at is not None and isinstance(value, int | float) and value > 0:
                    sums[at] += value
    return sums


def _as_buckets(values: dict[datetime, float], period: timedelta) -> list[WriteBucket]:
    """Take a metric without one-second data for what it is: its points stand on whole minutes and cover one each."""
    if period == _SECOND and values and all(at.second == 0 for at in values):
        period = _MINUTE
    return [WriteBucket(at, period, value) for at, value in values.items()]


def _fewest(
    found: list[tuple[tuple[str, str], ...]],
) -> tuple[tuple[tuple[str, str], ...], ...]:
    names = [frozenset(name for name, _ in dimensions) for dimensions in found]
    fewest = min(names, key=lambda kind: (len(kind), sorted(kind)), default=None)
    return tuple(dimensions for dimensions, kind in zip(found, names, strict=True) if kind == fewest)


def _down(at: datetime, step: timedelta) -> datetime:
    whole = int(at.timestamp() // step.total_seconds()) * step.total_seconds()
    return datetime.fromtimestamp(whole, UTC)


def _up(at: datetime, step: timedelta) -> datetime:
    down = _down(at, step)
    return down if down == at else down + step
