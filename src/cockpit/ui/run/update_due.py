"""When users are to be told more. Pure, and without imports of its own: the watch screen needs it at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from cockpit.engine.state import RunState


def update_due(state: RunState) -> datetime | None:
    """Return when the next status update is due, UTC.

    None before the first text, after the plan's last one, once the run has ended, or if the plan names no interval.
    """
    every = state.plan.communications.update_every
    posted = [text.at for text in state.posted if text.posted]
    if every is None or not posted or state.ended:
        return None
    steps = (state.steps.get(step.id) for step in state.plan.steps if step.action.kind == "post_status")
    if all(step is not None and step.outcome is not None for step in steps):
        return None
    return max(posted) + every
