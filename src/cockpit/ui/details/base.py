"""The frame of a details screen: words that scroll, read anew on demand."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from concurrent.futures import CancelledError, Future
from textwrap import wrap
from typing import Any

from rich.style import StyleType
from rich.text import Text
from textual import events
from textual.containers import VerticalScroll
from textual.widget import Widget
from textual.widgets import Static

from cockpit.ui.actions import Act, actions
from cockpit.ui.base import CockpitScreen
from cockpit.ui.session import CockpitSession
from cockpit.ui.theme import BAD, BOLD, DIM, NOTE

NAME_WIDTH = 14


class DetailScreen(CockpitScreen[None]):
    """One thing in words. Sub-classes say what it is (`words`) and read more about it (`read`)."""

    BINDINGS = actions(
        "details",
        Act("close", "escape,q", "back", "Back to where you came from.", key_name="esc"),
        Act("again", "r", "read again", "Read the details anew."),
        Act("copy", "y", "copy", "Copy the ARN, id or name."),
        Act("scroll(-1)", "up,k", "up", "Scroll up.", shown=False, key_name="↑"),
        Act("scroll(1)", "down,j", "down", "Scroll down.", shown=False, key_name="↓"),
        Act("scroll(-10)", "pageup", "page up", "Scroll up by ten lines.", shown=False),
        Act("scroll(10)", "pagedown,space", "page down", "Scroll down by ten lines.", shown=False),
    )
    DEFAULT_CSS = """
    DetailScreen > VerticalScroll { height: 1fr; scrollbar-size-vertical: 1; }
    DetailScreen VerticalScroll > Static { height: auto; width: 100%; }
    """

    def __init__(self, session: CockpitSession) -> None:
        super().__init__()
        self.session = session

    def compose_body(self) -> Iterable[Widget]:
        """Yield the words."""
        yield VerticalScroll(Static(markup=False, id="detail-words"), can_focus=False)

    def on_mount(self) -> None:
        """Show what is known already, then read more."""
        self.show_words()
        self.action_again()

    def on_resize(self, event: events.Resize) -> None:
        """Fit the words to the new width."""
        super().on_resize(event)
        self.show_words()

    def show_words(self) -> None:
        """Write everything known now."""
        self.query_one("#detail-words", Static).update(self.words(max(self.size.width - 2, 20)))

    def words(self, width: int) -> Text:
        """Return what is known now, for a width in cells."""
        raise NotImplementedError

    async def read(self) -> None:
        """Read more; what comes of it is kept in attributes that `words` uses."""

    def copied(self) -> str:
        """Return what `y` copies."""
        return ""

    async def asked(self, future: Future[Any]) -> tuple[Any, str]:
        """Wait for an answer of the feeds; return it and an empty text, or None and why there is none."""
        try:
            answer = await asyncio.wrap_future(future)
        except CancelledError:
            return None, "The feeds have stopped."
        except Exception as failure:  # noqa: BLE001 - ReadFailed carries words for people; others are shown as they are
            fault = getattr(failure, "fault", None)
            remedy = f" {fault.remedy}" if fault is not None and fault.remedy else ""
            return None, f"{failure}{remedy}"
        return answer, ""

    async def _read(self) -> None:
        await self.read()
        self.show_words()

    def action_again(self) -> None:
        """Read more, or anew."""
        self.run_worker(self._read(), exclusive=True, exit_on_error=False)

    def action_close(self) -> None:
        """Go back."""
        self.dismiss(None)

    def action_copy(self) -> None:
        """Copy the identifier."""
        self.cockpit.copy(self.copied())

    def action_scroll(self, lines: int) -> None:
        """Scroll the words."""
        self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False)


def heading(title: str) -> Text:
    """Return a heading inside the words of a details screen."""
    return Text.assemble((f"\n{title}\n", BOLD))


def field(name: str, value: str, width: int, style: StyleType = "") -> Text:
    """Return a name and its value, wrapped beside it; nothing for an empty value."""
    lines = wrap(value, max(width - NAME_WIDTH, 10))
    text = Text()
    for number, line in enumerate(lines):
        text.append(f"{'' if number else name:<{NAME_WIDTH}}", DIM).append(f"{line}\n", style)
    return text


def trouble(words: str) -> Text:
    """Return why something could not be read; nothing for no trouble."""
    return Text.assemble(("✗ could not be read: ", BAD), (words, NOTE), "\n") if words else Text()
