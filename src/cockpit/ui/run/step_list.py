"""The steps on the left: number, where each stands by glyph, and by word where that is not the usual, title."""

from datetime import datetime

from rich.text import Text

from cockpit.engine.state import RunState
from cockpit.ui import theme
from cockpit.ui.actions import Act, actions
from cockpit.ui.run.step_rows import StepRow, current_key, heading_cells, row_of, step_rows
from cockpit.ui.run.step_words import Progress
from cockpit.ui.table import Column, RowTable, Spanning


def _cells(row: StepRow) -> tuple[Text, Text, Text] | Spanning:
    if row.heading is not None:
        return Spanning(*heading_cells(row))
    mark = row.mark.value
    title = Text(row.title, style=theme.BOLD if row.mark in (Progress.NOW, Progress.WAITS) else theme.PLAIN)
    if mark.word and row.mark is not Progress.DONE:
        indent = len(row.title) - len(row.title.lstrip())
        title = Text.assemble(row.title[:indent], (f"{mark.word} ", mark.style), title[indent:])
    return Text(row.number, style=theme.DIM), Text(mark.glyph, style=mark.style), title


class StepList(RowTable[StepRow]):
    """The list of steps. It follows the run until the operator looks at another step.

    Args:
        count: how many steps the plan has: the last one's number has to fit.

    Attributes:
        following: the cursor goes where the run goes.
        folded: what is over under a heading is one line, and so is a branch that cannot begin yet.
    """

    BINDINGS = actions(
        "steps",
        Act("open_row", "enter", "answer", "Open what the run waits for."),
        Act(
            "fold",
            "f",
            "fold",
            "Show the steps of parts that are over and of branches to come, or fold them.",
            shown=False,
        ),
    )

    def __init__(self, count: int) -> None:
        columns = (Column("", max(len(str(count)), 2), align="right"), Column("", 1), Column(""))
        super().__init__(columns, _cells, lambda row: row.key, heading=False, id="steps")
        self.following = True
        self.folded = True
        self._followed: tuple[RunState, datetime] | None = None

    def follow(self, state: RunState, now: datetime) -> None:
        """Show the steps of a state; keep the cursor on the step in hand unless the operator moved it away."""
        self._followed = (state, now)
        rows = step_rows(state, now, folded=self.folded)
        looked_at = self.current.key if self.current is not None else ""
        if rows != self.rows:
            self.show(rows)
        self.move_to_key(row_of(rows, current_key(state) if self.following else looked_at))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer no answer to a run that has ended."""
        del parameters
        return not (action == "open_row" and self._followed is not None and self._followed[0].ended)

    def action_fold(self) -> None:
        """Show every step, or one line for each heading that is over or cannot begin yet."""
        self.folded = not self.folded
        if self._followed is not None:
            self.follow(*self._followed)

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
