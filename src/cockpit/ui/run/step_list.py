"""The steps on the left: number, where each stands by glyph and word, title."""

from dataclasses import dataclass

from rich.text import Text

from cockpit.engine.fold import PREFLIGHT
from cockpit.engine.state import RunState
from cockpit.ui import theme
from cockpit.ui.actions import Act, actions
from cockpit.ui.run.step_words import Progress, progress
from cockpit.ui.table import Column, RowTable

END = "(end)"
"""Key of the row that tells how the run ended."""


@dataclass(frozen=True, slots=True)
class StepRow:
    """One line of the list. `key` is the step's id, `PREFLIGHT` or `END`."""

    key: str
    number: str
    mark: Progress
    title: str


def step_rows(state: RunState) -> tuple[StepRow, ...]:
    """Return the lines for a state: the preflight, every step, and the end once there is one."""
    rows = [StepRow(PREFLIGHT, "", progress(state, PREFLIGHT), "Preflight")]
    rows += [
        StepRow(step.id, str(number), progress(state, step.id), step.title)
        for number, step in enumerate(state.plan.steps, 1)
    ]
    if state.ended:
        rows.append(StepRow(END, "", Progress.DONE if state.ended == "finished" else Progress.TO_COME, "The end"))
    return tuple(rows)


def current_key(state: RunState) -> str:
    """Return the key of the line that matters now: the step in hand, the end, or the last step begun."""
    if state.ended:
        return END
    if state.now_step:
        return state.now_step
    begun = [step for step in state.plan.steps if step.id in state.steps]
    waits = state.prompt is not None
    return PREFLIGHT if waits or not begun else begun[-1].id


def _cells(row: StepRow) -> tuple[Text, Text, Text]:
    mark = row.mark.value
    title = Text(row.title, style=theme.BOLD if row.mark in (Progress.NOW, Progress.WAITS) else theme.PLAIN)
    return Text(row.number, style=theme.DIM), Text(f"{mark.glyph} {mark.word}", style=mark.style), title


class StepList(RowTable[StepRow]):
    """The list of steps. It follows the run until the operator looks at another step.

    Attributes:
        following: the cursor goes where the run goes.
    """

    BINDINGS = actions("steps", Act("open_row", "enter", "answer", "Open what the run waits for."))

    def __init__(self) -> None:
        columns = (Column("", 2, align="right"), Column("", 9), Column(""))
        super().__init__(columns, _cells, lambda row: row.key, heading=False, id="steps")
        self.following = True

    def follow(self, state: RunState) -> None:
        """Show the steps of a state; keep the cursor on the step in hand unless the operator moved it away."""
        self.show(step_rows(state))
        if self.following:
            self.move_to_key(current_key(state))

    def action_cursor(self, rows: int) -> None:
        """Look at another step."""
        self.following = False
        super().action_cursor(rows)

    def action_page(self, pages: int) -> None:
        """Look at another step."""
        self.following = False
        super().action_page(pages)

    def action_end(self, direction: int) -> None:
        """Look at the first or last step."""
        self.following = False
        super().action_end(direction)
