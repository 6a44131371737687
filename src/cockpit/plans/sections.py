"""A plan's steps under headings: parallel branches, and the procedures it includes. Pure."""

from dataclasses import dataclass
from itertools import groupby

from cockpit.plans.schema import Branch, Plan, Step


@dataclass(frozen=True, slots=True)
class Section:
    """Steps that stand together.

    Attributes:
        branch: the branch they belong to; None outside of branches.
        part: titles of the included procedures they come from, outermost first; empty for steps without a heading.
    """

    branch: Branch | None
    part: tuple[str, ...]
    steps: tuple[Step, ...]


def sections(plan: Plan) -> tuple[Section, ...]:
    """Return the steps in order, cut where the branch or the included procedure changes."""
    branches = {branch.id: branch for branch in plan.branches}
    cut = groupby(plan.steps, key=lambda step: (step.branch, step.part))
    return tuple(Section(branches.get(branch or ""), part, tuple(steps)) for (branch, part), steps in cut)
