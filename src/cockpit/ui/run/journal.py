"""Every record of the run in words; Enter shows one in full."""

from collections.abc import Iterable

from rich.text import Text
from textual import on
from textual.widget import Widget
from textual.widgets import Input, Static

from cockpit.engine.records import Entry
from cockpit.model.text import utc_time
from cockpit.report.branch_words import named
from cockpit.report.record_words import entry_json, record_words
from cockpit.ui import theme
from cockpit.ui.actions import Act, actions
from cockpit.ui.base import CockpitScreen
from cockpit.ui.dialog import Dialog
from cockpit.ui.field import Field
from cockpit.ui.run.copying import copy_from
from cockpit.ui.run.desk import Desk
from cockpit.ui.run.strip import RunStrip
from cockpit.ui.table import Column, RowTable

_STYLES = {
    "refused": theme.WARN,
    "call_failed": theme.BAD,
    "call_unknown": theme.WARN,
    "intent": theme.BOLD,
    "acked": theme.GOOD,
    "loss_accepted": theme.BAD,
    "abort_chosen": theme.BAD,
    "run_ended": theme.BOLD,
}


class JournalScreen(CockpitScreen[None]):
    """Newest records last; the cursor stays at the end until it is moved."""

    BINDINGS = actions(
        "journal",
        Act("filter", "slash", "filter", "Show only records that hold these words.", key_name="/"),
        Act("copy", "y", "copy", "Copy the record under the cursor as JSON."),
        Act("close", "escape", "back", "Back to the run."),
    )
    DEFAULT_CSS = """
    JournalScreen #journal-filter { display: none; border: none; height: 1; padding: 0; }
    JournalScreen.-filtering #journal-filter { display: block; }
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self._rows: RowTable[Entry] = RowTable(
            (Column("", 4, align="right"), Column("UTC", 9), Column("record")),
            lambda entry: (
                Text(str(entry.seq), style=theme.DIM),
                utc_time(entry.at),
                Text(self._words(entry), style=_STYLES.get(entry.record.kind, theme.PLAIN)),
            ),
            lambda entry: str(entry.seq),
            lambda entry: f"{entry.record.kind} {self._words(entry)}".lower(),
        )

    def _words(self, entry: Entry) -> str:
        return named(self.desk.state().plan, getattr(entry.record, "step", ""), record_words(entry.record))

    def compose_body(self) -> Iterable[Widget]:
        """Yield the strip, the records and the filter."""
        yield RunStrip(self.desk)
        yield self._rows
        yield Field(id="journal-filter", placeholder="words to look for; Enter keeps, Esc clears")

    def on_mount(self) -> None:
        """Begin at the newest record."""
        self.renew()
        self._rows.focus()
        self.call_after_refresh(self._rows.move_to, len(self._rows.rows))

    def renew(self) -> None:
        """Show the records there are now."""
        at_end = self._rows.current is None or self._rows.current is self._rows.rows[-1]
        self._rows.show(self.desk.handle.entries())
        if at_end:
            self._rows.move_to(len(self._rows.rows))
        for strip in self.query(RunStrip):
            strip.renew()

    @on(RowTable.Opened)
    def _open(self, event: RowTable.Opened) -> None:
        self.app.push_screen(RecordBox(event.item))

    def action_filter(self) -> None:
        """Ask for the words to look for."""
        self.add_class("-filtering")
        self.query_one("#journal-filter", Input).focus()

    @on(Input.Changed, "#journal-filter")
    def _narrow(self, event: Input.Changed) -> None:
        event.stop()
        self._rows.filter_by(event.value)

    @on(Input.Submitted, "#journal-filter")
    def _keep(self, event: Input.Submitted) -> None:
        event.stop()
        self._rows.focus()

    def action_copy(self) -> None:
        """Copy the record under the cursor."""
        if self._rows.current is not None:
            copy_from(self, entry_json(self._rows.current))

    def action_close(self) -> None:
        """Clear the filter, then close."""
        if self.has_class("-filtering"):
            self.query_one("#journal-filter", Input).value = ""
            self.remove_class("-filtering")
            self._rows.focus()
        else:
            self.dismiss(None)


class RecordBox(Dialog[None]):
    """One record in full."""

    BINDINGS = actions(
        "record",
        Act("copy", "y", "copy", "Copy the record as JSON."),
    )
    cancel_label = "Close"

    def __init__(self, entry: Entry) -> None:
        super().__init__()
        self.heading = f"Record {entry.seq}, {utc_time(entry.at)}: {entry.record.kind.replace('_', ' ')}"
        self._json = entry_json(entry)

    def compose_content(self) -> Iterable[Widget]:
        """Yield the record."""
        yield Static(Text(self._json), markup=False)

    def action_copy(self) -> None:
        """Copy the record."""
        copy_from(self, self._json)
