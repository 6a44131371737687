"""The plans: those that match what is going on first, and why; broken ones with their problems."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from textwrap import wrap
from typing import TYPE_CHECKING

from rich.text import Text
from textual import events, on
from textual.widget import Widget
from textual.widgets import Input, Static

from cockpit.model.text import clean
from cockpit.ui.actions import Act, actions
from cockpit.ui.base import CockpitScreen
from cockpit.ui.field import Field
from cockpit.ui.table import Cells, Column, RowTable
from cockpit.ui.theme import BAD, BOLD, DIM, GOOD, PLAIN, WARN

if TYPE_CHECKING:
    from cockpit.plans.catalogue import LoadedPlan
    from cockpit.plans.match import Match

PREVIEW_LINES = 6


@dataclass(frozen=True, slots=True)
class PlanRow:
    """One line: a sound plan with its match, or a broken file."""

    match: Match | None
    broken: LoadedPlan | None = None


def plan_rows(matches: Iterable[Match], plans: Iterable[LoadedPlan]) -> list[PlanRow]:
    """Return sound plans in the order of the matches, then broken ones."""
    return [PlanRow(match) for match in matches] + [PlanRow(None, loaded) for loaded in plans if loaded.plan is None]


def _cells(row: PlanRow) -> Cells:
    if row.match is None:
        name = row.broken.path.name if row.broken else ""
        return (Text("✗ broken", BAD), "", Text(name, DIM), "", "")
    plan, fits = row.match.plan, bool(row.match.reasons)
    title = Text.assemble(("LAST RESORT ", WARN)) if plan.last_resort else Text()
    title.append(clean(plan.title), BOLD if fits else PLAIN)
    reason = row.match.reasons[0] if fits else ""
    mark = Text("● fits now", GOOD) if fits else Text("○", DIM)
    system = plan.id.partition("/")[0]
    return mark, Text(system, DIM), title, clean(plan.severity), Text(clean(reason), DIM)


def _key(row: PlanRow) -> str:
    return row.match.plan.id if row.match else str(row.broken.path if row.broken else "")


def _search(row: PlanRow) -> str:
    if row.match is None:
        return f"broken {row.broken.path.name if row.broken else ''}".lower()
    plan = row.match.plan
    return f"{plan.id} {plan.title} {plan.trigger.words} {plan.severity} {' '.join(row.match.reasons)}".lower()


def preview(row: PlanRow, width: int) -> Text:
    """Return why a plan fits, or what is wrong with its file: a few lines under the list."""
    words = Text()
    if row.match is None:
        for problem in row.broken.problems if row.broken else ():
            words.append(f"{clean(problem)}\n", BAD)
        return words
    for reason in row.match.reasons:
        words.append(f"● {clean(reason)}\n", GOOD)
    for missing in row.match.missing:
        words.append(f"○ not seen: {clean(missing)}\n", DIM)
    for line in wrap(clean(row.match.plan.trigger.words), max(width, 20)):
        words.append(f"{line}\n")
    return words


class PlansScreen(CockpitScreen[None]):
    """Choose a plan. Enter shows it whole; starting it is one more step from there."""

    BINDINGS = actions(
        "plans",
        Act("close", "escape,q", "back", "Back to the watch screen.", key_name="esc"),
        Act("search", "slash", "search", "Show only plans with these words.", key_name="/", priority=True),
    )
    DEFAULT_CSS = f"""
    PlansScreen > #plans-title {{ height: 1; text-style: bold; }}
    PlansScreen > #plan-search {{
        height: 1; border: none; padding: 0; background: $background;
    }}
    PlansScreen > #plan-preview {{
        height: {PREVIEW_LINES + 1}; border-top: solid $border; width: 100%;
    }}
    """

    def __init__(self) -> None:
        super().__init__()
        self._table: RowTable[PlanRow] = RowTable(
            (
                Column("", 10),
                Column("system", 8),
                Column("plan", share=3),
                Column("severity", 16, from_width=100),
                Column("why", from_width=110, share=2),
            ),
            _cells,
            _key,
            _search,
            empty="reading the plans …",
        )

    def compose_body(self) -> Iterable[Widget]:
        """Yield title, list, search field and preview."""
        yield Static("Plans: Enter shows one; nothing starts yet", id="plans-title", markup=False)
        yield self._table
        yield Field(placeholder="words of a plan; Enter keeps, Esc shows all", id="plan-search")
        yield Static(id="plan-preview", markup=False)

    def on_mount(self) -> None:
        """Show what has been read."""
        self.query_one("#plan-search").display = False
        self._table.focus()

    def on_resize(self, event: events.Resize) -> None:
        """Fit the preview to the new width."""
        super().on_resize(event)
        self._show_preview()

    def renew(self) -> None:
        """List the plans as they match now."""
        cockpit = self.cockpit
        if cockpit.plans is not None:
            self._table.say_empty("no plan was found")
            self._table.show(plan_rows(cockpit.matches or (), cockpit.plans))
        self._show_preview()

    def snapshot_changed(self) -> None:
        """Match anew."""
        self.renew()

    def plans_read(self) -> None:
        """Show what was read."""
        self.renew()

    @on(RowTable.Moved)
    def _show_preview(self) -> None:
        row = self._table.current
        words = preview(row, self.size.width) if row else Text()
        self.query_one("#plan-preview", Static).update(words, layout=False)

    @on(RowTable.Opened)
    def _open(self, event: RowTable.Opened) -> None:
        from cockpit.ui.plans.detail import PlanScreen  # noqa: PLC0415 - reads the schema

        session, row = self.cockpit.session, event.item
        if row.match is None:
            from cockpit.ui.text_box import TextBox  # noqa: PLC0415 - beside its only use

            problems = "\n".join(clean(problem) for problem in row.broken.problems)
            self.app.push_screen(
                TextBox(f"{row.broken.path}", problems, "This plan cannot be used until it is mended.")
            )
        elif session is not None:
            self.app.push_screen(PlanScreen(session, row.match))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Let `/` be a letter like any other while the search is typed."""
        del parameters
        return not (action == "search" and isinstance(self.focused, Input))

    def action_search(self) -> None:
        """Open the search field."""
        field = self.query_one("#plan-search", Input)
        field.display = True
        self.set_focus(field)

    @on(Input.Changed, "#plan-search")
    def _search_changed(self, event: Input.Changed) -> None:
        self._table.filter_by(event.value)

    @on(Input.Submitted, "#plan-search")
    def _search_kept(self, event: Input.Submitted) -> None:
        event.input.display = bool(event.value)
        self._table.focus()

    def action_close(self) -> None:
        """Take the search away first, then go back."""
        field = self.query_one("#plan-search", Input)
        if field.display:
            field.value = ""
            field.display = False
            self._table.focus()
        else:
            self.dismiss(None)
