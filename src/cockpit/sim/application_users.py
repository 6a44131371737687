"""SyncWell's users and their sync configurations, as items of the table."""

import random
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from pydantic import JsonValue

from cockpit.sim.item_history import Item

KEPT_APART = (3, 9, 17)  # places in the row of victims at which known-good accounts stand
SOURCES = ("salesforce", "hubspot", "shopify", "jira")
TARGETS = ("postgres", "sheets", "slack", "zendesk")


class Users:
    """Everybody who has an account.

    Known-good accounts are written once and then left alone, so that their right content is known; the fault reaches
    them early.

    Attributes:
        ordinary: keys of the users who edit and whose syncs run.
    """

    def __init__(self, count: int, known_good: JsonValue, chance: random.Random) -> None:
        self._chance = chance
        self._known_good = (
            [dict(key) for key in known_good if isinstance(key, dict)] if isinstance(known_good, list) else []
        )
        taken = {str(key) for key in self._known_good}
        keys: Iterator[dict[str, Any]] = (_key(number) for number in range(1, count + len(taken) + 1))
        self.ordinary: list[dict[str, Any]] = [key for key in keys if str(key) not in taken][:count]
        victims = list(self.ordinary)
        chance.shuffle(victims)
        for place, known in zip(KEPT_APART, self._known_good, strict=False):
            victims.insert(min(place, len(victims)), known)
        self._victims = victims
        self._next_victim = 0

    def at_first(self, now: datetime) -> Iterator[Item]:
        """Yield every user's first configuration."""
        for key in (*self._known_good, *self.ordinary):
            syncs = [_sync(self._chance, number) for number in range(self._chance.randint(1, 3))]
            yield configuration(key, syncs, 1, now, "registration")

    def victim(self) -> dict[str, Any]:
        """Return the next user whose configuration a faulty revision overwrites."""
        key = self._victims[self._next_victim % len(self._victims)]
        self._next_victim += 1
        return key


def configuration(
    key: dict[str, Any], syncs: list[dict[str, Any]], revision: int, now: datetime, by: str
) -> dict[str, Any]:
    """Return a user's sync configuration as an item."""
    return {
        **key,
        "syncs": {"L": syncs},
        "revision": {"N": str(revision)},
        "updatedAt": {"S": now.isoformat(timespec="seconds")},
        "updatedBy": {"S": by},
    }


def revision_of(item: Item) -> int:
    """Return the revision of a configuration."""
    return int(item["revision"]["N"])


def _key(number: int) -> dict[str, Any]:
    return {"pk": {"S": f"USER#{number:04}"}, "sk": {"S": "CONFIG"}}


def _sync(chance: random.Random, number: int) -> dict[str, Any]:
    return {
        "M": {
            "id": {"S": f"sync-{number + 1}"},
            "source": {"S": chance.choice(SOURCES)},
            "target": {"S": chance.choice(TARGETS)},
            "everyMinutes": {"N": str(chance.choice((5, 15, 60)))},
        }
    }
