"""Continuous backups and restores to a point in time."""

import copy
from datetime import UTC, datetime
from functools import partial
from typing import Any

from moto.dynamodb.models import DynamoDBBackend, dynamodb_backends
from moto.dynamodb.models.table import GlobalSecondaryIndex, LocalSecondaryIndex, Table

from cockpit.sim.errors import AwsError
from cockpit.sim.item_history import ItemHistory
from cockpit.sim.operations import Request
from cockpit.sim.simulation import ACCOUNT
from cockpit.sim.tables import DEFAULT_RECOVERY_DAYS, Restore, TableRecord, Tables

LONGEST_RECOVERY_DAYS = 35


class Recovery:
    """DescribeContinuousBackups, UpdateContinuousBackups and RestoreTableToPointInTime."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def describe(self, request: Request) -> dict[str, Any]:
        """Answer with the restorable window of this moment."""
        return self._description(self._table(request.region, request.params["TableName"]))

    def update(self, request: Request) -> dict[str, Any]:
        """Switch point-in-time recovery on or off; off and on again starts a new window."""
        record = self._table(request.region, request.params["TableName"])
        now = self._tables.world.now()
        if record.is_being_restored(now):
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
        existing = self._tables.find(request.region, target)
        if existing is not None and existing.is_being_restored(now):
            raise AwsError("TableInUseException", f"Table is being created: {target}")
        if existing is not None:
            raise AwsError("TableAlreadyExistsException", f"Table already exists: {target}")
        backend = dynamodb_backends[ACCOUNT][request.region]
        origin = dynamodb_backends[ACCOUNT][source.region].tables[source.name]
        table = _copy(backend, origin, target, params)
        backend.tables[target] = table
        history = ItemHistory(table.table_key_attrs, source.history.items_at(moment))
        record = TableRecord(target, request.region, history, now)
        record.restore = Restore(source.arn, moment, now + self._tables.restore_takes)
        record.policy = partial(policy_of, backend, table)
        self._tables.add(record)
        return dict(table.describe())

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
        source = self._table(arn.split(":")[3] if arn else request.region, str(arn or name))
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


def policy_of(backend: DynamoDBBackend, table: Table) -> str:
    """Return a table's resource policy; empty if there is none."""
    found = backend.resource_policies.get(table.table_arn)
    return str(found.policy_doc) if found else ""


def _copy(backend: DynamoDBBackend, origin: Table, name: str, params: dict[str, Any]) -> Table:
    """Make the target: keys, capacity, indexes and encryption of the source; everything else is left at its default."""
    throughput = params.get("ProvisionedThroughputOverride") or {
        unit: origin.throughput[unit] for unit in ("ReadCapacityUnits", "WriteCapacityUnits")
    }
    table = Table(  # type: ignore[abstract]  # moto itself makes tables of this class, whatever it declares
        name,
        account_id=ACCOUNT,
        region=backend.region_name,
        schema=copy.deepcopy(origin.schema),
        attr=copy.deepcopy(origin.attr),
        throughput=dict(throughput) if any(throughput.values()) else None,
        billing_mode=params.get("BillingModeOverride") or origin.billing_mode,
        sse_specification=copy.deepcopy(params.get("SSESpecificationOverride") or origin.sse_specification),
        deletion_protection_enabled=False,
    )
    table.indexes = _indexes(LocalSecondaryIndex, origin, origin.indexes, params.get("LocalSecondaryIndexOverride"))
    table.global_indexes = _indexes(
        GlobalSecondaryIndex, origin, origin.global_indexes, params.get("GlobalSecondaryIndexOverride")
    )
    return table


def _indexes(kind: Any, origin: Table, existing: list[Any], override: list[dict[str, Any]] | None) -> list[Any]:
    """Return the target's indexes: those of the source, or the override's (an empty one leaves them out)."""
    if override is None:
        return copy.deepcopy(existing)
    return [kind.create(index, origin.table_key_attrs) for index in override]
