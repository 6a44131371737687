"""Calls whose outcome is unknown: look first, then ask; never repeat (DESIGN 6)."""

from typing import Any

from cockpit.aws.port import ReadFailed
from cockpit.engine import records as r
from cockpit.engine import trouble
from cockpit.engine.actions.base import Action, Verdict
from cockpit.engine.commands import SolveTrouble
from cockpit.engine.state import CallState
from cockpit.engine.step_context import EngineStepContext
from cockpit.plans.base import PlanModel
from cockpit.plans.expressions import ExpressionError

LOST = "The program that sent it ended before an answer came."


async def settle(
    context: EngineStepContext, action: Action[Any], spec: PlanModel, call: CallState
) -> SolveTrouble | None:
    """Find out what became of a call, with the operator where AWS cannot tell, and record it.

    Returns:
        None once it is known (the state then says so); the command if the operator aborts instead.
    """
    intent = call.intent
    if call.end is None:
        _record(context, r.CallUnknown(**_where(intent), evidence=(LOST,)))
    while True:
        verdict, evidence = await _look(context, action, spec, intent)
        if verdict is not None:
            _record(
                context,
                r.Reconciled(
                    **_where(intent),
                    verdict=verdict.verdict,
                    by="aws",
                    evidence=verdict.evidence,
                    answer=verdict.captured,
                ),
            )
            if verdict.verdict != "conflict":
                return None
        prompt = trouble.unknown(call, (*_known(context), *evidence), can_look=True)
        answer = await context.ask(prompt)
        if isinstance(answer, SolveTrouble) and answer.way in ("happened", "not_happened"):
            said = "happened" if answer.way == "happened" else "not_happened"
            _record(
                context,
                r.Reconciled(**_where(intent), verdict=said, by="operator", evidence=(answer.reason,)),
            )
            return None
        if isinstance(answer, SolveTrouble) and answer.way == "abort":
            return answer


async def _look(
    context: EngineStepContext, action: Action[Any], spec: PlanModel, intent: r.Intent
) -> tuple[Verdict | None, tuple[str, ...]]:
    try:
        verdict = await action.reconcile(context, spec, intent)
    except ReadFailed as failure:
        return None, (f"AWS could not be read: {failure.fault.message} {failure.fault.remedy}".strip(),)
    except ExpressionError as error:
        return None, (f"what AWS answers cannot be judged: {error}",)
    if verdict is None:
        return None, ("The plan names no way to see in AWS whether this call took effect.",)
    return verdict, verdict.evidence


def _known(context: EngineStepContext) -> tuple[str, ...]:
    end = context.state().steps[context.step.id].calls[-1].end
    return end.evidence if isinstance(end, r.CallUnknown) else ()


def _record(context: EngineStepContext, record: r.Record) -> None:
    context.record(record)


def _where(intent: r.Intent) -> dict[str, Any]:
    return {"step": intent.step, "attempt": intent.attempt, "call": intent.call}
