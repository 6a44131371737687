"""When did writing to a table or a cluster end? Decided from CloudWatch, by pure functions over counts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from cockpit.model.loss_window import SECOND, WriteBucket, WriteSeries
from cockpit.model.text import utc_time

MINUTE = timedelta(minutes=1)
LATENESS = timedelta(minutes=1)
"""How late CloudWatch may show a minute with writes: no write is counted as seen before this has passed as well."""


@dataclass(frozen=True, slots=True)
class HaltEvidence:
    """What is known about the end of writes.

    Attributes:
        at: the last second in which a write may have been accepted.
        basis: what that rests on, in words.
        proven_from: from this moment on the metrics have been quiet for long enough.
        complete: the metrics were there all that time; what is missing proves nothing.
    """

    at: datetime
    basis: str
    proven_from: datetime
    complete: bool = True


def weigh(
    acknowledged: datetime, by_minute: WriteSeries, by_second: WriteSeries | None, quiet: timedelta
) -> HaltEvidence:
    """Weigh the evidence for the end of writes.

    The halting call's acknowledgement is the end, unless DynamoDB counts writes in a whole minute after it. Where the
    application counts its writes by the second and DynamoDB saw the same number in that minute, nobody else wrote:
    then its last second with a write is the end, before or after the acknowledgement.

    Args:
        acknowledged: when the last halting call was acknowledged.
        by_minute: writes of the table as DynamoDB counts them.
        by_second: writes of the application; None if it does not count them.
        quiet: how long no write may be seen.
    """
    last_minute = _last(by_minute)
    moved = last_minute is not None and last_minute.at >= _next_minute(acknowledged)
    busy_until = max(_next_minute(acknowledged), last_minute.at + last_minute.period if last_minute else acknowledged)
    proven_from = busy_until + quiet + LATENESS
    last_second = _last(by_second) if by_second else None
    if last_minute and last_second and by_second and _agree(last_minute, last_second, by_second):
        words = f"last write in the second {utc_time(last_second.at)} ({by_second.basis}; DynamoDB counts the same)"
        return HaltEvidence(last_second.at, words, proven_from)
    if moved and last_minute:
        words = f"last write in the minute {utc_time(last_minute.at)} ({by_minute.basis})"
        return HaltEvidence(last_minute.at + last_minute.period - SECOND, words, proven_from)
    return HaltEvidence(acknowledged, f"halt acknowledged, no write counted after it ({by_minute.basis})", proven_from)


def weigh_connections(
    acknowledged: datetime, by_minute: Mapping[datetime, float], writes: WriteSeries | None, quiet: timedelta
) -> HaltEvidence:
    """Weigh the evidence for the end of writes to a cluster, which counts connections, not writes.

    Whoever is connected might write. So the halting call's acknowledgement is the end, unless somebody was connected
    in a whole minute after it. Every minute of the quiet time must have been measured: RDS measures a 0 as well.

    Args:
        acknowledged: when the last halting call was acknowledged.
        by_minute: most connections that were open, by the start of the minute.
        writes: writes of the application; None if it does not count them.
        quiet: how long nobody may be connected.
    """
    first, written = _next_minute(acknowledged), _last(writes) if writes else None
    connected = max((minute for minute, most in by_minute.items() if most > 0 and minute >= first), default=None)
    at, words = acknowledged, "halt acknowledged, nobody connected after it"
    if connected is not None:
        at = connected + MINUTE - SECOND
        words = f"{by_minute[connected]:g} connections open in the minute {utc_time(connected)}"
    if writes and written and written.at > at:
        at, words = written.at, f"last write in the second {utc_time(written.at)} ({writes.basis})"
    quiet_from = _next_minute(at)
    measured = (quiet_from + number * MINUTE for number in range(int(quiet / MINUTE)))
    complete = all(by_minute.get(minute) == 0 for minute in measured)
    return HaltEvidence(at, words, quiet_from + quiet + LATENESS, complete)


def _last(series: WriteSeries) -> WriteBucket | None:
    return next((bucket for bucket in reversed(series.buckets) if bucket.writes > 0), None)


def _agree(minute: WriteBucket, second: WriteBucket, by_second: WriteSeries) -> bool:
    """Tell whether both counts saw the same writes in the last minute with writes."""
    if second.period != SECOND or not minute.at <= second.at < minute.at + minute.period:
        return False
    count = by_second.count(minute.at - SECOND, minute.at + minute.period - SECOND)
    return count.at_least == round(minute.writes)


def _next_minute(moment: datetime) -> datetime:
    whole = moment.replace(second=0, microsecond=0)
    return whole if whole == moment else whole + MINUTE
