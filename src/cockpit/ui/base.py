"""What every screen of the cockpit has: header, body, key line, and a plain word when the window is too small."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Generic, TypeVar, cast

from textual import events
from textual.app import ComposeResult
from textual.dom import DOMNode
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static

from cockpit.ui.header import Header
from cockpit.ui.keyline import KeyLine

if TYPE_CHECKING:
    from cockpit.ui.app import CockpitApp

ResultT = TypeVar("ResultT")
SMALLEST = (40, 8)
"""Columns and rows below which a screen only says that the window is too small. 80x24 is what it is made for."""


def cockpit_of(node: DOMNode) -> CockpitApp:
    """Return the application of a widget or screen under its own type."""
    return cast("CockpitApp", node.app)


class CockpitScreen(Screen[ResultT], Generic[ResultT]):
    """A full screen. Sub-classes yield their widgets from `compose_body`."""

    DEFAULT_CSS = """
    CockpitScreen { layout: vertical; }
    CockpitScreen > #too-small { display: none; height: auto; width: 100%; }
    CockpitScreen.-too-small > * { display: none; }
    CockpitScreen.-too-small > #too-small { display: block; }
    """

    @property
    def cockpit(self) -> CockpitApp:
        """Return the application under its own type."""
        return cockpit_of(self)

    def compose(self) -> ComposeResult:
        """Lay out header, body and key line."""
        yield Header()
        yield from self.compose_body()
        yield KeyLine()
        yield Static("too small: 80x24 wanted", id="too-small", markup=False)

    def compose_body(self) -> Iterable[Widget]:
        """Yield the widgets between header and key line."""
        return ()

    def on_resize(self, event: events.Resize) -> None:
        """Say so when there is no room for anything useful; nothing is lost by it."""
        columns, rows = SMALLEST
        self.set_class(event.size.width < columns or event.size.height < rows, "-too-small")

    def on_screen_resume(self) -> None:
        """Bring header and body up to date: hidden screens do not follow."""
        self.renew_header()
        self.renew()

    def renew_header(self) -> None:
        """Show the present scope and whether the cockpit is armed."""
        for header in self.query(Header):
            header.renew()

    def renew(self) -> None:
        """Show what is known now. Called when the screen comes (back) up and when the environment was opened."""

    def snapshot_changed(self) -> None:
        """React to a new snapshot of the feeds (`cockpit.snapshot`); called only while the screen is on top."""

    def run_moved(self) -> None:
        """React to a new record of the current run (`cockpit.run_handle`); called only while the screen is on top."""

    def plans_read(self) -> None:
        """React to the plans having been read (`cockpit.plans`); called only while the screen is on top."""
