"""Tables of the simulated DynamoDB: history, restorable window, restores that take time, and writes that are judged."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise

from pydantic import JsonValue

from cockpit.sim.errors import AwsError
from cockpit.sim.item_history import Item, ItemHistory
from cockpit.sim.resource_policy import denies
from cockpit.sim.simulation import ACCOUNT, Metrics
from cockpit.sim.world import World

RESTORABLE_LAG = timedelta(minutes=5)
COUNTED_EVERY = timedelta(hours=6)
DEFAULT_RECOVERY_DAYS = 35
ITEM_BYTES = 400  # what TableSizeBytes counts for an item


@dataclass(frozen=True, slots=True)
class Restore:
    """Where a table was restored from, and the second of its items. `backup_arn` names the backup, if it was one."""

    source_arn: str
    to: datetime
    backup_arn: str = ""


@dataclass(eq=False, slots=True)
class TableRecord:
    """What moto's table does not know of itself.

    Attributes:
        protected_since: when point-in-time recovery was switched on; None while it is off.
        active_at: when it becomes ACTIVE; None if it was at once.
        policy: the resource policy; empty if there is none.
        replicas: regions of its replicas, if it is a global table.
    """

    name: str
    region: str
    history: ItemHistory
    created_at: datetime
    protected_since: datetime | None = None
    recovery_days: int = DEFAULT_RECOVERY_DAYS
    restore: Restore | None = None
    active_at: datetime | None = None
    policy: Callable[[], str] = field(default=lambda: "")
    replicas: list[str] = field(default_factory=list)

    @property
    def arn(self) -> str:
        """Return the table's ARN."""
        return f"arn:aws:dynamodb:{self.region}:{ACCOUNT}:table/{self.name}"

    def is_being_created(self, now: datetime) -> bool:
        """Tell whether the table is still CREATING."""
        return self.active_at is not None and now < self.active_at

    def window(self, now: datetime) -> tuple[datetime, datetime] | None:
        """Return the earliest and latest restorable second; None without point-in-time recovery."""
        if self.protected_since is None:
            return None
        since = self.protected_since.replace(microsecond=0)
        latest = max(since, (now - RESTORABLE_LAG).replace(microsecond=0))
        return max(since, now.replace(microsecond=0) - timedelta(days=self.recovery_days)), latest

    def counted(self, now: datetime) -> int:
        """Return ItemCount as it was last counted: about every six hours, the first time six hours after creation."""
        counts = (now - self.created_at) // COUNTED_EVERY
        return len(self.history.items_at(self.created_at + counts * COUNTED_EVERY)) if counts else 0


class Tables:
    """All tables by region and name.

    Attributes:
        restore_takes: how long a restore takes, in the world's time.
    """

    def __init__(self, world: World, metrics: Metrics) -> None:
        self.world = world
        self._metrics = metrics
        self._tables: dict[tuple[str, str], TableRecord] = {}
        self.restore_takes = timedelta(minutes=22)

    def add(self, record: TableRecord) -> None:
        """Take a new table in."""
        self._tables[record.region, record.name] = record

    def remove(self, region: str, name: str) -> None:
        """Forget a deleted table."""
        self._tables.pop((region, name), None)

    def find(self, region: str, name_or_arn: str) -> TableRecord | None:
        """Return a table's record by name or ARN; None if there is no such table."""
        return self._tables.get((region, name_or_arn.rpartition("/")[2]))

    def write(
        self, region: str, name: str, operation: str, principal: str, item: Item, *, good: bool = True, writer: str = ""
    ) -> None:
        """Write an item as the application does, without HTTP.

        Raises:
            AwsError: no such table, or it is not ACTIVE (ResourceNotFoundException); denied (AccessDeniedException).
        """
        record = self.writable(region, name, operation, principal)
        record.history.put(self.world.now(), item, good=good, writer=writer)
        self.count(record, operation)

    def writable(self, region: str, name: str, operation: str, principal: str) -> TableRecord:
        """Return a table's record if the caller may carry out an operation on its items now.

        Raises:
            AwsError: as for `write`.
        """
        record = self.find(region, name)
        if record is None or record.is_being_created(self.world.now()):
            raise AwsError("ResourceNotFoundException", "Requested resource not found")
        policy = record.policy()
        if policy and denies(policy, principal, f"dynamodb:{operation}", record.arn):
            raise AwsError(
                "AccessDeniedException",
                f"User: {principal} is not authorized to perform: dynamodb:{operation} on resource: {record.arn}"
                " with an explicit deny in a resource-based policy",
            )
        return record

    def count(self, record: TableRecord, operation: str) -> None:
        """Emit the metrics of one successful operation on items."""
        at, table = self.world.now(), {"TableName": record.name}
        latency = 4.0 + 3.0 * self.world.random(f"latency/{at.timestamp()}").random()
        put = self._metrics.put
        named = {**table, "Operation": operation}
        put("AWS/DynamoDB", "SuccessfulRequestLatency", named, at, latency, region=record.region)
        consumed = (
            "ConsumedReadCapacityUnits" if operation in ("GetItem", "Query", "Scan") else "ConsumedWriteCapacityUnits"
        )
        put("AWS/DynamoDB", consumed, table, at, 1.0, region=record.region)

    def truth(self, query: dict[str, str]) -> JsonValue:
        """Return every write to every table (or to ``table``, in ``region``), and what follows from them."""
        tables: dict[str, JsonValue] = {}
        for record in self._tables.values():
            if query.get("table") not in (None, record.name) or query.get("region") not in (None, record.region):
                continue
            writes = record.history.writes
            bad = next((write.at.isoformat() for write in writes if not write.good), None)
            gap = max((later.at - earlier.at for earlier, later in pairwise(writes)), default=timedelta())
            tables[record.name] = {
                "region": record.region,
                "writes": [write.to_json() for write in writes],
                "bad_since": bad,
                "halted_at": writes[-1].at.isoformat() if writes else None,
                "longest_pause_seconds": gap.total_seconds(),
            }
        return {"now": self.world.now().isoformat(), "tables": tables}

    def items_truth(self, query: dict[str, str]) -> JsonValue:
        """Return the items of ``table`` now, or at the end of the second ``at`` (ISO 8601), in order of their keys.

        Of tables of that name in several regions, ``region`` says which; without it the first one made is meant.
        """
        name, region = query.get("table", ""), query.get("region")
        records = (record for record in self._tables.values() if record.name == name)
        record = next((record for record in records if region in (None, record.region)), None)
        if record is None:
            return {"error": f"there is no table {name!r}"}
        history = record.history
        items = history.items_at(datetime.fromisoformat(query["at"])) if query.get("at") else history.current
        return {"table": name, "items": [dict(items[key]) for key in sorted(items)]}
