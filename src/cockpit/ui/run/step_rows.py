"""The lines of the step list: steps under headings of their branch and part; what is over is folded. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from rich.text import Text

from cockpit.engine.branches import BranchState, branch_states, is_settled
from cockpit.engine.fold import PREFLIGHT
from cockpit.engine.state import RunState
from cockpit.model.effect import Outcome
from cockpit.model.text import brief, clean
from cockpit.plans.schema import Step
from cockpit.plans.sections import Heading, under_headings
from cockpit.ui import theme
from cockpit.ui.run.step_words import Progress, number_of, progress
from cockpit.ui.words import coarse

END = "(end)"
"""Key of the row that tells how the run ended."""

_MATTERS_MOST = (Progress.WAITS, Progress.FAILED, Progress.UNKNOWN, Progress.NOW, Progress.UNDONE)


@dataclass(frozen=True, slots=True)
class StepRow:
    """One line of the list.

    Attributes:
        key: the step's id, `PREFLIGHT`, `END`, or what identifies a heading (`heading`).
        number: the step's number; empty for what has none.
        title: its title; indented under a heading.
        heading: the heading that the line is; None for steps.
        clock: of a heading, the time of its branch or how many of its steps are over.
        late: its branch exceeds its documented budget.
        covers: the steps that are found here: under a folded heading all of its own.
    """

    key: str
    mark: Progress
    title: str
    number: str = ""
    heading: Heading | None = None
    clock: str = ""
    late: bool = False
    covers: tuple[str, ...] = ()


def step_rows(state: RunState, now: datetime, *, folded: bool = True) -> tuple[StepRow, ...]:
    """Return the lines for a state: the preflight, every step, and the end once there is one.

    `folded` makes one line of each heading whose steps are all over, and of each branch that cannot begin yet.
    """
    branches = {each.branch.id: each for each in branch_states(state)}
    rows = [StepRow(PREFLIGHT, progress(state, PREFLIGHT), "Preflight", covers=(PREFLIGHT,))]
    rows += _Rows(state, state.last_at if state.ended else now, branches, folded=folded).of(
        under_headings(state.plan), ""
    )
    if state.ended:
        rows.append(StepRow(END, Progress.DONE if state.ended == "finished" else Progress.TO_COME, "The end"))
    return tuple(rows)


def row_of(rows: Iterable[StepRow], key: str) -> str:
    """Return the key of the line on which a step, or the line of that key, is found; the key itself if nowhere."""
    return next((row.key for row in rows if row.key == key or key in row.covers), key)


def current_key(state: RunState) -> str:
    """Return the key of the line that matters now: the step in hand, the end, or the last step begun."""
    if state.ended:
        return END
    if state.now_step:
        return state.now_step
    begun = [state.steps[step.id] for step in state.plan.steps if step.id in state.steps]
    waits = state.prompt is not None
    return PREFLIGHT if waits or not begun else max(begun, key=lambda step: step.over_seq).step


@dataclass(frozen=True, slots=True)
class _Rows:
    state: RunState
    now: datetime
    branches: dict[str, BranchState]
    folded: bool

    def of(self, steps: Iterable[Heading | Step], indent: str) -> Iterator[StepRow]:
        for each in steps:
            if isinstance(each, Step):
                number, mark = str(number_of(self.state, each.id)), progress(self.state, each.id)
                yield StepRow(each.id, mark, f"{indent}{each.title}", number, covers=(each.id,))
            elif self.folded and self._is_closed(each):
                yield self._heading(each, indent, folded=True)
            else:
                yield self._heading(each, indent, folded=False)
                yield from self.of(each.inside, f"{indent} ")

    def _is_closed(self, heading: Heading) -> bool:
        if heading.branch is not None and self.branches[heading.branch.id].standing == "waits":
            return True
        return all(is_settled(self.state.steps.get(step.id)) for step in heading.steps)

    def _heading(self, heading: Heading, indent: str, *, folded: bool) -> StepRow:
        key = f"heading:{len(indent)}:{heading.steps[0].id}"
        branch = self.branches[heading.branch.id] if heading.branch is not None else None
        return StepRow(
            key,
            heading_mark(self.state, heading),
            f"{indent}{clean(heading.title, 200)}",
            heading=heading,
            clock=self._count(heading) if branch is None else branch_clock(branch, len(heading.steps), self.now),
            late=branch is not None and branch.over(self.now) is not None,
            covers=tuple(step.id for step in heading.steps) if folded else (),
        )

    def _count(self, heading: Heading) -> str:
        known = [self.state.steps.get(step.id) for step in heading.steps]
        over = sum(is_settled(step) for step in known)
        if over < len(known):
            return f"{over}/{len(known)}" if over else ""
        skipped = sum(step is not None and step.outcome is Outcome.SKIPPED for step in known)
        return _steps(len(known)) + (f", {skipped} skipped" if skipped else "")


def _steps(count: int) -> str:
    return f"{count} step{'' if count == 1 else 's'}"


def heading_mark(state: RunState, heading: Heading) -> Progress:
    """Return the mark of what matters most under a heading."""
    marks = [progress(state, step.id) for step in heading.steps]
    found = next((mark for mark in _MATTERS_MOST if mark in marks), None)
    if found is not None:
        return found
    if all(is_settled(state.steps.get(step.id)) for step in heading.steps):
        return Progress.DONE if Progress.DONE in marks else Progress.SKIPPED
    return Progress.TO_COME if all(mark is Progress.TO_COME for mark in marks) else Progress.NOW


def branch_clock(branch: BranchState, count: int, now: datetime) -> str:
    """Return a branch's time against its budget, or by how much it is over, as short as a list wants it."""
    took, budget = branch.elapsed(now), branch.branch.budget
    if took is None:
        return f"{_steps(count)} to come" if branch.standing == "waits" else branch.standing
    if (over := branch.over(now)) is not None:
        return f"OVER by {coarse(over)}"
    return f"{coarse(took)} of {brief(budget)}" if budget is not None else coarse(took)


def heading_cells(row: StepRow) -> tuple[Text, Text]:
    """Return a heading's mark and title, and its clock."""
    mark = row.mark.value
    left = Text.assemble((f"{mark.glyph} ", mark.style), (row.title, theme.NOTE + theme.BOLD))
    return left, Text(row.clock, style=theme.BAD if row.late else theme.DIM)
