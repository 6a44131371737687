"""The headings between a plan's steps: the branch and the included procedures that a step belongs to. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from cockpit.model.text import duration
from cockpit.plans.schema import Branch, Plan, Step


@dataclass(frozen=True, slots=True)
class Heading:
    """One heading. `level` counts from 0 (outermost); `branch` is set where it opens a branch."""

    level: int
    title: str
    branch: Branch | None = None


def headed(plan: Plan) -> Iterator[tuple[tuple[Heading, ...], Step]]:
    """Yield every step with the headings that open right before it."""
    before: tuple[Heading, ...] = ()
    for step in plan.steps:
        path = _path(plan, step)
        kept = next((n for n, pair in enumerate(zip(before, path, strict=False)) if pair[0] != pair[1]), None)
        if kept is None:
            kept = min(len(before), len(path))
        yield path[kept:], step
        before = path


def _path(plan: Plan, step: Step) -> tuple[Heading, ...]:
    opening = [plan.branch(step.branch)] if step.branch else []
    branches = tuple(Heading(0, branch.title, branch) for branch in opening)
    return branches + tuple(Heading(len(branches) + n, title) for n, title in enumerate(step.part))


def heading_words(plan: Plan, heading: Heading) -> str:
    """Return a heading as one line: a branch with what it waits for and the time it is given."""
    if heading.branch is None:
        return heading.title
    after = " and ".join(plan.branch(name).title for name in heading.branch.after)
    budget = f"within {duration(heading.branch.budget)}" if heading.branch.budget else ""
    return ", ".join(
        part for part in (heading.title, "beside the others" if not after else f"after {after}", budget) if part
    )
