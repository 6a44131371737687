"""A plan's steps under headings: parallel branches, and the procedures it includes. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from cockpit.model.text import duration
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


def outlined(plan: Plan) -> Iterator[tuple[int, Heading | Step]]:
    """Yield headings and steps as they are read, each with how deep it stands: 0 for what stands under no heading."""
    yield from _flat(under_headings(plan), 0)


def heading_words(plan: Plan, heading: Heading) -> str:
    """Return a heading as one line: a branch with what it waits for and the time it is given."""
    if heading.branch is None:
        return heading.title
    after = " and ".join(plan.branch(name).title for name in heading.branch.after)
    beside = f"after {after}" if after else "beside the others"
    budget = f"within {duration(heading.branch.budget)}" if heading.branch.budget else ""
    return ", ".join(part for part in (heading.title, beside, budget) if part)


def _flat(parts: Iterable[Heading | Step], depth: int) -> Iterator[tuple[int, Heading | Step]]:
    for part in parts:
        yield depth, part
        if isinstance(part, Heading):
            yield from _flat(part.inside, depth + 1)


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
