"""Help and palette: both read the keys that work now from the one registry of actions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.text import Text
from textual import on
from textual.widget import Widget
from textual.widgets import Input, Static

from cockpit.ui.dialog import Dialog
from cockpit.ui.field import Field
from cockpit.ui.keyline import KeyNow
from cockpit.ui.table import Column, RowTable
from cockpit.ui.theme import BOLD, DIM, NOTE


class HelpDialog(Dialog[None]):
    """Every key that works on the screen below."""

    heading = "Keys"
    cancel_label = "Close"

    def __init__(self, keys: Sequence[KeyNow]) -> None:
        super().__init__()
        self._keys = keys

    def compose_content(self) -> Iterable[Widget]:
        """Yield one line for each key."""
        words = Text()
        for now in sorted(self._keys, key=lambda now: not now.shown):
            words.append(f"{now.key:>9}  ", NOTE).append(f"{now.help}\n")
        words.append("\nNo key changes anything in AWS: every change is shown and confirmed in a dialog of a run.", DIM)
        yield Static(words)


class PaletteDialog(Dialog[KeyNow]):
    """Type words of an action, Enter runs it. The result is the chosen one."""

    heading = "Commands"
    first_focus = "Input"
    DEFAULT_CSS = "PaletteDialog RowTable { height: 10; }"

    def __init__(self, keys: Sequence[KeyNow]) -> None:
        super().__init__()
        self._keys = [now for now in keys if now.action != "palette"]
        self._table: RowTable[KeyNow] = RowTable(
            (Column("", 9, align="right"), Column("", 16), Column("")),
            lambda now: (Text(now.key, NOTE), Text(now.label, BOLD), now.help),
            lambda now: now.action,
            lambda now: f"{now.label} {now.help}".lower(),
            heading=False,
        )

    def compose_content(self) -> Iterable[Widget]:
        """Yield the field and the actions."""
        yield Field(placeholder="words of a command, then Enter")
        yield self._table

    def on_mount(self) -> None:
        """List the commands."""
        self._table.show(self._keys)

    @on(Input.Changed)
    def _narrow(self, event: Input.Changed) -> None:
        self._table.filter_by(event.value)

    @on(Input.Submitted)
    def _take_first(self) -> None:
        self.dismiss(self._table.current)

    @on(RowTable.Opened)
    def _take(self, event: RowTable.Opened) -> None:
        self.dismiss(event.item)
