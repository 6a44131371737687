"""One sweep over the restorable windows and restores of a region."""

from __future__ import annotations  # JsonValue is for checkers only: `cockpit status` must not pay for pydantic

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from cockpit.aws.parse import structure, texts
from cockpit.aws.parse_restores import parse_protection, parse_restore
from cockpit.aws.port import AwsPort, ReadFailed
from cockpit.model.clock import Clock
from cockpit.model.reading import FaultKind
from cockpit.model.restore import ProtectedTable, RestoreBoard, TableRestore

if TYPE_CHECKING:
    from pydantic import JsonValue

AT_ONCE = 8  # calls in flight
WINDOWS_PER_SWEEP = 20  # tables whose window is read anew in one sweep, the oldest readings first
LOOK_AGAIN = timedelta(minutes=5)  # a table without PITR may get it: how soon the cockpit notices
SHOWN_FOR = timedelta(days=7)  # a finished restore stays on the board so long after its start
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Known:
    """What the latest look at a table saw."""

    protection: ProtectedTable
    restore: TableRestore | None
    looked_at: datetime

    @property
    def may_change_soon(self) -> bool:
        return self.protection.status != "ACTIVE" or (self.restore is not None and self.restore.in_progress)


class RestoreSweep:
    """Reads every table under PITR and every restore.

    A sweep lists the tables and looks at those that are new, changing, or due; in an account with hundreds of tables
    that is a few calls, not two per table.
    """

    def __init__(self, port: AwsPort, region: str, tables: tuple[str, ...], clock: Clock) -> None:
        self._port = port
        self._region = region
        self._tables = tables
        self._clock = clock
        self._known: dict[str, _Known] = {}

    async def sweep(self) -> RestoreBoard:
        """Read what is due and return the whole board. Tables that could not be read are named in its gaps.

        Raises:
            ReadFailed: the list, or every table that was due, could not be read.
        """
        listed = await self._port.read("dynamodb", "ListTables", self._region, {}, pages=True)
        names = texts(listed.body, "TableNames")
        self._known = {name: known for name, known in self._known.items() if name in names}
        due = self._due(names)
        limit = asyncio.Semaphore(AT_ONCE)
        looks = await asyncio.gather(*(self._look(name, limit) for name in due), return_exceptions=True)
        gaps, failures = [], []
        for name, look in zip(due, looks, strict=True):
            if isinstance(look, _Known):
                self._known[name] = look
            elif isinstance(look, ReadFailed):
                failures.append(look)
                gaps.append(f"{name}: {look.fault.message}")
            elif look is not None:
                raise look
        if failures and len(failures) == len(due):
            raise failures[0]
        return self._board(tuple(gaps))

    def _due(self, names: list[str]) -> list[str]:
        now = self._clock.now()
        due, windows = [], []
        for name in names:
            known = self._known.get(name)
            if known is None or known.may_change_soon or now - known.looked_at > LOOK_AGAIN:
                due.append(name)
            elif known.protection.pitr_enabled or name in self._tables:
                windows.append((known.looked_at, name))
        return due + [name for _, name in sorted(windows)[:WINDOWS_PER_SWEEP]]

    async def _look(self, name: str, limit: asyncio.Semaphore) -> _Known | None:
        params: dict[str, JsonValue] = {"TableName": name}
        try:
            async with limit:
                table = (await self._port.read("dynamodb", "DescribeTable", self._region, params)).body
            backups = await self._backups(params, table, limit)
        except ReadFailed as failure:
            if failure.fault.kind is FaultKind.NOT_FOUND:
                return None  # deleted since it was listed
            raise
        return _Known(
            protection=parse_protection(name, self._region, table, backups),
            restore=parse_restore(name, self._region, table),
            looked_at=self._clock.now(),
        )

    async def _backups(
        self, params: dict[str, JsonValue], table: dict[str, JsonValue], limit: asyncio.Semaphore
    ) -> dict[str, JsonValue]:
        """Read the window. A table that is being made has none yet, and AWS may say so with an error."""
        try:
            async with limit:
                return (await self._port.read("dynamodb", "DescribeContinuousBackups", self._region, params)).body
        except ReadFailed as failure:
            being_made = structure(table, "Table").get("TableStatus") == "CREATING"
            if being_made and failure.fault.kind in (FaultKind.NOT_FOUND, FaultKind.REJECTED):
                return {}
            raise

    def _board(self, gaps: tuple[str, ...]) -> RestoreBoard:
        now = self._clock.now()
        known = self._known.values()
        restores = [item.restore for item in known if item.restore is not None and _is_recent(item.restore, now)]
        tables = [item.protection for item in known if self._is_shown(item.protection)]
        return RestoreBoard(
            tables=tuple(sorted(tables, key=lambda table: table.table)),
            restores=tuple(
                sorted(
                    restores, key=lambda restore: (restore.in_progress, restore.started_at or _LONG_AGO), reverse=True
                )
            ),
            gaps=gaps,
        )

    def _is_shown(self, table: ProtectedTable) -> bool:
        return table.table in self._tables if self._tables else table.pitr_enabled


def _is_recent(restore: TableRestore, now: datetime) -> bool:
    return restore.in_progress or restore.started_at is None or now - restore.started_at < SHOWN_FOR
