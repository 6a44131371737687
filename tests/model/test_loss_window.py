"""The data-loss window: its length and the count of writes inside it."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from cockpit.model.loss_window import LossWindow, WindowEnd, WriteBucket, WriteSeries, count_writes

BASE = datetime(2026, 1, 31, 3, 0, tzinfo=UTC)
SPAN = 7200

moments = st.integers(0, SPAN * 1000).map(lambda milliseconds: BASE + timedelta(milliseconds=milliseconds))
writes_made = st.lists(moments, max_size=60)


def truth(writes: list[datetime], start: datetime, end: datetime) -> int:
    """Count the writes after the second of `start`, up to and with the second of `end`."""
    first, last = start.replace(microsecond=0), end.replace(microsecond=0)
    return sum(first < write.replace(microsecond=0) <= last for write in writes)


def in_buckets(writes: list[datetime], cuts: list[int]) -> list[WriteBucket]:
    """Count the writes in buckets that begin at the given seconds after BASE."""
    edges = sorted({0, SPAN + 1, *cuts})
    return [
        WriteBucket(
            BASE + timedelta(seconds=begin),
            timedelta(seconds=finish - begin),
            sum(begin <= (write - BASE).total_seconds() < finish for write in writes),
        )
        for begin, finish in pairwise(edges)
    ]


@given(writes_made, st.lists(st.integers(0, SPAN), max_size=20), moments, moments)
def test_the_range_holds_the_truth(writes, cuts, start, end):
    """A range that leaves the true number out would make the operator accept another loss than the real one."""
    count = WriteSeries(in_buckets(writes, cuts), "test").count(start, end)
    assert count.at_least <= truth(writes, start, end) <= count.at_most


@given(writes_made, moments, moments)
def test_one_second_buckets_count_exactly(writes, start, end):
    """With one-second data the number shown is the number lost, not a range."""
    seconds = {write.replace(microsecond=0) for write in writes}
    buckets = tuple((second, sum(w.replace(microsecond=0) == second for w in writes)) for second in seconds)
    count = count_writes(buckets, timedelta(seconds=1), start, end, "test")
    assert (count.at_least, count.at_most) == (truth(writes, start, end),) * 2


@given(moments, moments, st.sampled_from(WindowEnd))
def test_a_window_is_never_negative(start, end, basis):
    """A restore point after the halt loses nothing: no negative time reaches the screen."""
    window = LossWindow(start, end, basis)
    assert window.duration == max(end - start, timedelta(0))


def test_a_minute_cut_by_the_restore_point_is_a_range():
    """A bucket that is only partly in the window counts as possible, a whole one for sure."""
    buckets = ((BASE, 10.0), (BASE + timedelta(minutes=1), 7.0))
    count = count_writes(
        buckets, timedelta(minutes=1), BASE + timedelta(seconds=30), BASE + timedelta(minutes=3), "per minute"
    )
    assert (count.at_least, count.at_most, count.is_exact, count.basis) == (7, 17, False, "per minute")


def test_the_second_of_the_restore_point_is_kept():
    """A restore keeps the writes of its own second: they must not be counted as lost."""
    count = count_writes(
        ((BASE, 4.0), (BASE + timedelta(seconds=1), 2.0)),
        timedelta(seconds=1),
        BASE,
        BASE + timedelta(seconds=1, milliseconds=300),
        "per second",
    )
    assert (count.at_least, count.at_most) == (2, 2)


def test_the_objective_is_compared_with_the_length():
    """The RPO verdict: missed only if the window is longer, unknown without an objective."""
    window = LossWindow(BASE, BASE + timedelta(minutes=16), WindowEnd.NOW, rpo=timedelta(minutes=15))
    assert window.exceeds_rpo is True
    assert LossWindow(BASE, BASE + timedelta(minutes=15), WindowEnd.NOW, rpo=timedelta(minutes=15)).exceeds_rpo is False
    assert LossWindow(BASE, BASE, WindowEnd.NOW).exceeds_rpo is None
