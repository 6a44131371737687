"""Continuous backups and restores to a point in time."""

from datetime import UTC, datetime
from typing import Any

from moto.dynamodb.models import dynamodb_backends

from cockpit.sim.dynamodb_new_tables import add_copy, refuse_taken
from cockpit.sim.errors import AwsError, ServiceDown
from cockpit.sim.lost_regions import LostRegions
from cockpit.sim.operations import Request
from cockpit.sim.simulation import ACCOUNT
from cockpit.sim.tables import DEFAULT_RECOVERY_DAYS, Restore, TableRecord, Tables

LONGEST_RECOVERY_DAYS = 35


class Recovery:
    """DescribeContinuousBackups, UpdateContinuousBackups and RestoreTableToPointInTime."""

    def __init__(self, tables: Tables, lost: LostRegions) -> None:
        self._tables = tables
        self._lost = lost

    def describe(self, request: Request) -> dict[str, Any]:
        """Answer with the restorable window of this moment."""
        return self._description(self._table(request.region, request.params["TableName"]))

    def update(self, request: Request) -> dict[str, Any]:
        """Switch point-in-time recovery on or off; off and on again starts a new window."""
        record = self._table(request.region, request.params["TableName"])
        now = self._tables.world.now()
        if record.is_being_created(now):
            message = "Backups are being enabled for the table: it is still being created."
            raise AwsError("ContinuousBackupsUnavailableException", message)
        wanted = request.params["PointInTimeRecoverySpecification"]
        days = int(wanted.get("RecoveryPeriodInDays") or DEFAULT_RECOVERY_DAYS)
        if not 1 <= days <= LONGEST_RECOVERY_DAYS:
            raise AwsError("ValidationException", "RecoveryPeriodInDays must be between 1 and 35.")
        if not wanted["PointInTimeRecoveryEnabled"]:
            record.protected_since = None
        else:
            record.protected_since = record.protected_since or now
            record.recovery_days = days
        return self._description(record)

    def restore(self, request: Request) -> dict[str, Any]:
        """Begin a restore: the target is CREATING until its time has come."""
        params, now = request.params, self._tables.world.now()
        source = self._source(request)
        moment = self._moment(source, params, now)
        target = params["TargetTableName"]
        refuse_taken(self._tables, request.region, target)
        items = source.history.items_at(moment)
        record = add_copy(self._tables, source, request.region, target, items=items, params=params)
        record.restore = Restore(source.arn, moment)
        record.active_at = now + self._tables.restore_takes
        return dict(dynamodb_backends[ACCOUNT][request.region].tables[target].describe())

    def _description(self, record: TableRecord) -> dict[str, Any]:
        window = record.window(self._tables.world.now())
        recovery: dict[str, Any] = {"PointInTimeRecoveryStatus": "DISABLED"}
        if window:
            recovery = {
                "PointInTimeRecoveryStatus": "ENABLED",
                "RecoveryPeriodInDays": record.recovery_days,
                "EarliestRestorableDateTime": window[0],
                "LatestRestorableDateTime": window[1],
            }
        description = {"ContinuousBackupsStatus": "ENABLED", "PointInTimeRecoveryDescription": recovery}
        return {"ContinuousBackupsDescription": description}

    def _table(self, region: str, name: str) -> TableRecord:
        record = self._tables.find(region, name)
        if record is None:
            raise AwsError("TableNotFoundException", f"Table not found: {name}")
        return record

    def _source(self, request: Request) -> TableRecord:
        """Return the source: by name in this region, or by ARN in whatever region the ARN says."""
        arn, name = request.params.get("SourceTableArn"), request.params.get("SourceTableName")
        if not arn and not name:
            raise AwsError("ValidationException", "Either SourceTableName or SourceTableArn must be given.")
        region = arn.split(":")[3] if arn else request.region
        if self._lost.is_lost(region, "dynamodb"):  # its continuous backups are kept there, and nowhere else (E-01)
            raise ServiceDown("InternalServerError", f"The backups of {arn} cannot be read.")
        source = self._table(region, str(arn or name))
        if source.window(self._tables.world.now()) is None:
            message = f"Point in time recovery is not enabled for table '{source.name}'"
            raise AwsError("PointInTimeRecoveryUnavailableException", message)
        return source

    def _moment(self, source: TableRecord, params: dict[str, Any], now: datetime) -> datetime:
        """Return the second to restore to."""
        earliest, latest = source.window(now) or (now, now)
        given = params.get("RestoreDateTime")
        if bool(given) == bool(params.get("UseLatestRestorableTime")):
            raise AwsError("ValidationException", "Give either RestoreDateTime or UseLatestRestorableTime.")
        if not given:
            return latest
        moment: datetime = (given if given.tzinfo else given.replace(tzinfo=UTC)).replace(microsecond=0)
        if not earliest <= moment <= latest:
            message = f"RestoreDateTime must be between {earliest.isoformat()} and {latest.isoformat()}"
            raise AwsError("InvalidRestoreTimeException", message)
        return moment
