"""A list of items of several lines each, inside a dialog's scrolling body.

Every item stands right of its mark, also where it is wrapped. Arrow keys go from item to item; an item taller than the
window is scrolled through first, so that nothing of it stays unread (Textual's own list shows its top only).
"""

from collections.abc import Callable

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.message import Message
from textual.widgets import Static

from cockpit.ui.actions import Act, actions

SCROLL_LINES = 3


RenderItem = Callable[[int, bool], tuple[str, Text]]
"""Gives mark and words of an item, told its index and whether the cursor is on it."""


class _Item(Horizontal):
    """One item: its mark, with the cursor's sign in front, and its words."""

    DEFAULT_CSS = """
    _Item { height: auto; width: 100%; }
    _Item > .item-mark { width: auto; height: auto; margin-right: 1; }
    _Item > .item-words { width: 1fr; height: auto; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._mark = Static(markup=False, classes="item-mark")
        self._words = Static(markup=False, classes="item-words")
        self._shown: tuple[str, Text] | None = None

    def compose(self) -> ComposeResult:
        """Lay out mark and words."""
        yield self._mark
        yield self._words

    def show(self, mark: str, words: Text) -> None:
        """Show the item, if it reads differently than before."""
        if self._shown != (mark, words):
            self._shown = (mark, words)
            self._mark.update(Text(mark))
            self._words.update(words)


class ItemList(Vertical, can_focus=True):
    """The items.

    Args:
        count: number of items.
        render_item: mark and words of an item.
        id: the widget's id.
    """

    BINDINGS = actions(
        "items",
        Act("step(-1)", "up", "up", "To the item before.", shown=False),
        Act("step(1)", "down", "down", "To the next item.", shown=False),
        Act("pick", "enter", "pick", "Pick the item under the cursor."),
    )
    DEFAULT_CSS = """
    ItemList { height: auto; width: 100%; }
    """

    class Picked(Message):
        """Enter was pressed on an item."""

        def __init__(self, index: int) -> None:
            super().__init__()
            self.index = index

    def __init__(self, count: int, render_item: RenderItem, id: str) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self.cursor = 0
        self._items = [_Item() for _ in range(count)]
        self._render_item = render_item

    def compose(self) -> ComposeResult:
        """Lay out one widget for each item."""
        yield from self._items

    def on_mount(self) -> None:
        """Show the items."""
        self.renew()

    def on_focus(self) -> None:
        """Show the cursor; later, because Textual notes the focus after this handler."""
        self.call_later(self.renew)

    def on_blur(self) -> None:
        """Hide the cursor."""
        self.call_later(self.renew)

    def renew(self) -> None:
        """Show every item as it is now."""
        for index, item in enumerate(self._items):
            here = self.has_focus and index == self.cursor
            mark, words = self._render_item(index, here)
            item.show(f"{'▸' if here else ' '}{mark}", words)

    def action_step(self, direction: int) -> None:
        """Scroll through the item under the cursor, then go to the next one."""
        body = next(node for node in self.ancestors if isinstance(node, VerticalScroll))
        item, view = self._items[self.cursor].region, body.region
        hidden = item.bottom > view.bottom if direction > 0 else item.y < view.y
        target = max(0, min(self.cursor + direction, len(self._items) - 1))
        if hidden or target == self.cursor:
            body.scroll_relative(y=direction * SCROLL_LINES, animate=False)
            return
        self.go_to(target)

    def go_to(self, index: int) -> None:
        """Put the cursor on an item and bring it into view: from its top, if it is taller than the window."""
        body = next(node for node in self.ancestors if isinstance(node, VerticalScroll))
        tall = index > self.cursor and self._items[index].size.height > body.region.height
        self.cursor = index
        self.renew()
        body.scroll_to_widget(self._items[index], animate=False, top=tall)

    def action_pick(self) -> None:
        """Tell that the item under the cursor was picked."""
        self.post_message(self.Picked(self.cursor))


def item_label(label: str, *, here: bool, dim: bool = False) -> Text:
    """Return the first words of an item; the cursor is a sign as well as this style."""
    style = "reverse" if here else ("dim" if dim else "bold")
    return Text.assemble((label, style))
