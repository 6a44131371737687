"""Tables under point-in-time recovery, and restores that run."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class ProtectedTable:
    """A DynamoDB table's point-in-time-recovery window. Times are UTC.

    Attributes:
        earliest: earliest restorable second; None without PITR.
        latest: latest restorable second, typically five minutes behind now; None without PITR.
    """

    table: str
    region: str
    status: str
    pitr_enabled: bool
    earliest: datetime | None = None
    latest: datetime | None = None
    recovery_days: int | None = None


@dataclass(frozen=True, slots=True)
class TableRestore:
    """A table that is being, or has been, restored.

    There is no percentage: AWS reports none, and size does not predict the time (AWS-FACTS 2).

    Attributes:
        restored_to: the chosen second, UTC.
        started_at: creation time of the target table, UTC; None if AWS did not say.
    """

    table: str
    source_table: str
    region: str
    status: str
    in_progress: bool
    restored_to: datetime | None
    started_at: datetime | None

    def elapsed(self, now: datetime) -> timedelta | None:
        """Return how long the restore has been running; None if the start is not known."""
        return None if self.started_at is None else max(now - self.started_at, timedelta(0))


@dataclass(frozen=True, slots=True)
class RestoreBoard:
    """What the restore pane shows for one region.

    Attributes:
        gaps: tables that could not be read this time, and why, in words; their last known values are still shown.
    """

    tables: tuple[ProtectedTable, ...] = ()
    restores: tuple[TableRestore, ...] = ()
    gaps: tuple[str, ...] = ()
