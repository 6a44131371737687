"""DynamoDB's operations: moto keeps the tables, `tables` their history; here the two are joined."""

from functools import partial
from typing import Any

from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.table import Table
from moto.dynamodb.responses import DynamoHandler

from cockpit.sim import dynamodb_items
from cockpit.sim.dynamodb_bucket import Exports, Imports
from cockpit.sim.dynamodb_new_tables import policy_of
from cockpit.sim.dynamodb_replicas import GLOBAL_TABLE_VERSION, Replicas
from cockpit.sim.dynamodb_restore import Recovery
from cockpit.sim.errors import AwsError, NotSimulated
from cockpit.sim.item_history import ItemHistory
from cockpit.sim.lost_regions import LostRegions
from cockpit.sim.operations import Request, add_operations, wrap
from cockpit.sim.resource_policy import check_policy
from cockpit.sim.simulation import Simulation
from cockpit.sim.tables import ITEM_BYTES, TableRecord, Tables

# Operations that moto answers, but from item sets that have no history behind them.
_LEFT_OUT = (
    "ExecuteStatement",
    "BatchExecuteStatement",
    "ExecuteTransaction",
    "RestoreTableFromBackup",
)


def install(simulation: Simulation) -> None:
    """Put tables in place."""
    tables = Tables(simulation.world, simulation.metrics)
    simulation.parts[Tables] = tables
    simulation.truth["truth"] = tables.truth
    simulation.truth["truth/items"] = tables.items_truth
    lost: LostRegions = simulation.parts[LostRegions]
    recovery = Recovery(tables, lost)
    add_operations(
        DynamoHandler,
        {
            "DescribeContinuousBackups": recovery.describe,
            "UpdateContinuousBackups": recovery.update,
            "RestoreTableToPointInTime": recovery.restore,
            **Exports(simulation, tables).handlers(),
            **Imports(simulation, tables).handlers(),
            **dict.fromkeys(_LEFT_OUT, _not_simulated),
        },
    )
    _join(tables)
    dynamodb_items.install(tables)
    _let_tables_have_replicas(Replicas(tables, simulation.metrics, lost))


def _not_simulated(request: Request) -> dict[str, Any]:
    raise NotSimulated(f"moto's answer in {request.region} would know nothing of the items' history")


def _join(tables: Tables) -> None:
    """Let moto's backend tell `tables` what happens to tables, and show what `tables` knows of them."""

    def create(original: Any, self: DynamoDBBackend, name: str, **settings: Any) -> Table:
        table: Table = original(self, name, **settings)
        table.deletion_protection_enabled = bool(table.deletion_protection_enabled)
        record = TableRecord(table.name, self.region_name, ItemHistory(table.table_key_attrs), tables.world.now())
        record.policy = partial(policy_of, self, table)
        tables.add(record)
        return table

    def delete(original: Any, self: DynamoDBBackend, name: str) -> Table:
        _refuse_while_creating(tables, self, name)
        table: Table = original(self, name)
        self.resource_policies.pop(table.table_arn, None)
        tables.remove(self.region_name, table.name)
        return table

    def get(original: Any, self: DynamoDBBackend, table_name: str) -> Table:
        table: Table = original(self, table_name)
        record = tables.find(self.region_name, table.name)
        if record is not None:
            _bring_up_to_date(table, record)
        return table

    def put_policy(original: Any, self: DynamoDBBackend, **given: Any) -> Any:
        _refuse_while_creating(tables, self, given["resource_arn"])
        check_policy(given["policy_doc"])
        return original(self, **given)

    def change(original: Any, self: DynamoDBBackend, *args: Any, **given: Any) -> Any:
        _refuse_while_creating(tables, self, str(args[0] if args else next(iter(given.values()))))
        return original(self, *args, **given)

    def describe(original: Any, self: Table, base_key: str = "TableDescription") -> dict[str, Any]:
        answer: dict[str, Any] = original(self, base_key)
        record = tables.find(self.region_name, self.name)
        if record is not None:
            answer[base_key].update(_known_besides(tables, record))
        return answer

    wrap(DynamoDBBackend, "create_table", create)
    wrap(DynamoDBBackend, "delete_table", delete)
    wrap(DynamoDBBackend, "get_table", get)
    wrap(DynamoDBBackend, "put_resource_policy", put_policy)
    for name in ("update_table", "update_time_to_live", "tag_resource"):
        wrap(DynamoDBBackend, name, change)
    wrap(Table, "describe", describe)


def _let_tables_have_replicas(replicas: Replicas) -> None:
    """Let UpdateTable make replicas: moto does not know them."""

    def update_table(original: Any, self: DynamoHandler) -> Any:
        changes = self.body.get("ReplicaUpdates")
        if changes:
            replicas.change(self.region, self.body["TableName"], changes)
        return original(self)

    wrap(DynamoHandler, "update_table", update_table)


def _refuse_while_creating(tables: Tables, backend: DynamoDBBackend, name_or_arn: str) -> None:
    record = tables.find(backend.region_name, name_or_arn)
    if record is not None and record.is_being_created(tables.world.now()):
        raise AwsError("ResourceInUseException", f"Table is being created: {record.name}")


def _bring_up_to_date(table: Table, record: TableRecord) -> None:
    """Write into moto's table what was written to the history since somebody last looked."""
    history = record.history
    while history.unseen:
        key = history.unseen.pop()
        item = history.current.get(key)
        if item is None:
            dynamodb_items.remove(table, key)
        else:
            table.put_item(dict(item))


def _known_besides(tables: Tables, record: TableRecord) -> dict[str, Any]:
    now = tables.world.now()
    count = record.counted(now)
    shown: dict[str, Any] = {"ItemCount": count, "TableSizeBytes": count * ITEM_BYTES}
    in_progress = record.is_being_created(now)
    if record.active_at is not None:
        shown["TableStatus"] = "CREATING" if in_progress else "ACTIVE"
    if record.restore is not None:
        shown["RestoreSummary"] = {
            "SourceTableArn": record.restore.source_arn,
            "RestoreDateTime": record.restore.to,
            "RestoreInProgress": in_progress,
        }
        if record.restore.backup_arn:
            shown["RestoreSummary"]["SourceBackupArn"] = record.restore.backup_arn
    if record.replicas:
        shown["GlobalTableVersion"] = GLOBAL_TABLE_VERSION
        shown["Replicas"] = [{"RegionName": region, "ReplicaStatus": "ACTIVE"} for region in record.replicas]
    return shown
