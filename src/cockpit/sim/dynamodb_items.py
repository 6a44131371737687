"""Reads and writes of items over HTTP: moto carries them out, the history records them."""

import copy
import json
from typing import Any

from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.models.table import Table

from cockpit.sim.operations import wrap
from cockpit.sim.simulation import ACCOUNT
from cockpit.sim.tables import Tables

_CALLER = f"arn:aws:iam::{ACCOUNT}:root"


def remove(table: Table, key: str) -> None:
    """Remove an item from moto's table by its key as the history writes it."""
    attributes = json.loads(key)
    sort_key = DynamoType(attributes[table.range_key_attr]) if table.range_key_attr else None
    table.delete_item(DynamoType(attributes[table.hash_key_attr]), sort_key)


def install(tables: Tables) -> None:
    """Wrap moto's methods on items."""

    def put_item(original: Any, self: DynamoDBBackend, table_name: str, *args: Any, **kwargs: Any) -> Item:
        record = tables.writable(self.region_name, table_name, "PutItem", _CALLER)
        item: Item = original(self, table_name, *args, **kwargs)
        record.history.put(tables.world.now(), _attributes(item), writer=_CALLER)
        tables.count(record, "PutItem")
        return item

    def update_item(original: Any, self: DynamoDBBackend, table_name: str, *args: Any, **kwargs: Any) -> Item:
        record = tables.writable(self.region_name, table_name, "UpdateItem", _CALLER)
        item: Item = original(self, table_name, *args, **kwargs)
        record.history.put(tables.world.now(), _attributes(item), writer=_CALLER)
        tables.count(record, "UpdateItem")
        return item

    def delete_item(
        original: Any, self: DynamoDBBackend, table_name: str, key: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Any:
        record = tables.writable(self.region_name, table_name, "DeleteItem", _CALLER)
        item = original(self, table_name, key, *args, **kwargs)
        record.history.delete(tables.world.now(), copy.deepcopy(key), writer=_CALLER)
        tables.count(record, "DeleteItem")
        return item

    def transact_write_items(original: Any, self: DynamoDBBackend, transact_items: list[dict[str, Any]]) -> None:
        names = {operation["TableName"] for item in transact_items for operation in item.values()}
        records = [record for name in names if (record := tables.find(self.region_name, name))]
        counts = [len(record.history.writes) for record in records]
        try:
            original(self, transact_items)
        except Exception:
            for record, count in zip(records, counts, strict=True):
                record.history.forget_after(count)
            raise

    wrap(DynamoDBBackend, "put_item", put_item)
    wrap(DynamoDBBackend, "update_item", update_item)
    wrap(DynamoDBBackend, "delete_item", delete_item)
    wrap(DynamoDBBackend, "transact_write_items", transact_write_items)
    for name, operation in (("get_item", "GetItem"), ("query", "Query"), ("scan", "Scan")):
        _count_reads(tables, name, operation)


def _count_reads(tables: Tables, name: str, operation: str) -> None:
    def read(original: Any, self: DynamoDBBackend, table_name: str, *args: Any, **kwargs: Any) -> Any:
        record = tables.writable(self.region_name, table_name, operation, _CALLER)
        answer = original(self, table_name, *args, **kwargs)
        tables.count(record, operation)
        return answer

    wrap(DynamoDBBackend, name, read)


def _attributes(item: Item) -> dict[str, Any]:
    attributes: dict[str, Any] = copy.deepcopy(item.to_json()["Attributes"])
    return attributes
