"""The base of every dialog: opaque, the focus on Cancel, deaf for its first half second, Esc closes.

A plain screen and no modal one: Textual goes on painting everything below a modal screen, at every tick of the clock.

Deaf, because a key typed for the screen below must not answer a dialog that has just come up.
"""

from __future__ import annotations

from collections.abc import Iterable
from time import monotonic
from typing import Generic, TypeVar

from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Button, Input, Static

from cockpit.model.text import clean
from cockpit.ui.actions import Act, actions
from cockpit.ui.button import button

ResultT = TypeVar("ResultT")
DEAF_SECONDS = 0.5
FRAME_ROWS = 7
"""Rows of border, heading (up to two), problem line and buttons."""


class Dialog(Screen[ResultT | None], Generic[ResultT]):
    """A dialog. Sub-classes yield what stands between title and buttons, and name the button that goes on.

    Attributes:
        heading: first line of the dialog.
        go_label: label of the button that goes on; empty for a dialog that only informs.
        cancel_label: label of the button that has the focus at first and changes nothing.
        first_focus: selector of what has the focus at first; another one only where nothing can be changed.
        typing_into: selector of the field that takes what is typed while a button has the focus; empty for none.
    """

    BINDINGS = actions(
        "dialog",
        Act("cancel", "escape", "close", "Close the dialog; nothing is done."),
        Act("scroll(-1)", "up", "up", "Scroll up.", shown=False),
        Act("scroll(1)", "down", "down", "Scroll down.", shown=False),
        Act("scroll(-10)", "pageup", "page up", "Scroll up by ten lines.", shown=False),
        Act("scroll(10)", "pagedown", "page down", "Scroll down by ten lines.", shown=False),
    )
    DEFAULT_CSS = """
    Dialog { align: center middle; background: $background; }
    Dialog > #dialog {
        width: 100%; max-width: 100; height: auto; max-height: 100%; border: round $border; padding: 0 1;
    }
    Dialog #dialog-heading { text-style: bold; height: auto; width: 100%; }
    Dialog #dialog-body { height: auto; scrollbar-size-vertical: 1; }
    Dialog #dialog-problem { height: auto; color: $error; text-style: bold; }
    Dialog #dialog-buttons { height: 1; margin-top: 1; }
    Dialog Button { height: 1; min-width: 10; border: none; margin-right: 2; background: $background; }
    Dialog Button:ansi { border: none; }
    Dialog Button:focus { text-style: reverse; }
    Dialog Input { border: none; height: 1; padding: 0; background: $background; text-style: underline; }
    """
    heading: str = ""
    go_label: str = ""
    cancel_label: str = "Cancel"
    first_focus: str = "#dialog-cancel"
    typing_into: str = ""

    def __init__(self) -> None:
        super().__init__()
        self._opened_at = monotonic()

    @property
    def deaf(self) -> bool:
        """Tell whether keys are still thrown away."""
        return monotonic() - self._opened_at < DEAF_SECONDS

    def compose(self) -> ComposeResult:
        """Lay out heading, content, problem line and buttons."""
        with Vertical(id="dialog"):
            yield Static(Text(clean(self.heading)), id="dialog-heading")
            with VerticalScroll(id="dialog-body", can_focus=False):
                yield from self.compose_content()
            yield Static(id="dialog-problem", markup=False)
            with Horizontal(id="dialog-buttons"):
                yield button(self.cancel_label, "dialog-cancel")
                if self.go_label:
                    yield button(self.go_label, "dialog-go")

    def compose_content(self) -> Iterable[Widget]:
        """Yield the widgets between heading and buttons."""
        return ()

    def on_mount(self) -> None:
        """Start deaf, with the focus where nothing is changed. Textual calls this besides a sub-class's own."""
        self._opened_at = monotonic()
        first = self.query_one(self.first_focus)
        first.has_focus = True  # at once: `Widget.focus` would paint the dialog without a focus first
        self.set_focus(first)

    def on_resize(self, event: events.Resize) -> None:
        """Leave room for heading, problem line and buttons however long the content is."""
        body = self.query_one("#dialog-body")
        if body.styles.height is not None and body.styles.height.is_auto:
            body.styles.max_height = max(event.size.height - FRAME_ROWS, 3)

    def lead_typing(self, event: events.Event) -> None:
        """Let typing begin in the field that wants it, though the focus starts on Cancel.

        The application calls this before it hands the event on: moving the focus later would lose or reorder keys that
        come in one piece.
        """
        if not self.typing_into or not isinstance(self.focused, Button):
            return
        if isinstance(event, events.Paste) or (
            isinstance(event, events.Key) and event.is_printable and event.key != "space"
        ):
            field = self.query_one(self.typing_into, Input)
            field.select_on_focus = False
            self.set_focus(field)

    def action_scroll(self, lines: int) -> None:
        """Scroll the content."""
        self.query_one("#dialog-body", VerticalScroll).scroll_relative(y=lines, animate=False)

    def say(self, problem: str) -> None:
        """Show why the dialog does not go on; an empty text takes it away."""
        self.query_one("#dialog-problem", Static).update(Text(clean(problem)))

    def action_cancel(self) -> None:
        """Close without a result."""
        self.dismiss(None)

    def go_on(self) -> None:
        """React to the button that goes on."""

    @on(Button.Pressed, "#dialog-cancel")
    def _cancel_pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self.action_cancel()

    @on(Button.Pressed, "#dialog-go")
    def _go_pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self.go_on()
