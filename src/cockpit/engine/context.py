"""What expressions of a plan see of the run, made from its state alone (docs/writing-plans.md lists the names)."""

from datetime import UTC, datetime

from pydantic import JsonValue

from cockpit.engine.fold import PREFLIGHT
from cockpit.engine.state import RunState, StepState
from cockpit.model.effect import Outcome
from cockpit.model.loss_window import LossWindow
from cockpit.model.scope import Scope
from cockpit.model.text import duration

JsonObject = dict[str, JsonValue]


def iso(moment: datetime | None) -> str | None:
    """Return a time as expressions see it: ``2026-11-21T03:15:02Z``, with a fraction only if there is one."""
    return None if moment is None else moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def scope_context(scope: Scope, names: JsonObject) -> JsonObject:
    """Return what ``scope`` stands for."""
    return {
        "environment": scope.environment,
        "kind": scope.kind.value,
        "account": scope.account,
        "region": scope.region,
        "role": scope.role,
        "names": names,
    }


def run_context(state: RunState, now: datetime) -> JsonObject:
    """Return everything an expression may name but what belongs to one field (``answer``, ``item`` …)."""
    return {
        "inputs": dict(state.inputs),
        "steps": {key: _step(step) for key, step in state.steps.items() if key != PREFLIGHT and _is_visible(step)},
        "scope": scope_context(state.scope, state.names),
        "run": _run(state, now),
        "plan": {"id": state.plan.id, "title": state.plan.title},
        "preflight": {key: dict(captured) for key, captured in state.preflight.items()},
    }


def _is_visible(step: StepState) -> bool:
    # A skipped step has nothing, so that "!(steps.x)" asks whether it ran.
    return step.outcome is not Outcome.SKIPPED


def _step(step: StepState) -> JsonObject:
    return {
        "started_at": iso(step.started_at),
        "ended_at": iso(step.ended_at),
        "outcome": step.outcome.value if step.outcome else None,
        **step.captured,
    }


def _run(state: RunState, now: datetime) -> JsonObject:
    return {
        "id": state.run_id,
        "started_at": iso(state.opened_at.replace(microsecond=0)),
        "now": iso(now),
        "halted": _halted(state),
        "halted_at": iso(state.halted_at),
        "loss": _loss(state.loss) if state.loss else None,
    }


def _halted(state: RunState) -> JsonObject:
    if state.mode == "live":
        return {halt.name: halt.value for halt in state.halted.values()}
    # A dry run halts nothing; what it would have saved is shown as such, so that later steps can be shown too.
    done = [step for step in state.plan.steps if step.id in state.steps and _is_visible(state.steps[step.id])]
    return {halt.name: f"<run.halted.{halt.name}>" for step in done for halt in step.halts}


def _loss(loss: LossWindow) -> JsonObject:
    writes = loss.writes
    words = None
    if writes:
        words = str(writes.at_least) if writes.is_exact else f"{writes.at_least} to {writes.at_most}"
    return {
        "start": iso(loss.start),
        "end": iso(loss.end),
        "end_basis": loss.end_basis.value,
        "duration": duration(loss.duration),
        "duration_seconds": loss.duration.total_seconds(),
        "at_least": writes.at_least if writes else None,
        "at_most": writes.at_most if writes else None,
        "writes": words,
    }
