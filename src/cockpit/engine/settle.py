"""Calls whose outcome is unknown: look first, then ask; never repeat (DESIGN 6)."""

import json
from typing import Any

from pydantic import JsonValue

from cockpit.aws.port import ReadFailed
from cockpit.engine import records as r
from cockpit.engine import trouble
from cockpit.engine.actions.base import Action, Verdict
from cockpit.engine.commands import Answer, SolveTrouble
from cockpit.engine.prompts import TextPrompt
from cockpit.engine.reconcile import read_values
from cockpit.engine.shell_job import LineDown
from cockpit.engine.state import CallState
from cockpit.engine.step_context import EngineStepContext
from cockpit.plans.actions.aws import AwsSpec
from cockpit.plans.base import PlanModel
from cockpit.plans.expressions import ExpressionError

NOT_KNOWN = "-"
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
                    by="plan" if verdict.verdict == "repeatable" else "aws",
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
            captured = await _values(context, spec, intent) if said == "happened" else {}
            _record(
                context,
                r.Reconciled(**_where(intent), verdict=said, by="operator", evidence=(answer.reason,), answer=captured),
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
    except LineDown as down:
        return None, (f"the program could not be looked for: {down}",)
    except ExpressionError as error:
        return None, (f"what AWS answers cannot be judged: {error}",)
    if verdict is None:
        return None, ("The plan names no way to see in AWS whether this call took effect.",)
    return verdict, verdict.evidence


async def _values(context: EngineStepContext, spec: PlanModel, intent: r.Intent) -> dict[str, JsonValue]:
    """Return what the lost answer would have given: read where AWS can still tell, else typed by the operator.

    Without them later steps would miss values that nobody was asked for.
    """
    if not isinstance(spec, AwsSpec):
        return {}
    read = await read_values(context, spec.reconcile, intent) if spec.reconcile else {}
    found: dict[str, JsonValue] = {}
    for name, expression in spec.capture.items():
        value = read.get(name)
        found[name] = await _typed(context, name, expression) if value is None else value
    return found


async def _typed(context: EngineStepContext, name: str, expression: str) -> JsonValue:
    question = (
        f"The lost answer held a value that later steps may need: {name} ({expression}). Look it up in AWS and type "
        f"it; digits alone are a number, in quotes a text; {NOT_KNOWN} if it cannot be found."
    )
    answer = await context.ask(TextPrompt(question=question))
    typed = str(answer.value).strip() if isinstance(answer, Answer) else NOT_KNOWN
    if typed == NOT_KNOWN:
        return None
    try:
        value: JsonValue = json.loads(typed)
    except ValueError:
        return typed
    return value


def _known(context: EngineStepContext) -> tuple[str, ...]:
    end = context.state().steps[context.step.id].calls[-1].end
    return end.evidence if isinstance(end, r.CallUnknown) else ()


def _record(context: EngineStepContext, record: r.Record) -> None:
    context.record(record)


def _where(intent: r.Intent) -> dict[str, Any]:
    return {"step": intent.step, "attempt": intent.attempt, "call": intent.call}
