"""DynamoDB answers to restorable windows and running restores."""

from __future__ import annotations  # JsonValue is for checkers only: `cockpit status` must not pay for pydantic

from typing import TYPE_CHECKING

from cockpit.aws.parse import integer, moment, structure, text
from cockpit.model.restore import ProtectedTable, TableRestore

if TYPE_CHECKING:
    from pydantic import JsonValue


def parse_protection(
    table: str, region: str, described: dict[str, JsonValue], backups: dict[str, JsonValue]
) -> ProtectedTable:
    """Return a table's restorable window from its DescribeTable and DescribeContinuousBackups answers."""
    recovery = structure(structure(backups, "ContinuousBackupsDescription"), "PointInTimeRecoveryDescription")
    enabled = recovery.get("PointInTimeRecoveryStatus") == "ENABLED"
    return ProtectedTable(
        table=text({"name": table}, "name"),
        region=region,
        status=text(structure(described, "Table"), "TableStatus"),
        pitr_enabled=enabled,
        earliest=moment(recovery, "EarliestRestorableDateTime") if enabled else None,
        latest=moment(recovery, "LatestRestorableDateTime") if enabled else None,
        recovery_days=integer(recovery, "RecoveryPeriodInDays") if enabled else None,
    )


def parse_restore(table: str, region: str, described: dict[str, JsonValue]) -> TableRestore | None:
    """Return the restore that made, or makes, a table, from its DescribeTable answer; None if none did."""
    body = structure(described, "Table")
    summary = structure(body, "RestoreSummary")
    if not summary:
        return None
    source = text(summary, "SourceTableArn") or text(summary, "SourceBackupArn")
    return TableRestore(
        table=text({"name": table}, "name"),
        source_table=source.partition(":table/")[2].partition("/")[0] or source,
        region=region,
        status=text(body, "TableStatus"),
        in_progress=summary.get("RestoreInProgress") is True,
        restored_to=moment(summary, "RestoreDateTime"),
        started_at=moment(body, "CreationDateTime"),
    )
