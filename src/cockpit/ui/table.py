"""A table of keyed rows that stays quick with ten thousand of them.

Only visible lines are rendered, and only lines that changed are painted. Textual's DataTable freezes the loop for
seconds at that size, and repaints cells that did not change.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from cockpit.ui.actions import Act, actions
from cockpit.ui.theme import CURSOR, DIM

ItemT = TypeVar("ItemT")
Cells = Sequence[Text | str]


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes:
        title: words of the heading.
        width: cells; 0 takes a share of what the others leave.
        share: how large a share, compared with the other columns of width 0.
        from_width: the table's width from which the column is shown.
        align: ``left`` or ``right``.
    """

    title: str
    width: int = 0
    from_width: int = 0
    share: int = 1
    align: str = "left"


@dataclass(frozen=True, slots=True)
class Spanning:
    """Cells of a row that keeps to no columns: words from the left, cut if need be, and words at the right."""

    left: Text
    right: Text


class RowTable(ScrollView, Generic[ItemT]):
    """Rows of items. The cursor stays on its item, by key, while others come and go.

    Args:
        columns: the columns; `cells` gives one cell for each.
        cells: cells of an item, or a `Spanning`; called for visible rows only. Strings are never read as markup.
        key: what identifies an item.
        search: lower-case text that the filter looks in.
        heading: whether the first line names the columns.
        empty: words shown instead of rows when there are none.
    """

    BINDINGS = actions(
        "table",
        Act("open_row", "enter", "details", "Details of the row under the cursor."),
        Act("cursor(-1)", "up,k", "up", "One row up.", shown=False, key_name="↑"),
        Act("cursor(1)", "down,j", "down", "One row down.", shown=False, key_name="↓"),
        Act("page(-1)", "pageup", "page up", "One page up.", shown=False),
        Act("page(1)", "pagedown", "page down", "One page down.", shown=False),
        Act("end(-1)", "home", "first", "The first row.", shown=False),
        Act("end(1)", "end", "last", "The last row.", shown=False),
    )
    DEFAULT_CSS = """
    RowTable {
        height: 1fr; width: 100%; overflow-x: hidden; overflow-y: auto; scrollbar-size-vertical: 1;
        background: $background; color: $foreground;
    }
    """
    can_focus = True

    class Opened(Message):
        """Enter was pressed on a row."""

        def __init__(self, table: RowTable[Any], item: Any) -> None:
            super().__init__()
            self.table = table
            self.item = item

        @property
        def control(self) -> RowTable[Any]:
            """Return the table, so that handlers can select by it."""
            return self.table

    class Moved(Message):
        """The cursor is on another item; None if there is no row left."""

        def __init__(self, table: RowTable[Any], item: Any) -> None:
            super().__init__()
            self.table = table
            self.item = item

        @property
        def control(self) -> RowTable[Any]:
            """Return the table, so that handlers can select by it."""
            return self.table

        def can_replace(self, message: Message) -> bool:
            """Let only the newest position count."""
            return isinstance(message, RowTable.Moved) and message.table is self.table

    def __init__(
        self,
        columns: Sequence[Column],
        cells: Callable[[ItemT], Cells | Spanning],
        key: Callable[[ItemT], str],
        search: Callable[[ItemT], str] | None = None,
        *,
        heading: bool = True,
        empty: str = "nothing to show",
        id: str | None = None,  # noqa: A002 - Textual's own name
    ) -> None:
        super().__init__(id=id)
        self._columns = tuple(columns)
        self._cells = cells
        self._key = key
        self._search = search
        self._heading = heading
        self.empty_words = empty
        self._all: Sequence[ItemT] = ()
        self._rows: Sequence[ItemT] = ()
        self._filter = ""
        self._cursor = 0
        self._hidden: frozenset[str] = frozenset()
        self._painted: dict[int, tuple[str, ...]] = {}

    # -- content -------------------------------------------------------------------------------------------------

    @property
    def current(self) -> ItemT | None:
        """Return the item under the cursor; None if there is no row."""
        return self._rows[self._cursor] if self._cursor < len(self._rows) else None

    @property
    def rows(self) -> Sequence[ItemT]:
        """Return the items that pass the filter."""
        return self._rows

    @property
    def total(self) -> int:
        """Return how many items there are, filter aside."""
        return len(self._all)

    @property
    def filter_text(self) -> str:
        """Return the filter; empty for none."""
        return self._filter

    def show(self, items: Sequence[ItemT]) -> None:
        """Show these items in this order, painting only what changed."""
        self._all = items
        self._apply()

    def filter_by(self, text: str) -> None:
        """Show only items that hold every word of `text`; an empty text shows all."""
        if text.lower() != self._filter:
            self._filter = text.lower()
            self._apply()

    def hide_columns(self, titles: frozenset[str]) -> None:
        """Leave out the columns of these titles."""
        if titles != self._hidden:
            self._hidden = titles
            self.repaint_changes()

    def say_empty(self, words: str) -> None:
        """Change the words shown when there are no rows."""
        if words != self.empty_words:
            self.empty_words = words
            self.repaint_changes()

    def move_to(self, index: int) -> None:
        """Put the cursor on a row, within bounds, and make it visible."""
        before = self._cursor
        self._cursor = max(0, min(index, len(self._rows) - 1))
        self._keep_cursor_visible()
        if before != self._cursor:
            self._refresh_row(before)
            self._refresh_row(self._cursor)
            self.post_message(self.Moved(self, self.current))

    def move_to_key(self, key: str) -> bool:
        """Put the cursor on the item of that key; tell whether there is one."""
        for index, item in enumerate(self._rows):
            if self._key(item) == key:
                self.move_to(index)
                return True
        return False

    def repaint_changes(self) -> None:
        """Paint visible lines whose words changed, for example because time went on."""
        if not self.is_attached or not self.size:
            return
        for y in range(self.size.height):
            if self._painted.get(y) != self._words(y):
                self.refresh(Region(0, y, self.size.width, 1))

    def _apply(self) -> None:
        key = None if self.current is None else self._key(self.current)
        words, search = self._filter.split(), self._search
        if words and search is not None:
            self._rows = [item for item in self._all if all(word in search(item) for word in words)]
        else:
            self._rows = self._all
        self._follow(key)
        size = Size(0, len(self._rows) + self._heading)
        if size != self.virtual_size:
            self.virtual_size = size
        self.repaint_changes()

    def _follow(self, key: str | None) -> None:
        """Keep the cursor on its item; if that is gone, near where it was."""
        index = min(self._cursor, max(len(self._rows) - 1, 0))
        if key is not None and (index >= len(self._rows) or self._key(self._rows[index]) != key):
            index = next((i for i, item in enumerate(self._rows) if self._key(item) == key), index)
        moved = index != self._cursor or key != (self._key(self._rows[index]) if self._rows else None)
        self._cursor = index
        if moved:
            if self.is_attached:
                self._keep_cursor_visible()
            self.post_message(self.Moved(self, self.current))

    # -- painting ------------------------------------------------------------------------------------------------

    def _row_at(self, y: int) -> int:
        return int(self.scroll_offset.y) + y - self._heading

    def _refresh_row(self, index: int) -> None:
        y = index - int(self.scroll_offset.y) + self._heading
        if self._heading <= y < self.size.height:
            self.refresh(Region(0, y, self.size.width, 1))

    def _line(self, y: int) -> list[Text]:
        """Return the fitted cells of a visible line."""
        widths = self._widths()
        if self._heading and y == 0:
            return [_fit(Text(column.title, DIM), width, column.align) for column, width in widths]
        index = self._row_at(y)
        if not self._rows and index == 0:
            words = f"nothing matches “{self._filter}”" if self._filter else self.empty_words
            return [_fit(Text(words, DIM), max(self.size.width - 1, 1), "left")]
        if not 0 <= index < len(self._rows):
            return []
        cells = self._cells(self._rows[index])
        if isinstance(cells, Spanning):
            return self._spanned(cells)
        by_column = dict(zip((id(column) for column in self._columns), cells, strict=True))
        return [_fit(_text(by_column[id(column)]), width, column.align) for column, width in widths]

    def _spanned(self, cells: Spanning) -> list[Text]:
        room = self.size.width - (1 if self.show_vertical_scrollbar else 0) - cells.right.cell_len - 2
        return [_fit(cells.left, max(room, 1), "left"), _fit(cells.right, cells.right.cell_len, "left")]

    def _widths(self) -> list[tuple[Column, int]]:
        """Return the columns that have room, with their widths; the flexible one takes what is left."""
        room = self.size.width - (1 if self.show_vertical_scrollbar else 0)
        shown = [
            column
            for column in self._columns
            if self.size.width >= column.from_width and column.title not in self._hidden
        ]
        rest = room - sum(column.width + 1 for column in shown)
        shares = sum(column.share for column in shown if not column.width) or 1
        return [(column, column.width or max(rest * column.share // shares, 1)) for column in shown]

    def _words(self, y: int) -> tuple[str, ...]:
        marked = "▸" if self._row_at(y) == self._cursor and self.has_focus else ""
        return (marked, *(cell.plain + str(cell.style) + str(cell.spans) for cell in self._line(y)))

    def render_line(self, y: int) -> Strip:
        """Render one visible line."""
        self._painted[y] = self._words(y)
        selected = self.has_focus and bool(self._rows) and self._row_at(y) == self._cursor
        base = self.rich_style
        segments: list[Segment] = []
        for cell in self._line(y):
            if selected:
                cell = Text(cell.plain)  # noqa: PLW2901 - colours would fight with the reversed cursor line
            segments.extend(
                Segment(text, base + (style or Style())) for text, style, _ in cell.render(self.app.console)
            )
            segments.append(Segment(" ", base))
        strip = Strip(segments).adjust_cell_length(self.size.width, base)
        return strip.apply_style(CURSOR) if selected and not (self._heading and y == 0) else strip

    def on_resize(self, event: events.Resize) -> None:
        """Forget what was painted at the old size."""
        del event
        self._painted.clear()
        self._keep_cursor_visible()

    def on_focus(self) -> None:
        """Show the cursor."""
        self._refresh_row(self._cursor)

    def on_blur(self) -> None:
        """Hide the cursor."""
        self._refresh_row(self._cursor)

    # -- keys ----------------------------------------------------------------------------------------------------

    def _keep_cursor_visible(self) -> None:
        top, height = int(self.scroll_offset.y), self.size.height - self._heading
        if height <= 0:
            return
        if self._cursor < top:
            self.scroll_to(y=self._cursor, animate=False)
        elif self._cursor >= top + height:
            self.scroll_to(y=self._cursor - height + 1, animate=False)

    def action_cursor(self, rows: int) -> None:
        """Move the cursor by rows."""
        self.move_to(self._cursor + rows)

    def action_page(self, pages: int) -> None:
        """Move the cursor by pages."""
        self.move_to(self._cursor + pages * max(self.size.height - self._heading - 1, 1))

    def action_end(self, direction: int) -> None:
        """Move the cursor to the first or last row."""
        self.move_to(len(self._rows) if direction > 0 else 0)

    def action_open_row(self) -> None:
        """Tell that the row under the cursor was chosen."""
        item = self.current
        if item is not None:
            self.post_message(self.Opened(self, item))


def _text(cell: Text | str) -> Text:
    return cell if isinstance(cell, Text) else Text(cell)


def _fit(text: Text, width: int, align: str) -> Text:
    """Return the text cut or padded to exactly `width` cells, on one line."""
    fitted = text.copy()
    fitted.no_wrap = True
    if fitted.style:
        fitted.stylize_before(fitted.style)  # rich renders a text without spans without its style
    fitted.truncate(width, overflow="ellipsis")
    missing = width - fitted.cell_len
    if missing > 0:
        if align == "right":
            fitted.pad_left(missing)
        else:
            fitted.pad_right(missing)
    return fitted
