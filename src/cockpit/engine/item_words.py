"""DynamoDB items in words that a person can compare, and that cannot hurt a terminal."""

import json
from collections.abc import Mapping

from pydantic import JsonValue

from cockpit.model.text import clean

VALUE_LIMIT = 80
ITEM_LIMIT = 600

_ABSENT = "absent"


def plain(value: JsonValue) -> JsonValue:
    """Return the value of one attribute in DynamoDB JSON (``{"S": "x"}``) without its types."""
    if not isinstance(value, dict) or len(value) != 1:
        return value
    kind, inner = next(iter(value.items()))
    if kind == "M" and isinstance(inner, dict):
        return {key: plain(element) for key, element in inner.items()}
    if kind == "L" and isinstance(inner, list):
        return [plain(element) for element in inner]
    return None if kind == "NULL" else inner


def value_words(value: JsonValue, limit: int = VALUE_LIMIT) -> str:
    """Return one attribute in words, cleaned and cut to `limit` characters."""
    bare = plain(value)
    return clean(bare if isinstance(bare, str) else json.dumps(bare, ensure_ascii=False, sort_keys=True), limit)


def key_words(key: Mapping[str, JsonValue]) -> str:
    """Return a primary key in words: ``USER#17 / CONFIG``."""
    return " / ".join(value_words(value) for value in key.values())


def content(key: Mapping[str, JsonValue], item: Mapping[str, JsonValue]) -> str:
    """Return what an item holds besides its key; an empty mapping is an absent item."""
    names = [name for name in sorted(item) if name not in key]
    words = ", ".join(f"{clean(name, 40)}={value_words(item[name])}" for name in names)
    return clean(words, ITEM_LIMIT) if item else _ABSENT


def side_by_side(
    key: Mapping[str, JsonValue], source: Mapping[str, JsonValue], restored: Mapping[str, JsonValue]
) -> str:
    """Return how an item differs between the source and the restored table; empty mappings are absent items.

    Equal items show their content once; differing ones show each differing attribute in both.
    """
    if not source and not restored:
        return "absent in both tables"
    names = [name for name in sorted({**source, **restored}) if name not in key]
    if source == restored:
        return clean(f"the same in both: {content(key, source)}", ITEM_LIMIT)
    if not source or not restored:
        there = "the restored" if restored else "the source"
        return clean(f"only in {there} table: {content(key, restored or source)}", ITEM_LIMIT)
    lines = [
        f"{clean(name, 40)}: source {_words(source, name)} \u2192 restored {_words(restored, name)}"
        for name in names
        if source.get(name) != restored.get(name)
    ]
    return clean("; ".join(lines), ITEM_LIMIT)


def _words(item: Mapping[str, JsonValue], name: str) -> str:
    return value_words(item[name]) if name in item else _ABSENT
