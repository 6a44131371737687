"""One table under point-in-time recovery, or one restore."""

from __future__ import annotations

from rich.text import Text

from cockpit.model.restore import ProtectedTable, TableRestore
from cockpit.model.text import duration, utc
from cockpit.ui.details.base import DetailScreen, field
from cockpit.ui.session import CockpitSession
from cockpit.ui.theme import BOLD, DIM
from cockpit.ui.watch.restores import RestoreItem, restore_state

WHAT_TO_EXPECT = (
    "AWS reports no percentage, and the size of a table does not predict the time: at least 20 minutes, hours are "
    "possible. A restore makes a new table; the old one is not touched."
)


class RestoreScreen(DetailScreen):
    """Details of a protected table or a restore."""

    def __init__(self, session: CockpitSession, item: RestoreItem) -> None:
        super().__init__(session)
        self._item = item

    def copied(self) -> str:
        """Return the table's name."""
        return self._item.table

    async def read(self) -> None:
        """Take the latest reading and ask the feeds for a new one."""
        hub = self.session.hub
        if hub is None:
            return
        hub.refresh()
        board = hub.snapshot().restores[self._item.region].value
        same: list[RestoreItem] = [] if board is None else [*board.tables, *board.restores]
        self._item = next(
            (item for item in same if item.table == self._item.table and type(item) is type(self._item)), self._item
        )

    def snapshot_changed(self) -> None:
        """Follow the feeds."""
        self.show_words()

    def words(self, width: int) -> Text:
        """Return window or progress, with the documented durations."""
        item, now = self._item, self.cockpit.clock.now()
        words = Text.assemble(restore_state(item), "  ", (item.table, BOLD), "\n")
        words.append_text(field("region", item.region, width)).append_text(field("status", item.status, width))
        if isinstance(item, ProtectedTable):
            return words.append_text(_window_words(item, width))
        words.append_text(field("source", item.source_table, width))
        words.append_text(field("restored to", utc(item.restored_to), width))
        words.append_text(field("begun", utc(item.started_at), width))
        if item.in_progress:
            words.append_text(field("running for", duration(item.elapsed(now)), width))
        words.append(f"\n{WHAT_TO_EXPECT}\n", DIM)
        return words.append_text(self._past_words(item))

    def _past_words(self, item: TableRestore) -> Text:
        hub = self.session.hub
        past = hub.restore_history(item.region) if hub else ()
        if not past:
            return Text("\nno earlier restore is known here\n", DIM)
        words = Text("\nearlier restores (AWS does not say when they ended)\n", BOLD)
        for restore in past:
            words.append(f"{utc(restore.started_at)}  {restore.table} ← {restore.source_table}\n", DIM)
        return words


def _window_words(table: ProtectedTable, width: int) -> Text:
    if not table.pitr_enabled:
        return Text("\nPoint-in-time recovery is off: this table cannot be restored to a second of its past.\n", BOLD)
    span = table.latest - table.earliest if table.latest and table.earliest else None
    words = field("earliest", utc(table.earliest), width).append_text(field("latest", utc(table.latest), width))
    words.append_text(field("window", duration(span), width))
    words.append_text(field("kept for", f"{table.recovery_days} days" if table.recovery_days else "", width))
    return words.append("\nThe latest restorable second is typically five minutes behind now.\n", DIM)
