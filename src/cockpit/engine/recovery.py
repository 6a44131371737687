"""When the service was back, and how long that took against the documented objective. Pure."""

from datetime import datetime

from cockpit.engine.branches import is_settled
from cockpit.engine.state import RunState
from cockpit.model.effect import Outcome
from cockpit.plans.schema import Plan


def recovered_at(state: RunState) -> datetime | None:
    """Return when the last of the plan's recovering steps was done, UTC.

    None while one of them is open, if none was carried out or one was taken back, and where the plan names none: its
    recovery then is its end.
    """
    known = [state.steps.get(name) for name in state.plan.objectives.recovered_by]
    if not all(is_settled(step) for step in known):
        return None
    done = [step for step in known if step is not None and step.outcome is Outcome.DONE]
    if any(step.undone for step in done):
        return None
    return max((step.over_at for step in done if step.over_at is not None), default=None)


def until_recovery(plan: Plan) -> frozenset[str]:
    """Return the ids of the steps that have to be gone through until the service is back: all, if none is named."""
    names = [step.id for step in plan.steps]
    last = max((names.index(name) for name in plan.objectives.recovered_by if name in names), default=len(names) - 1)
    return frozenset(names[: last + 1])
