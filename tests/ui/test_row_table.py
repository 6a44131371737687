"""The table: quick with ten thousand rows, paints only what changed."""

from dataclasses import dataclass
from time import perf_counter

import pytest
from rich.text import Text
from textual.app import App, ComposeResult

from cockpit.ui.table import Column, RowTable

STALL_SECONDS = 0.05  # DESIGN 11
SLACK = 4  # a loaded machine


@dataclass(frozen=True)
class Item:
    name: str
    state: str = "ok"


class TableApp(App[None]):
    """One table and nothing else."""

    def compose(self) -> ComposeResult:
        self.table: RowTable[Item] = RowTable(
            (Column("state", 8), Column("name"), Column("wide", 10, from_width=100)),
            lambda item: (item.state, Text(item.name), "wide"),
            lambda item: item.name,
            lambda item: f"{item.state} {item.name}".lower(),
        )
        yield self.table

    def lines(self) -> list[str]:
        return [strip.text for strip in self.screen._compositor.render_strips()]


def items(count: int) -> list[Item]:
    return [Item(f"alarm-{number:05}") for number in range(count)]


@pytest.mark.alone
async def test_ten_thousand_rows_do_not_stall() -> None:
    """Showing, refreshing, filtering and jumping in 10,000 rows each stay within the loop's budget."""
    app = TableApp()
    async with app.run_test(size=(80, 24)) as pilot:
        rows = items(10_000)
        changed = [*rows[:5000], Item("alarm-05000", "ALARM"), *rows[5001:]]
        took = {}
        for name, act in (
            ("show", lambda: app.table.show(rows)),
            ("refresh", lambda: app.table.show(changed)),
            ("filter", lambda: app.table.filter_by("999")),
            ("all", lambda: app.table.filter_by("")),
            ("end", lambda: app.table.action_end(1)),
            ("refresh at the end", lambda: app.table.show(items(10_000))),
        ):
            began = perf_counter()
            act()
            took[name] = perf_counter() - began
            await pilot.pause()
        assert {name: seconds for name, seconds in took.items() if seconds > STALL_SECONDS * SLACK} == {}
        assert "alarm-09999" in "\n".join(app.lines())


async def test_only_changed_lines_are_painted() -> None:
    """One changed row out of twenty repaints one line; an equal refresh repaints none: bytes matter over SSH."""
    app = TableApp()
    async with app.run_test(size=(80, 24)) as pilot:
        rows = items(20)
        app.table.show(rows)
        await pilot.pause()
        painted: list[int] = []
        render = app.table.render_line
        app.table.render_line = lambda y: painted.append(y) or render(y)  # type: ignore[method-assign, func-returns-value] # counts
        app.table.show(list(rows))
        await pilot.pause()
        assert painted == []
        app.table.show([*rows[:7], Item(rows[7].name, "ALARM"), *rows[8:]])
        await pilot.pause()
        assert painted == [8]


async def test_cursor_follows_its_key_and_survives_its_end() -> None:
    """The cursor stays on its item when rows move, and near its place when the item is gone."""
    app = TableApp()
    async with app.run_test(size=(80, 24)) as pilot:
        rows = items(30)
        app.table.show(rows)
        app.table.focus()
        app.table.move_to(10)
        app.table.show([Item("new-1"), Item("new-2"), *rows])
        await pilot.pause()
        assert app.table.current == rows[10]
        app.table.show([row for row in rows if row != rows[10]])
        assert app.table.current is not None
        app.table.show([])
        assert app.table.current is None
        assert "nothing to show" in "\n".join(app.lines())


async def test_cells_never_leave_their_width() -> None:
    """Wide characters, endless names and markup are cut to the column; the line is exactly as wide as the table."""
    app = TableApp()
    async with app.run_test(size=(60, 10)) as pilot:
        app.table.show([Item("警報" * 50), Item("[/red][bold]" * 20), Item("x" * 500)])
        await pilot.pause()
        for y in range(4):
            assert app.table.render_line(y).cell_length == app.table.size.width
        assert "[/red][bold]" in "\n".join(app.lines())


async def test_columns_come_with_width() -> None:
    """A column with a minimum width is left out below it."""
    for width, shown in ((80, False), (120, True)):
        app = TableApp()
        async with app.run_test(size=(width, 10)) as pilot:
            app.table.show(items(3))
            await pilot.pause()
            assert ("wide" in "\n".join(app.lines())) is shown
