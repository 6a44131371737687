"""The rows of a simulated Aurora cluster: SQLite, and every statement that changed something, with its second.

A restore to a second is the statements up to it, carried out anew. So a scenario needs no second language for data, and
whatever SQLite understands can be asked.
"""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import JsonValue

Parameters = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement that changed something.

    Attributes:
        by: who sent it: a task, or a caller of the Data API.
        rows: how many rows it changed; 0 for a definition.
    """

    at: datetime
    sql: str
    parameters: Parameters
    by: str
    rows: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """What a statement gave: names of its columns, its rows, and how many rows it changed."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    changed: int


class SqlError(Exception):
    """The database refused a statement; the text is its own."""


class Database:
    """One cluster's database.

    Attributes:
        log: the statements that made it what it is, oldest first; those of its source included, if it was restored.
    """

    def __init__(self, past: Iterable[Statement] = ()) -> None:
        self._connection = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
        self.log: list[Statement] = []
        for statement in past:
            self._connection.execute(statement.sql, dict(statement.parameters))
            self.log.append(statement)

    def execute(self, at: datetime, sql: str, parameters: Parameters, by: str) -> Answer:
        """Carry out one statement, and remember it if it changed something.

        Raises:
            SqlError: it is wrong, or there is more than one.
        """
        before = self._state()
        try:
            cursor = self._connection.execute(sql, dict(parameters))
            rows = cursor.fetchall()
        except (sqlite3.Error, sqlite3.Warning) as error:
            raise SqlError(str(error)) from error
        after = self._state()
        changed = after[0] - before[0]
        if after != before:
            self.log.append(Statement(at, sql, dict(parameters), by, changed))
        columns = tuple(str(column[0]) for column in cursor.description or ())
        return Answer(columns, tuple(rows), changed)

    def as_of(self, moment: datetime) -> "Database":
        """Return the database as it was at the end of a second."""
        return Database(self.up_to(moment))

    def up_to(self, moment: datetime) -> Sequence[Statement]:
        """Return the statements of that second and before."""
        return [statement for statement in self.log if statement.at.replace(microsecond=0) <= moment]

    def to_json(self) -> dict[str, JsonValue]:
        """Return every table with its rows, in the order of their first columns."""
        names = self._connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall()
        return {str(name): self._table(str(name)) for (name,) in names}

    def _state(self) -> tuple[int, int]:
        """Return the number of rows changed so far, and that of definitions."""
        (definitions,) = self._connection.execute("PRAGMA schema_version").fetchone()
        return self._connection.total_changes, int(definitions)

    def _table(self, name: str) -> JsonValue:
        cursor = self._connection.execute(f'SELECT * FROM "{name}" ORDER BY 1')  # noqa: S608 - a name of its own catalogue
        columns = [str(column[0]) for column in cursor.description]
        return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
