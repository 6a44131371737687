"""The data-loss window: what a restore throws away, from when to when, and how many writes are in it (RQ-09, E-15)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class WindowEnd(StrEnum):
    """What the end of the window rests on."""

    PROVEN_HALT = "writes proven stopped"
    HALT_CALL = "halt acknowledged, not yet proven"
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
    """Data-loss window: everything written after `start` and up to `end` is lost by the restore.

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


def count_writes(
    buckets: tuple[tuple[datetime, float], ...], period: timedelta, start: datetime, end: datetime, basis: str
) -> WriteCount:
    """Count the writes in (`start`, `end`] from metric buckets that each cover [time, time + period).

    A bucket wholly inside counts for sure; one that only overlaps counts as possible. With one-second buckets and
    whole-second bounds the count is exact but for the second of `start` itself: that second is what the restore keeps.

    Args:
        buckets: start time of each bucket (UTC) and the number of writes in it.
        period: length of a bucket.
        start: restore point; writes up to and including this second are kept by the restore.
        end: last moment of the window.
        basis: words for where the buckets come from.
    """
    kept_until = start.replace(microsecond=0) + timedelta(seconds=1)
    at_least = at_most = 0
    for bucket_start, value in buckets:
        bucket_end = bucket_start + period
        if bucket_end <= kept_until or bucket_start > end:
            continue
        at_most += round(value)
        if bucket_start >= kept_until and bucket_end <= end + timedelta(seconds=1):
            at_least += round(value)
    return WriteCount(at_least, at_most, basis)
