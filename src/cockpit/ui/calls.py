"""The calls made to AWS, as the `aws` commands that would do the same."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count

from rich.text import Text
from textual import on
from textual.widget import Widget

from cockpit.aws.port import CallRecord
from cockpit.ui.actions import Act, actions
from cockpit.ui.base import CockpitScreen
from cockpit.ui.session import CockpitSession
from cockpit.ui.table import Cells, Column, RowTable
from cockpit.ui.text_box import TextBox
from cockpit.ui.theme import GOOD, WARN

Numbered = tuple[int, CallRecord]


def _cells(call: Numbered) -> Cells:
    number, record = call
    ended = Text(record.ended, GOOD if record.ended == "ok" else WARN)
    return (str(number), f"{record.seconds * 1000:.0f} ms", ended, record.region, Text(record.command))


class CallsScreen(CockpitScreen[None]):
    """Newest first; Enter shows the whole command."""

    BINDINGS = actions(
        "calls",
        Act("close", "escape,q", "back", "Back to where you came from.", key_name="esc"),
        Act("renew", "r", "refresh", "List the calls made since."),
        Act("copy", "y", "copy", "Copy the `aws` command."),
    )

    def __init__(self, session: CockpitSession) -> None:
        super().__init__()
        self._session = session
        self._table: RowTable[Numbered] = RowTable(
            (
                Column("call", 5, align="right"),
                Column("took", 8, align="right"),
                Column("ended", 10),
                Column("region", 14, from_width=100),
                Column("the same as an `aws` command"),
            ),
            _cells,
            lambda call: str(call[0]),
            lambda call: f"{call[1].command} {call[1].ended}".lower(),
            empty="no calls yet",
        )

    def compose_body(self) -> Iterable[Widget]:
        """Yield the list."""
        yield self._table

    def renew(self) -> None:
        """List the calls, newest first."""
        calls = self._session.hub.calls() if self._session.hub else ()
        self._table.show(list(zip(count(1), calls, strict=False))[::-1])

    def action_renew(self) -> None:
        """List the calls made since."""
        self.renew()

    @on(RowTable.Opened)
    def _show_whole(self, event: RowTable.Opened) -> None:
        record = event.item[1]
        note = f"{record.service} {record.operation} in {record.region}: {record.ended}, {record.seconds:.2f} s"
        self.app.push_screen(TextBox("Call", record.command, note))

    def action_copy(self) -> None:
        """Copy the command under the cursor."""
        call = self._table.current
        if call is not None:
            self.cockpit.copy(call[1].command)

    def action_close(self) -> None:
        """Go back."""
        self.dismiss(None)
