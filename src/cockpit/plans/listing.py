"""Plans as a list, and the refusal of those that must not exist, as lines of text for 80 columns. Pure."""

import textwrap
from collections.abc import Iterable, Iterator

from cockpit.plans.catalogue import LoadedPlan
from cockpit.plans.refused import REFUSED, RefusedProcedure
from cockpit.plans.schema import Plan

WIDTH = 80


def list_lines(found: Iterable[LoadedPlan]) -> Iterator[str]:
    """Yield the sound plans with what they do at most, then the broken ones with their problems, then the refused."""
    loaded = tuple(found)
    for one in loaded:
        if one.plan is not None:
            yield from _plan(one.plan)
    for one in loaded:
        if one.plan is None:
            yield f"{one.path}: BROKEN, cannot be run"
            yield from (f"    {problem}" for problem in one.problems)
    for refused in REFUSED:
        yield f"{refused.id}: REFUSED, `cockpit plans show` says why"


def refused_lines(refused: RefusedProcedure) -> Iterator[str]:
    """Yield why a procedure does not exist, what support says, and what a tool for it would need."""
    yield f"{refused.title} ({refused.id})"
    yield "REFUSED: there is no such plan, and none is loaded."
    yield ""
    yield from wrapped(refused.refusal, indent=2)
    yield ""
    yield "Answer for support"
    yield from wrapped(refused.answer, indent=2)
    yield ""
    yield "A future tool must have"
    for need in refused.needs:
        yield from wrapped(need, indent=4, first="  - ")


def wrapped(words: str, indent: int = 0, first: str | None = None) -> Iterator[str]:
    """Yield text folded to the width; an empty text yields nothing. Existing line breaks stay."""
    for number, paragraph in enumerate(words.splitlines()):
        begin = first if first is not None and number == 0 else " " * indent
        yield from textwrap.wrap(
            paragraph,
            WIDTH,
            initial_indent=begin,
            subsequent_indent=" " * indent,
            break_long_words=False,
            break_on_hyphens=False,
        ) or [""]


def _plan(plan: Plan) -> Iterator[str]:
    changes = sum(step.effect.value != "read" for step in plan.steps)
    yield plan.id
    yield from wrapped(plan.title, indent=4)
    marks = [f"{len(plan.steps)} steps, {changes} of them can change something" if changes else "changes nothing"]
    if plan.last_resort:
        marks.insert(0, "LAST RESORT")
    if any(step.action.kind == "approve" and getattr(step.action, "accepts_loss", False) for step in plan.steps):
        marks.append("loses data")
    yield f"    {'; '.join(marks)}"
