"""One axis for everything that helps to choose a restore point (RQ-18)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class TimelineKind(StrEnum):
    """What a mark on the timeline is."""

    DEPLOYMENT = "deployment"
    ALARM = "alarm"
    LOG_ONSET = "log onset"
    CONFIGURATION = "configuration"
    DATABASE = "database"
    HALT = "halt"


@dataclass(frozen=True, slots=True)
class TimelineMark:
    """One event on the axis, UTC. `suspect` marks a change that may have caused the damage."""

    at: datetime
    kind: TimelineKind
    label: str
    suspect: bool = False


@dataclass(frozen=True, slots=True)
class Timeline:
    """The axis of a restore point: the restorable window and the marks on it, oldest first.

    Attributes:
        earliest: first restorable second, UTC.
        latest: last restorable second, UTC.
        marks: events, oldest first.
        proposal: see `propose`.
    """

    earliest: datetime
    latest: datetime
    marks: tuple[TimelineMark, ...] = ()
    proposal: datetime | None = None

    def allows(self, moment: datetime) -> bool:
        """Tell whether a moment can be restored to (E-81: outside the window is refused)."""
        return self.earliest <= moment <= self.latest


def propose(marks: tuple[TimelineMark, ...], earliest: datetime, latest: datetime) -> datetime | None:
    """Return the whole second before the earliest suspect mark, as far as it can be restored to (S0:118, RQ-18).

    A restore keeps every write of its second, so the proposal is the last second that lies wholly before the mark.
    If AWS cannot restore to it yet (latest is about five minutes behind now), the last restorable second stands in:
    it is before the mark as well. None if nothing is suspect, or if the mark is older than the window. "Latest" is
    never proposed for any other reason: after corruption it restores the corruption.
    """
    suspects = [mark.at for mark in marks if mark.suspect]
    if not suspects:
        return None
    before = min(suspects).replace(microsecond=0) - timedelta(seconds=1)
    proposal = min(before, latest.replace(microsecond=0))
    return proposal if proposal >= earliest else None
