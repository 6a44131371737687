"""The data-loss window: what a restore throws away, from when to when, and how many writes are in it (RQ-09, E-15)."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import accumulate
from math import ceil, floor

SECOND = timedelta(seconds=1)


class WindowEnd(StrEnum):
    """What the end of the window rests on."""

    PROVEN_HALT = "writes proven stopped"
    HALT_CALL = "halt acknowledged, not yet proven"
    OUTAGE = "the service went down, and with it all writes"
    NOW = "writes still going on: now"


@dataclass(frozen=True, slots=True)
class WriteCount:
    """How many writes a window holds, as a range where the metric is coarser than the window.

    Attributes:
        at_least: writes surely inside.
        at_most: writes possibly inside; equal to `at_least` if the count is exact.
        basis: what was counted, in words: metric, statistic, period.
    """

    at_least: int
    at_most: int
    basis: str

    @property
    def is_exact(self) -> bool:
        """Tell whether the count is one number."""
        return self.at_least == self.at_most


@dataclass(frozen=True, slots=True)
class LossWindow:
    """Data-loss window: everything written after the second `start` and up to `end` is lost by the restore.

    Attributes:
        start: the restore point, UTC, whole seconds.
        end: the last moment at which a write may have been accepted, UTC.
        end_basis: what `end` rests on.
        writes: the count of writes inside; None while it is not known.
        rpo: the documented objective; None if the plan states none.
    """

    start: datetime
    end: datetime
    end_basis: WindowEnd
    writes: WriteCount | None = None
    rpo: timedelta | None = None

    @property
    def duration(self) -> timedelta:
        """Return the length of the window, never negative."""
        return max(self.end - self.start, timedelta(0))

    @property
    def exceeds_rpo(self) -> bool | None:
        """Tell whether the window is longer than the documented objective; None without one."""
        return None if self.rpo is None else self.duration > self.rpo


@dataclass(frozen=True, slots=True)
class WriteBucket:
    """Number of writes in [`at`, `at` + `period`). `at` is UTC, both are whole seconds."""

    at: datetime
    period: timedelta
    writes: float


class WriteSeries:
    """Write counts of a table over time, quick to count between any two seconds.

    The buckets may differ in length: CloudWatch keeps one-second data for three hours, then only coarser ones.

    Attributes:
        buckets: oldest first; they do not overlap (empty ones may be left out).
        basis: words for where the buckets come from.
    """

    def __init__(self, buckets: Iterable[WriteBucket], basis: str) -> None:
        self.buckets = tuple(sorted(buckets, key=lambda bucket: bucket.at))
        self.basis = basis
        self._starts = [bucket.at for bucket in self.buckets]
        self._ends = [bucket.at + bucket.period for bucket in self.buckets]
        self._surely = _running_sums(floor(bucket.writes) for bucket in self.buckets)
        self._possibly = _running_sums(ceil(bucket.writes) for bucket in self.buckets)

    def count(self, start: datetime, end: datetime) -> WriteCount:
        """Count the writes that a restore to `start` throws away if nothing is written after `end`.

        Both bounds are taken as whole seconds: a restore keeps every write of the second `start`, and the second of
        `end` belongs to the window. A bucket wholly inside counts for sure, one that only overlaps counts as
        possible; so the count is exact where the buckets are one second long.
        """
        kept_until = start.replace(microsecond=0) + SECOND
        lost_until = end.replace(microsecond=0) + SECOND
        if lost_until <= kept_until:
            return WriteCount(0, 0, self.basis)
        touched = bisect_right(self._ends, kept_until), bisect_left(self._starts, lost_until)
        inside = bisect_left(self._starts, kept_until), bisect_right(self._ends, lost_until)
        return WriteCount(_between(self._surely, *inside), _between(self._possibly, *touched), self.basis)


def _running_sums(counts: Iterable[int]) -> list[int]:
    return list(accumulate((max(count, 0) for count in counts), initial=0))


def _between(sums: list[int], first: int, after_last: int) -> int:
    return sums[max(first, after_last)] - sums[first]


def count_writes(
    buckets: tuple[tuple[datetime, float], ...], period: timedelta, start: datetime, end: datetime, basis: str
) -> WriteCount:
    """Count the writes after the second `start` up to and with the second `end`, from buckets of one length.

    See `WriteSeries.count`, which serves many counts over the same buckets.
    """
    return WriteSeries((WriteBucket(at, period, writes) for at, writes in buckets), basis).count(start, end)
