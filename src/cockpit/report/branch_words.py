"""Words for parallel branches: whose step it is, what the steps in hand wait for, time against budget (RQ-20). Pure."""

from collections.abc import Callable
from datetime import datetime, timedelta

from cockpit.engine.branches import BranchState, branch_of
from cockpit.engine.state import RunState
from cockpit.model.text import brief, clean, duration
from cockpit.plans.schema import Plan

Clock = Callable[[timedelta], str]
"""How a duration is written."""


def branch_name(plan: Plan, step_id: str) -> str:
    """Return the title of the branch that a step belongs to; empty if it belongs to none."""
    branch = branch_of(plan, step_id)
    return clean(branch.title, 60) if branch is not None else ""


def named(plan: Plan, step_id: str, words: str) -> str:
    """Return words with the step's branch before them: ``[Database] words``; without a branch as they are."""
    name = branch_name(plan, step_id)
    return f"[{name}] {words}" if name else words


def against(took: timedelta, documented: timedelta | None, clock: Clock = duration) -> str:
    """Return ``12 min of 1 h``, with how far it is over; only the time itself where nothing is documented."""
    if documented is None:
        return clock(took)
    over = f", OVER by {clock(took - documented)}" if took > documented else ""
    return f"{clock(took)} of {brief(documented)}{over}"


def branch_words(state: RunState, each: BranchState, now: datetime, clock: Clock = duration) -> str:
    """Return where a branch stands and how long it took, against its documented budget."""
    took = each.elapsed(state.last_at if state.ended else now)
    if took is None:
        titles = {branch.id: branch.title for branch in state.plan.branches}
        before = (
            f"; comes after {' and '.join(titles[name] for name in each.branch.after)}" if each.branch.after else ""
        )
        return clean(f"to come{before}")
    word = {"ended": "ended", "running": "not finished" if state.ended else "running"}.get(each.standing, each.standing)
    return f"{word}, {against(took, each.branch.budget, clock)}"


def waiting_words(state: RunState, step_id: str) -> str:
    """Return what a step in hand waits for, in a word or two."""
    step = state.steps[step_id]
    if step.prompt is not None:
        return "waits for a person"
    if step.queued:
        return "asks next"
    return "call under way" if any(call.end is None for call in step.calls) else "waits"


def who_is_in_hand(state: RunState, step_id: str) -> str:
    """Return a step in hand with its branch: ``Database > Wait for the cluster``."""
    title = next((clean(step.title, 200) for step in state.plan.steps if step.id == step_id), "Preflight")
    name = branch_name(state.plan, step_id)
    return f"{name} \u203a {title}" if name else title


def time_in_hand(state: RunState, step_id: str, now: datetime, clock: Clock = duration) -> str:
    """Return how long a step has been in hand, against its documented time."""
    step = next((each for each in state.plan.steps if each.id == step_id), None)
    began = state.steps[step_id].started_at or now
    return against(max(now - began, timedelta(0)), step.documented if step else None, clock)
