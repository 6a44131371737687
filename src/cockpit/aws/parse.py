"""Tolerant readers over an answer's body: what is missing or of the wrong type is None or empty, never an error."""

from __future__ import annotations  # JsonValue is for checkers only: `cockpit status` must not pay for pydantic

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from cockpit.model.text import clean

if TYPE_CHECKING:
    from pydantic import JsonValue


def text(body: dict[str, JsonValue], key: str, limit: int = 4000) -> str:
    """Return the cleaned text of a member; empty if it is missing."""
    value = body.get(key)
    return "" if value is None else clean(value, limit)


def moment(body: dict[str, JsonValue], key: str) -> datetime | None:
    """Return the UTC time of a member; None if it is missing or no time."""
    value = body.get(key)
    if not isinstance(value, str):
        return None
    try:
        parsed = datetime.fromisoformat(value)
    except ValueError:
        return None
    return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)


def number(body: dict[str, JsonValue], key: str) -> float | None:
    """Return the number of a member; None if it is missing or no number."""
    value = body.get(key)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def integer(body: dict[str, JsonValue], key: str) -> int | None:
    """Return the whole number of a member; None if it is missing or no number."""
    value = number(body, key)
    return None if value is None else int(value)


def structure(body: dict[str, JsonValue], key: str) -> dict[str, JsonValue]:
    """Return a structure; empty if it is missing."""
    value = body.get(key)
    return value if isinstance(value, dict) else {}


def structures(body: dict[str, JsonValue], key: str) -> list[dict[str, JsonValue]]:
    """Return the structures of a list; empty if it is missing."""
    value = body.get(key)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def texts(body: dict[str, JsonValue], key: str) -> list[str]:
    """Return the strings of a list as they are (names to call AWS with again); empty if it is missing."""
    value = body.get(key)
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []
