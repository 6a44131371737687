"""The restore-point timeline: what is proposed and what is allowed."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from cockpit.model.timeline import Timeline, TimelineKind, TimelineMark, propose

BASE = datetime(2026, 1, 31, 3, 0, tzinfo=UTC)
moments = st.integers(-10_000_000, 10_000_000).map(lambda milliseconds: BASE + timedelta(milliseconds=milliseconds))
marks = st.lists(
    st.builds(TimelineMark, at=moments, kind=st.sampled_from(TimelineKind), label=st.just("x"), suspect=st.booleans()),
    max_size=8,
).map(tuple)


@given(marks, moments, moments)
def test_the_proposal_is_restorable_and_before_every_suspect(found, one, other):
    """A proposal outside the window is refused by AWS; one that is not wholly before the damage restores damage."""
    earliest, latest = sorted((one, other))
    proposal = propose(found, earliest, latest)
    suspects = [mark.at for mark in found if mark.suspect]
    if proposal is None:
        last_good = min([mark - timedelta(seconds=1) for mark in suspects] + [latest])
        assert not suspects or last_good.replace(microsecond=0) < earliest
        return
    assert Timeline(earliest, latest).allows(proposal)
    assert proposal.microsecond == 0
    assert all(proposal + timedelta(seconds=1) <= mark for mark in suspects)


def test_the_second_before_the_suspect_is_proposed():
    """S0:118: the point immediately preceding the faulty deployment, whatever fraction of a second it began at."""
    window = (BASE - timedelta(days=1), BASE + timedelta(days=1))
    for fraction in (0, 1, 999_999):
        mark = TimelineMark(BASE.replace(microsecond=fraction), TimelineKind.DEPLOYMENT, "d-1", suspect=True)
        assert propose((mark,), *window) == BASE - timedelta(seconds=1)


def test_nothing_suspect_proposes_nothing():
    """Without a suspect the operator chooses; the latest second is never offered by itself."""
    mark = TimelineMark(BASE, TimelineKind.ALARM, "errors")
    assert propose((mark,), BASE - timedelta(days=1), BASE) is None


def test_a_suspect_younger_than_latest_falls_back_to_the_last_restorable_second():
    """Five minutes after the change AWS cannot restore to the second before it yet: an earlier good one stands in."""
    latest = BASE - timedelta(minutes=2, milliseconds=500)
    mark = TimelineMark(BASE, TimelineKind.DEPLOYMENT, "d-1", suspect=True)
    assert propose((mark,), BASE - timedelta(days=1), latest) == BASE - timedelta(minutes=2, seconds=1)


def test_a_suspect_older_than_the_window_proposes_nothing():
    """E-81: a change before the earliest restorable second cannot be undone by a restore."""
    mark = TimelineMark(BASE, TimelineKind.DEPLOYMENT, "d-1", suspect=True)
    assert propose((mark,), BASE, BASE + timedelta(hours=1)) is None
