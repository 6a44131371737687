"""Parallel branches of a plan: which may begin, which run, which have ended, and how long they took (RQ-20). Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from cockpit.engine.state import RunState, StepState
from cockpit.model.effect import Outcome
from cockpit.plans.schema import Branch, Plan, Step

Standing = Literal["waits", "ready", "running", "ended"]


@dataclass(frozen=True, slots=True)
class Lane:
    """A branch with its steps, in order."""

    branch: Branch
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Branches that run side by side. What stands after them in the plan waits for all of them: the join."""

    id: str
    lanes: tuple[Lane, ...]


@dataclass(frozen=True, slots=True)
class BranchState:
    """Where a branch stands.

    Attributes:
        standing: ``waits`` for steps before its group or for branches it comes after; ``ready`` to begin; ``running``
            from its first step on; ``ended`` once each of its steps is done or skipped.
        began_at: when its first step began, UTC; None before.
        ended_at: when its last step ended, UTC; None before.
    """

    branch: Branch
    standing: Standing
    began_at: datetime | None = None
    ended_at: datetime | None = None

    def elapsed(self, now: datetime) -> timedelta | None:
        """Return the time it took, or has taken until `now`; None before it began."""
        if self.began_at is None:
            return None
        return max((self.ended_at or now) - self.began_at, timedelta(0))

    def over(self, now: datetime) -> timedelta | None:
        """Return by how much it exceeds its documented budget; None if it does not, or none is stated."""
        took, budget = self.elapsed(now), self.branch.budget
        return took - budget if took is not None and budget is not None and took > budget else None


def parts(plan: Plan) -> tuple[Step | Group, ...]:
    """Return the plan in the order in which it is run: single steps, and groups of branches in their place."""
    found: list[Step | Group] = []
    group_of = {branch.id: branch.group for branch in plan.branches}
    seen: set[str] = set()
    for step in plan.steps:
        if step.branch is None:
            found.append(step)
        elif (group := group_of[step.branch]) not in seen:
            seen.add(group)
            found.append(_group(plan, group))
    return tuple(found)


def branch_of(plan: Plan, step_id: str) -> Branch | None:
    """Return the branch that a step belongs to; None if it belongs to none, or the plan has no such step."""
    name = next((step.branch for step in plan.steps if step.id == step_id), None)
    return next((branch for branch in plan.branches if branch.id == name), None)


def is_settled(step: StepState | None) -> bool:
    """Tell whether the plan goes on after this step: it is done or skipped."""
    return step is not None and step.outcome in (Outcome.DONE, Outcome.SKIPPED)


def branch_states(state: RunState) -> tuple[BranchState, ...]:
    """Return where each branch of the plan stands, in the order of the plan."""
    found: dict[str, BranchState] = {}
    before = True
    for part in parts(state.plan):
        if isinstance(part, Step):
            before = before and is_settled(state.steps.get(part.id))
            continue
        for lane in part.lanes:
            free = before and all(found[name].standing == "ended" for name in lane.branch.after)
            found[lane.branch.id] = _branch_state(lane, state.steps, free=free)
        before = before and all(found[lane.branch.id].standing == "ended" for lane in part.lanes)
    return tuple(found.values())


def why_not_begin(state: RunState, step: Step) -> str:
    """Return why the engine never begins an attempt at a step in this state; empty if it may.

    Of a plan without branches, only what is in hand is looked at.
    """
    plan, branch = state.plan, branch_of(state.plan, step.id)
    for other in state.in_hand:
        beside = branch_of(plan, other)
        if branch is None or beside is None or beside.group != branch.group or beside.id == branch.id:
            return f"step {other or 'preflight'} has not ended"
    if plan.branches and is_settled(state.steps.get(step.id)):
        return f"step {step.id} has ended"
    open_steps = (each.id for each in _waits_for(plan, step, branch) if not is_settled(state.steps.get(each.id)))
    waits_for = next(open_steps, "") if plan.branches else ""
    return f"step {waits_for} has not ended" if waits_for else ""


def _waits_for(plan: Plan, step: Step, branch: Branch | None) -> Iterator[Step]:
    """Yield the steps that must be done or skipped before a step: all before it but those side by side with it."""
    beside = {each.id for each in plan.branches if branch is not None and each.group == branch.group}
    if branch is not None:
        beside -= {branch.id, *branch.after}
    for each in plan.steps:
        if each.id == step.id:
            return
        if each.branch not in beside:
            yield each


def _group(plan: Plan, group: str) -> Group:
    branches = (branch for branch in plan.branches if branch.group == group)
    return Group(group, tuple(Lane(each, tuple(s for s in plan.steps if s.branch == each.id)) for each in branches))


def _branch_state(lane: Lane, steps: Mapping[str, StepState], *, free: bool) -> BranchState:
    known = [steps.get(step.id) for step in lane.steps]
    began = next((step.began_at for step in known if step is not None and step.began_at is not None), None)
    ended = max((step.over_at for step in known if step is not None and step.over_at is not None), default=None)
    if all(is_settled(step) for step in known) and (free or began is not None):
        return BranchState(lane.branch, "ended", began, ended)
    if began is not None:
        return BranchState(lane.branch, "running", began)
    return BranchState(lane.branch, "ready" if free else "waits")
