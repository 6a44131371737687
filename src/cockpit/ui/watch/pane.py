"""One pane of the watch screen: title with its health, faults with their remedies, the table, the filter."""

from __future__ import annotations

from typing import Any

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input, Static

from cockpit.model.reading import Freshness
from cockpit.ui.actions import Act, actions
from cockpit.ui.base import cockpit_of
from cockpit.ui.field import Field
from cockpit.ui.table import RowTable
from cockpit.ui.theme import BAD, BOLD, DIM, NOTE, WARN
from cockpit.ui.watch.spec import PaneSpec
from cockpit.ui.watch.view import PaneHealth, WatchView, health_of
from cockpit.ui.words import coarse

REGION_COLUMN = frozenset({"region"})


def health_words(health: PaneHealth) -> Text:
    """Return the pane's age and, if it cannot be trusted fully, STALE or FAILED."""
    age = coarse(health.age)
    if health.freshness is Freshness.LOADING:
        return Text("loading …", DIM)
    if health.freshness is Freshness.FAILED:
        return Text("FAILED", BAD).append(f", {age} old" if health.age is not None else ", never read", BAD)
    if health.freshness is Freshness.STALE:
        return Text(f"STALE, {age} old", WARN)
    return Text("under 20 s old" if age in ("0 s", "10 s") else f"{age} old", DIM)


def fault_words(health: PaneHealth, width: int) -> Text:
    """Return for each different fault what could not be read, and what to do about it: two lines cut at the width."""
    regions: dict[tuple[str, str], list[str]] = {}
    for region, fault in health.faults:
        regions.setdefault((fault.message.replace(f" in {region}", ""), fault.remedy), []).append(region)
    lines = []
    for (message, remedy), where in regions.items():
        lines.append(Text.assemble(("✗ ", BAD), (f"{', '.join(where)}: ", BOLD), message))
        if remedy:
            lines.append(Text.assemble(("  → ", DIM), (remedy, NOTE)))
    for line in lines:
        line.truncate(max(width, 1), overflow="ellipsis")
    return Text("\n").join(lines)


