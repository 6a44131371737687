"""States of a run made of a few records by the engine's own fold, without an engine."""

from datetime import UTC, datetime, timedelta

from cockpit.engine import records as r
from cockpit.engine.fold import fold
from cockpit.engine.state import RunState
from cockpit.model.scope import EnvironmentKind, Scope
from cockpit.plans.schema import Plan

NOON = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)


def opened(plan: Plan) -> RunState:
    """Return an armed run of a plan, before its first step."""
    scope = Scope("drill", EnvironmentKind.DRILL, "123456789012", "us-east-1", "arn:me")
    return RunState("run-1", plan, "", "live", scope, "ada", NOON, NOON, 0, armed=True)


def entry_after(state: RunState, record: r.Record, minutes: float = 1) -> r.Entry:
    """Return a record as the next entry of a run's journal."""
    at = state.last_at + timedelta(minutes=minutes)
    return r.Entry(seq=state.last_seq + 1, at=at, driver="a", record=record, prev="0" * 64, hash="0" * 64)


def after(state: RunState, *records: r.Record, minutes: float = 1) -> RunState:
    """Fold records, each some minutes after the one before."""
    for record in records:
        state = fold(state, entry_after(state, record, minutes))
    return state


def begins(step: str, attempt: int = 1) -> r.StepStarted:
    """Return the beginning of an attempt."""
    return r.StepStarted(step=step, attempt=attempt)


def ends(step: str, attempt: int = 1, outcome: str = "done") -> r.StepEnded:
    """Return the end of an attempt."""
    return r.StepEnded(step=step, attempt=attempt, outcome=outcome)  # type: ignore[arg-type]


def carried_out(state: RunState, *steps: str) -> RunState:
    """Carry out steps, one after the other."""
    for step in steps:
        state = after(state, begins(step), ends(step))
    return state
