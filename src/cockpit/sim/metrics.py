"""The metric store of the simulated CloudWatch: values in buckets of one second or one minute."""

import math
from bisect import bisect_left, insort
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from cockpit.sim.errors import AwsError
from cockpit.sim.simulation import REGION

MINUTE = 60
FINE_DATA_KEPT = 3 * 3600  # seconds for which AWS keeps data finer than a minute

Dimensions = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class MetricKey:
    """One metric of one region. Dimensions are sorted by name."""

    region: str
    namespace: str
    name: str
    dimensions: Dimensions = ()


@dataclass(slots=True)
class Bucket:
    """What was recorded in a span of time."""

    count: float = 0.0
    total: float = 0.0
    low: float = math.inf
    high: float = -math.inf
    values: list[float] = field(default_factory=list)

    def add(self, value: float, count: float = 1.0) -> None:
        """Record a value that occurred `count` times."""
        self.merge(Bucket(count, value * count, value, value, [value]))

    def merge(self, other: "Bucket") -> None:
        """Take in what another bucket holds."""
        self.count += other.count
        self.total += other.total
        self.low = min(self.low, other.low)
        self.high = max(self.high, other.high)
        self.values += other.values

    def statistic(self, name: str) -> float:
        """Return SampleCount, Sum, Average, Minimum, Maximum or a percentile such as p99.

        Raises:
            AwsError: the statistic is none of these.
        """
        plain = {
            "SampleCount": self.count,
            "Sum": self.total,
            "Average": self.total / self.count,
            "Minimum": self.low,
            "Maximum": self.high,
        }
        if name in plain:
            return plain[name]
        try:
            share = float(name.removeprefix("p")) / 100
        except ValueError:
            share = -1.0
        if not name.startswith("p") or not 0 <= share <= 1:
            raise AwsError("ValidationError", f"The statistic {name} is not simulated.")
        ordered = sorted(self.values)
        return ordered[min(int(share * len(ordered)), len(ordered) - 1)]


class _Series:
    """Buckets of one resolution, by their start in epoch seconds."""

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        self._starts: list[int] = []
        self._buckets: dict[int, Bucket] = {}

    def at(self, moment: float) -> Bucket:
        start = int(moment // self.seconds) * self.seconds
        bucket = self._buckets.get(start)
        if bucket is None:
            bucket = self._buckets[start] = Bucket()
            if self._starts and start < self._starts[-1]:
                insort(self._starts, start)
            else:
                self._starts.append(start)
        return bucket

    def between(self, start: float, end: float) -> Iterator[tuple[int, Bucket]]:
        for index in range(bisect_left(self._starts, start), bisect_left(self._starts, end)):
            yield self._starts[index], self._buckets[self._starts[index]]

    @property
    def latest(self) -> int:
        return self._starts[-1] if self._starts else 0


class MetricStore:
    """Every metric of the account, and who wants to know of new data."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.now = now
        self._series: dict[MetricKey, tuple[_Series, _Series]] = {}
        self.on_data: Callable[[MetricKey], None] = lambda _: None

    def put(
        self,
        namespace: str,
        name: str,
        dimensions: dict[str, str],
        at: datetime,
        value: float,
        *,
        resolution: int = MINUTE,
        region: str = REGION,
    ) -> None:
        """Record one value (see `simulation.Metrics`)."""
        key = MetricKey(region, namespace, name, tuple(sorted(dimensions.items())))
        self.bucket(key, at.timestamp(), resolution).add(value)
        self.on_data(key)

    def bucket(self, key: MetricKey, moment: float, resolution: int) -> Bucket:
        """Return the bucket of an epoch second to record into; the caller then calls `on_data`."""
        minute, fine = self._series.setdefault(key, (_Series(MINUTE), _Series(1)))
        return (fine if resolution == 1 else minute).at(moment)

    def window(self, key: MetricKey, start: float, end: float) -> Bucket | None:
        """Return everything recorded from `start` up to, not including, `end`; None if there is nothing."""
        found: Bucket | None = None
        for series in self._series.get(key, ()):
            for _, bucket in series.between(start, end):
                found = found or Bucket()
                found.merge(bucket)
        return found

    def points(self, key: MetricKey, start: float, end: float, period: int, statistic: str) -> dict[int, float]:
        """Return datapoints by start of period (epoch seconds), oldest first.

        Below a minute there is only what was recorded at one-second resolution, for three hours, as in AWS.
        """
        sources: tuple[_Series, ...] = self._series.get(key, ())
        first = start - start % period
        if period < MINUTE:
            sources = sources[1:]
            first = max(first, self.now().timestamp() - FINE_DATA_KEPT)
        merged: dict[int, Bucket] = {}
        for series in sources:
            for at, bucket in series.between(first, end):
                merged.setdefault(at - at % period, Bucket()).merge(bucket)
        return {at: merged[at].statistic(statistic) for at in sorted(merged)}

    def find(self, region: str, namespace: str = "", name: str = "") -> list[MetricKey]:
        """Return the metrics of a region, narrowed by namespace and name where given."""
        return sorted(
            (
                key
                for key in self._series
                if key.region == region and namespace in ("", key.namespace) and name in ("", key.name)
            ),
            key=lambda key: (key.namespace, key.name, key.dimensions),
        )

    def latest(self, key: MetricKey) -> datetime | None:
        """Return the start of the newest bucket; None if there never was data."""
        newest = max((series.latest for series in self._series.get(key, ())), default=0)
        return datetime.fromtimestamp(newest, UTC) if newest else None
