"""The one way in which records are written as JSON, and the hash chain over them."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cockpit.engine.errors import JournalError
from cockpit.engine.records import Entry, Record

FIRST = "0" * 64
"""What stands for the hash before the first entry."""


def canonical(value: Mapping[str, Any]) -> str:
    """Return JSON on one line of ASCII: sorted keys, no blanks, so that equal values give equal bytes.

    Raises:
        JournalError: a value has no JSON form (infinity, not-a-number).
    """
    try:
        return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    except ValueError as error:
        raise JournalError(f"A record cannot be written as JSON: {error}.") from error


def digest(value: Mapping[str, Any]) -> str:
    """Return the SHA-256 of the canonical JSON, in hexadecimal."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()


def next_entry(record: Record, *, seq: int, at: datetime, driver: str, prev: str) -> Entry:
    """Return the record as the entry that follows the one whose hash is `prev`.

    Raises:
        JournalError: the record has no JSON form.
    """
    open_entry = Entry(seq=seq, at=at, driver=driver, record=record, prev=prev, hash="")
    return open_entry.model_copy(update={"hash": digest(_without_hash(open_entry.model_dump(mode="json")))})


def is_whole(entry: Mapping[str, Any]) -> bool:
    """Tell whether an entry, as parsed from JSON, still has the hash it was written with."""
    return entry.get("hash") == digest(_without_hash(entry))


def _without_hash(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in entry.items() if key != "hash"}
