"""Global tables (version 2019.11.21): every write to a replica reaches the others about a second later.

What has not been replicated when a region goes down is not in the other replicas; AWS delivers it when the region comes
back, which no scenario here lives to see.
"""

import json
from datetime import timedelta
from typing import Any

from cockpit.sim.dynamodb_new_tables import add_copy
from cockpit.sim.errors import AwsError, NotSimulated
from cockpit.sim.item_history import Write
from cockpit.sim.lost_regions import LostRegions
from cockpit.sim.simulation import Metrics
from cockpit.sim.tables import TableRecord, Tables

GLOBAL_TABLE_VERSION = "2019.11.21"
LAG = (0.4, 1.6)  # seconds
REPLICATION = "replication"


class Replicas:
    """Makes replicas, and carries writes between them."""

    def __init__(self, tables: Tables, metrics: Metrics, lost: LostRegions) -> None:
        self._tables = tables
        self._metrics = metrics
        self._lost = lost
        self._chance = tables.world.random("replication")

    def change(self, region: str, name: str, changes: list[dict[str, Any]]) -> None:
        """Carry out the ReplicaUpdates of UpdateTable.

        Raises:
            AwsError: no such table, or there is one of that name in the other region already.
            NotSimulated: a replica is to be changed or deleted.
        """
        source = self._tables.find(region, name)
        if source is None:
            raise AwsError("ResourceNotFoundException", f"Requested resource not found: Table: {name} not found")
        for change in changes:
            if "Create" not in change:
                raise NotSimulated("replicas are made, never changed or deleted")
            self._create(source, str(change["Create"]["RegionName"]))

    def _create(self, source: TableRecord, region: str) -> None:
        if self._tables.find(region, source.name) is not None:
            message = f"Cannot add, delete, or update replica: a table {source.name} exists in {region}."
            raise AwsError("ValidationException", message)
        replica = add_copy(self._tables, source, region, source.name, items=source.history.current)
        others = [self._tables.find(other, source.name) for other in source.replicas]
        for other in (source, *(record for record in others if record is not None)):
            self._follow(other, replica)
            self._follow(replica, other)
            other.replicas.append(region)
            replica.replicas.append(other.region)

    def _follow(self, source: TableRecord, target: TableRecord) -> None:
        world = self._tables.world

        def on_write(write: Write) -> None:
            if write.writer != REPLICATION:
                lag = timedelta(seconds=self._chance.uniform(*LAG))
                world.at(write.at + lag, lambda: self._deliver(source, target, write, lag))

        source.history.followers.append(on_write)

    def _deliver(self, source: TableRecord, target: TableRecord, write: Write, lag: timedelta) -> None:
        cut = any(self._lost.is_lost(record.region, "dynamodb") for record in (source, target))
        if cut or not source.history.holds(write):
            return
        now = self._tables.world.now()
        if write.item is None:
            target.history.delete(now, json.loads(write.key), writer=REPLICATION)
        else:
            target.history.put(now, write.item, good=write.good, writer=REPLICATION)
        table, put = {"TableName": target.name}, self._metrics.put
        put("AWS/DynamoDB", "ConsumedWriteCapacityUnits", table, now, 1.0, region=target.region)
        latency = {**table, "ReceivingRegion": target.region}
        put("AWS/DynamoDB", "ReplicationLatency", latency, now, lag.total_seconds() * 1000, region=source.region)
