"""Tables that begin with items from elsewhere: restores, imports and replicas."""

import copy
from collections.abc import Mapping
from functools import partial
from typing import Any

from moto.dynamodb.models import DynamoDBBackend, dynamodb_backends
from moto.dynamodb.models.table import GlobalSecondaryIndex, LocalSecondaryIndex, Table

from cockpit.sim.errors import AwsError
from cockpit.sim.item_history import Item, ItemHistory, Key
from cockpit.sim.simulation import ACCOUNT
from cockpit.sim.tables import TableRecord, Tables


def refuse_taken(tables: Tables, region: str, name: str) -> None:
    """Refuse a name that a table of the region has, as a restore does.

    Raises:
        AwsError: TableInUseException while that table is still CREATING, else TableAlreadyExistsException.
    """
    existing = tables.find(region, name)
    if existing is not None and existing.is_being_created(tables.world.now()):
        raise AwsError("TableInUseException", f"Table is being created: {name}")
    if existing is not None:
        raise AwsError("TableAlreadyExistsException", f"Table already exists: {name}")


def add_copy(
    tables: Tables,
    origin: TableRecord,
    region: str,
    name: str,
    *,
    items: Mapping[Key, Item],
    params: dict[str, Any] | None = None,
) -> TableRecord:
    """Add a table like another one, with these items; ACTIVE at once, until `active_at` says otherwise.

    Args:
        tables: all tables.
        origin: keys, capacity mode, indexes and encryption are taken from it.
        region: where the new table is.
        name: its name; nothing of that name may be there.
        items: what it begins with.
        params: overrides as in RestoreTableToPointInTime.
    """
    backend = dynamodb_backends[ACCOUNT][region]
    table = _copy_of(backend, dynamodb_backends[ACCOUNT][origin.region].tables[origin.name], name, params or {})
    backend.tables[name] = table
    record = TableRecord(name, region, ItemHistory(table.table_key_attrs, items), tables.world.now())
    record.policy = partial(policy_of, backend, table)
    tables.add(record)
    return record


def policy_of(backend: DynamoDBBackend, table: Table) -> str:
    """Return a table's resource policy; empty if there is none."""
    found = backend.resource_policies.get(table.table_arn)
    return str(found.policy_doc) if found else ""


def _copy_of(backend: DynamoDBBackend, origin: Table, name: str, params: dict[str, Any]) -> Table:
    """Make a table like another: its keys, capacity, indexes and encryption; everything else is left at its default."""
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
