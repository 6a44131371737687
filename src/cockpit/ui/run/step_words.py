"""How far each step is, as glyph and word: never by colour alone."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from rich.style import Style

from cockpit.engine.state import RunState, StepState
from cockpit.model.effect import Outcome
from cockpit.plans.schema import Step
from cockpit.ui import theme


@dataclass(frozen=True, slots=True)
class Mark:
    """A glyph, a word of at most seven letters, and a style that repeats them."""

    glyph: str
    word: str
    style: Style


class Progress(Enum):
    """Where a step stands."""

    TO_COME = Mark("·", "", theme.DIM)
    NOW = Mark("▶", "now", theme.NOTE + theme.BOLD)
    WAITS = Mark("◆", "for you", theme.WARN)
    DONE = Mark("✓", "done", theme.GOOD)
    FAILED = Mark("✗", "FAILED", theme.BAD)
    SKIPPED = Mark("↷", "skipped", theme.DIM)
    UNKNOWN = Mark("?", "UNKNOWN", theme.WARN)
    UNDONE = Mark("↶", "undone", theme.WARN)


_OUTCOMES = {
    Outcome.DONE: Progress.DONE,
    Outcome.FAILED: Progress.FAILED,
    Outcome.SKIPPED: Progress.SKIPPED,
    Outcome.UNKNOWN: Progress.UNKNOWN,
}


def progress(state: RunState, step_id: str) -> Progress:
    """Return where a step stands. A failed or unknown outcome shows even while the engine asks what to do about it."""
    step = state.steps.get(step_id)
    if step is None:
        return Progress.TO_COME
    trouble = step.prompt.outcome if step.prompt is not None and step.prompt.kind == "trouble" else ""
    if trouble:
        return Progress.UNKNOWN if trouble == "unknown" else Progress.FAILED
    if step.prompt is not None:
        return Progress.WAITS
    if step.outcome is not None:
        return Progress.UNDONE if step.undone is Outcome.DONE else _OUTCOMES[step.outcome]
    if any(call.is_unknown and call.end is not None for call in step.calls):
        return Progress.UNKNOWN
    return Progress.NOW if step.started_at is not None and not state.ended else Progress.TO_COME


def number_of(state: RunState, step_id: str) -> int:
    """Return a step's number in the plan, from 1; 0 if the plan has none of that id."""
    return next((n for n, step in enumerate(state.plan.steps, 1) if step.id == step_id), 0)


def actual(step: StepState | None, now: datetime) -> timedelta | None:
    """Return how long a step took or has been taking; None before it started."""
    if step is None or step.started_at is None:
        return None
    return max((step.ended_at or now) - step.started_at, timedelta(0))


def overran(step: Step, took: timedelta | None) -> bool:
    """Tell whether a step takes longer than its source says."""
    return took is not None and step.documented is not None and took > step.documented
