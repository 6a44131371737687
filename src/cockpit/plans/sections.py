"""A plan's steps under headings: parallel branches, and the procedures it includes. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from cockpit.plans.schema import Branch, Plan, Step


@dataclass(frozen=True, slots=True)
class Heading:
    """What stands together: a branch, or the steps of an included procedure, with headings of their own inside.

    Attributes:
        branch: the branch, if this heading is one's.
    """

    title: str
    branch: Branch | None
    inside: "tuple[Heading | Step, ...]"

    @property
    def steps(self) -> tuple[Step, ...]:
        """Return every step under the heading, in order."""
        return tuple(step for each in self.inside for step in (each.steps if isinstance(each, Heading) else (each,)))


def under_headings(plan: Plan) -> tuple[Heading | Step, ...]:
    """Return the steps in order, each under the headings of its branch and of the procedures it comes from."""
    return _inside(plan, plan.steps, 0)


def _inside(plan: Plan, steps: Iterable[Step], level: int) -> tuple[Heading | Step, ...]:
    found: list[Heading | Step] = []
    for heading, under in groupby(steps, key=lambda step: _headings(step)[level : level + 1]):
        if not heading:
            found += under
            continue
        is_branch, name = heading[0]
        branch = next((each for each in plan.branches if each.id == name), None) if is_branch else None
        found.append(Heading(branch.title if branch else name, branch, _inside(plan, under, level + 1)))
    return tuple(found)


def _headings(step: Step) -> tuple[tuple[bool, str], ...]:
    """Return what a step stands under, outermost first; True marks a branch's id."""
    of_branch = ((True, step.branch),) if step.branch is not None else ()
    return (*of_branch, *((False, title) for title in step.part))
