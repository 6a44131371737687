"""PropIE's listed properties as items of the table."""

import random
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from pydantic import JsonValue

from cockpit.sim.item_history import Item

KEPT_APART = (2, 7, 15)  # places in the row of victims at which known-good properties stand
TOWNS = ("Drogheda", "Navan", "Maynooth", "Athlone", "Ennis", "Clonmel")


class Listings:
    """Every property that is listed.

    Known-good ones are written once and then left alone, so that their right content is known; the fault reaches
    them early.

    Attributes:
        ordinary: keys of the properties that agents edit and visitors book.
    """

    def __init__(self, count: int, known_good: JsonValue, chance: random.Random) -> None:
        self._chance = chance
        listed = known_good if isinstance(known_good, list) else []
        self._known_good = [dict(key) for key in listed if isinstance(key, dict)]
        apart = {str(key) for key in self._known_good}
        keys = [_key(number) for number in range(1, count + len(apart) + 1)]
        self.ordinary: list[dict[str, Any]] = [key for key in keys if str(key) not in apart][:count]
        self._victims = list(self.ordinary)
        chance.shuffle(self._victims)
        for place, known in zip(KEPT_APART, self._known_good, strict=False):
            self._victims.insert(min(place, len(self._victims)), known)
        self._next_victim = 0

    def at_first(self, now: datetime) -> Iterator[Item]:
        """Yield every property as it is listed first."""
        for key in (*self._known_good, *self.ordinary):
            price, town = self._chance.randrange(180_000, 720_000, 5_000), self._chance.choice(TOWNS)
            first = {**key, "town": {"S": town}, "status": {"S": "for sale"}, "viewings": {"N": "0"}}
            yield changed(first, now, "import", price={"N": str(price)})

    def victim(self) -> dict[str, Any]:
        """Return the next property whose price the faulty commit clears."""
        key = self._victims[self._next_victim % len(self._victims)]
        self._next_victim += 1
        return key


def changed(item: Item, now: datetime, by: str, **attributes: dict[str, str]) -> dict[str, Any]:
    """Return a property with some attributes changed, its next revision, and by whom."""
    revision = int(item.get("revision", {"N": "0"})["N"]) + 1
    stamp = {"updatedAt": {"S": now.isoformat(timespec="seconds")}, "updatedBy": {"S": by}}
    return {**item, **attributes, "revision": {"N": str(revision)}, **stamp}


def price_of(item: Item) -> int:
    """Return a property's price; 0 once it was cleared."""
    return int(item["price"]["N"])


def _key(number: int) -> dict[str, Any]:
    return {"pk": {"S": f"PROPERTY#{number:04}"}, "sk": {"S": "DETAILS"}}
