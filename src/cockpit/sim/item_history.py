"""Everything that was ever written to a table: what a restore to a second is made of."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pydantic import JsonValue

Item = Mapping[str, Any]  # attributes in DynamoDB's own JSON
Key = str


@dataclass(frozen=True, slots=True)
class Write:
    """One accepted write. `item` is None for a deletion.

    Attributes:
        number: place in the order of all writes to the table, from 1.
        good: False for a write that damaged the item.
        writer: who wrote: a task, the API path, or a caller of DynamoDB.
    """

    at: datetime
    number: int
    key: Key
    item: Item | None
    good: bool
    writer: str

    def to_json(self) -> dict[str, JsonValue]:
        """Return the write without its item."""
        return {
            "time": self.at.isoformat(),
            "seq": self.number,
            "key": json.loads(self.key),
            "good": self.good,
            "deleted": self.item is None,
            "writer": self.writer,
        }


class ItemHistory:
    """Items a table began with, and every write since, in order.

    Attributes:
        current: the items as they are now, by key.
        unseen: keys written since somebody last cleared the set; moto's copy of the table is brought up to date by it.
        followers: called with every write.
    """

    def __init__(self, key_names: Sequence[str], base: Mapping[Key, Item] | None = None) -> None:
        self._key_names = tuple(key_names)
        self._base: dict[Key, Item] = dict(base or {})
        self.writes: list[Write] = []
        self.current: dict[Key, Item] = dict(self._base)
        self.unseen: set[Key] = set(self._base)
        self.followers: list[Callable[[Write], None]] = []

    def key_of(self, attributes: Item) -> Key:
        """Return the key of an item, or of a primary key given alone, as canonical JSON."""
        return json.dumps({name: attributes[name] for name in self._key_names}, sort_keys=True)

    def put(self, at: datetime, item: Item, *, good: bool = True, writer: str = "") -> None:
        """Record that an item was written."""
        self._record(at, self.key_of(item), item, good=good, writer=writer)

    def delete(self, at: datetime, key: Item, *, writer: str = "") -> None:
        """Record that an item was deleted (accepted whether or not there was one)."""
        self._record(at, self.key_of(key), None, good=True, writer=writer)

    def items_at(self, second: datetime) -> dict[Key, Item]:
        """Return the items at the end of a second: every write of that second is in, as a restore keeps it."""
        end = second.replace(microsecond=0) + timedelta(seconds=1)
        items = dict(self._base)
        for write in self.writes:
            if write.at >= end:
                break
            if write.item is None:
                items.pop(write.key, None)
            else:
                items[write.key] = write.item
        return items

    def holds(self, write: Write) -> bool:
        """Tell whether a write was not undone."""
        return write.number <= len(self.writes) and self.writes[write.number - 1] is write

    def forget_after(self, count: int) -> None:
        """Undo every write but the first `count`: a transaction failed."""
        undone = self.writes[count:]
        del self.writes[count:]
        if undone:
            self.current = self.items_at(self.writes[-1].at) if self.writes else dict(self._base)
            self.unseen |= {write.key for write in undone}

    def _record(self, at: datetime, key: Key, item: Item | None, *, good: bool, writer: str) -> None:
        write = Write(at, len(self.writes) + 1, key, item, good, writer)
        self.writes.append(write)
        if item is None:
            self.current.pop(key, None)
        else:
            self.current[key] = item
        self.unseen.add(key)
        for follower in self.followers:
            follower(write)