class Pane(Vertical):
    """One subject, in all regions."""

    BINDINGS = actions(
        "pane",
        # With priority: what is typed right after it must reach the field even if both arrive in one piece.
        Act(
            "filter", "slash", "filter", "Show only rows with these words; Esc shows all.", key_name="/", priority=True
        ),
        Act("copy", "y", "copy", "Copy the ARN, id or name of the row.", shown=False),
        Act("faults", "f", "faults", "What could not be read in this pane, in full.", shown=False),
    )
    DEFAULT_CSS = """
    Pane { height: 1fr; width: 100%; }
    Pane > .pane-title { height: 1; width: 100%; }
    Pane > .pane-faults { height: auto; max-height: 4; width: 100%; display: none; }
    Pane > .pane-faults.-some { display: block; }
    Pane > Input { height: 1; border: none; padding: 0; background: $background; }
    """

    def __init__(self, spec: PaneSpec[Any], *, id: str) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self.spec = spec
        self._title = Static(classes="pane-title", markup=False)
        self._faults = Static(classes="pane-faults", markup=False)
        self._said: dict[str, str] = {}
        self._summary = ""
        self._fault_lines = 0
        self._health = PaneHealth(Freshness.LOADING, None)
        self.table: RowTable[Any] = RowTable(
            spec.columns,
            lambda item: spec.cells(item, cockpit_of(self).clock.now()),
            spec.key,
            spec.search,
            empty="loading …",
        )
        self.table.hide_columns(REGION_COLUMN)
        self._input = Field(placeholder=f"filter {spec.name.lower()}; Enter keeps it, Esc shows all")

    def compose(self) -> ComposeResult:
        """Lay out title, faults, table and filter."""
        yield self._title
        yield self._faults
        yield self.table
        yield self._input

    def on_mount(self) -> None:
        """Take the pane's share of the height."""
        self.styles.height = f"{self.spec.rows}fr"
        self._input.display = False
        self._show_title()

    def show(self, view: WatchView) -> None:
        """Show what is new."""
        self.table.show(self.spec.items(view))
        self._summary = self.spec.summary(view)
        self.tick()

    def on_resize(self) -> None:
        """Draw the title to the new width."""
        self._show_title()

    def on_descendant_focus(self) -> None:
        """Mark the pane that has the focus."""
        self._show_title()

    def on_descendant_blur(self) -> None:
        """Unmark the pane."""
        self._show_title()

    def _show_title(self) -> None:
        focused = self.has_focus_within
        rule, style = ("━", NOTE) if focused else ("─", DIM)
        title = Text.assemble((f"{rule} ", style), (self.spec.name, BOLD), "  ")
        if self.table.filter_text:
            title.append(f"filter “{self.table.filter_text}”: {len(self.table.rows)} of {self.table.total} ", NOTE)
        else:
            title.append("" if self._health.age is None else f"{self._summary} ")
        end = Text.assemble(" ", health_words(self._health), (f" {rule}", style))
        room = max(self.size.width - end.cell_len, 0)
        title.truncate(room, overflow="ellipsis")
        title.append(rule * (room - title.cell_len), style).append_text(end)
        self.say("title", self._title, title)

    def tick(self) -> None:
        """Bring everything that depends on the time up to date; paints only what reads differently."""
        cockpit = cockpit_of(self)
        if cockpit.snapshot is None or cockpit.session is None:
            return
        readings = self.spec.readings(cockpit.snapshot)
        self.table.hide_columns(REGION_COLUMN if len(readings) < 2 else frozenset())  # noqa: PLR2004 - one region
        self._health = health = health_of(readings, cockpit.clock.now(), cockpit.session.stale_after)
        self.table.say_empty("could not be read" if health.faults and health.age is None else self._empty(health))
        self._show_title()
        faults = fault_words(health, self.app.size.width)
        self._faults.set_class(bool(faults.plain), "-some")
        self.say("faults", self._faults, faults, layout=faults.plain.count("\n") != self._fault_lines)
        self._fault_lines = faults.plain.count("\n")
        self.table.repaint_changes()

    def _empty(self, health: PaneHealth) -> str:
        return "loading …" if health.age is None else self.spec.empty

    def say(self, what: str, widget: Static, words: Text, *, layout: bool = False) -> None:
        """Update a label if its words or colours changed."""
        said = f"{words.plain}{words.spans}{words.style}"
        if self._said.get(what) != said:
            self._said[what] = said
            widget.update(words, layout=layout)

    # -- filter and copy -----------------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Let `/` be a letter like any other while the filter is typed."""
        del parameters
        return not (action == "filter" and self._input.has_focus)

    def action_filter(self) -> None:
        """Open the filter."""
        self._input.display = True
        self.screen.set_focus(self._input)

    @on(Input.Changed)
    def _filter_changed(self, event: Input.Changed) -> None:
        event.stop()
        self.table.filter_by(event.value)
        self._show_title()

    @on(Input.Submitted)
    def _filter_kept(self, event: Input.Submitted) -> None:
        event.stop()
        self._input.display = bool(event.value)
        self.table.focus()

    def clear_filter(self) -> bool:
        """Show all rows again; tell whether there was a filter."""
        if not self._input.display:
            return False
        self._input.value = ""
        self._input.display = False
        self.table.focus()
        return True

    def action_faults(self) -> None:
        """Show the pane's faults in full."""
        from cockpit.ui.text_box import TextBox  # noqa: PLC0415 - after the first paint

        whole = [f"{region}: {fault.message}\n→ {fault.remedy}" for region, fault in self._health.faults]
        self.app.push_screen(TextBox(f"{self.spec.name}: faults", "\n\n".join(whole) or "All of it could be read."))

    def action_copy(self) -> None:
        """Copy the row's ARN, id or name."""
        item = self.table.current
        if item is not None:
            cockpit_of(self).copy(self.spec.copied(item))
