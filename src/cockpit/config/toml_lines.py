"""Find the line of a key in TOML text: `tomllib` keeps no positions."""

import tomllib
from collections.abc import Sequence
from typing import Any


def line_of(text: str, path: Sequence[str | int]) -> int:
    """Return the line (from 1) where the key is set, else where its nearest enclosing table or key is.

    Positions inside arrays and inline tables are those of the key that holds them.
    """
    lines = _lines_of_keys(text)
    keys = tuple(part for part in path if isinstance(part, str))
    for length in range(len(keys), 0, -1):
        if keys[:length] in lines:
            return lines[keys[:length]]
    return 1


def _lines_of_keys(text: str) -> dict[tuple[str, ...], int]:
    found: dict[tuple[str, ...], int] = {}
    table: tuple[str, ...] = ()
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.strip()
        if line.startswith("["):
            path = _path(f"{line}\n")
            if path:
                table = path
                _note(found, path, number)
        elif "=" in line and not line.startswith("#"):
            path = _path(f"{line.partition('=')[0]} = 0\n")
            if path:
                _note(found, table + path, number)
    return found


def _note(found: dict[tuple[str, ...], int], path: tuple[str, ...], number: int) -> None:
    for length in range(1, len(path) + 1):
        found.setdefault(path[:length], number)


def _path(snippet: str) -> tuple[str, ...]:
    """Return the keys of a one-line document; empty if it is none (the inside of a multi-line value)."""
    try:
        node: Any = tomllib.loads(snippet)
    except tomllib.TOMLDecodeError:
        return ()
    keys: list[str] = []
    while True:
        if isinstance(node, list):
            node = node[0] if node else {}
        if not isinstance(node, dict) or not node:
            return tuple(keys)
        key = next(iter(node))
        keys.append(key)
        node = node[key]
