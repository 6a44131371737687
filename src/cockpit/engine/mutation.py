"""The door through which every change goes: INTENT on disk, then the call, then its end on disk (DESIGN 6)."""

from collections.abc import Mapping

from pydantic import JsonValue

from cockpit.aws.port import AwsAnswer, CallRejected, GuardRefused, OutcomeUnknown, Permit
from cockpit.engine import records as r
from cockpit.engine.prompts import PlannedCall
from cockpit.engine.run_core import RunCore
from cockpit.engine.secrets import without_secrets
from cockpit.engine.state import CallState, StepState
from cockpit.engine.tokens import token
from cockpit.model.text import clean
from cockpit.plans.expressions import ExpressionError, evaluate, fill_text
from cockpit.plans.schema import Step


def past_answer(core: RunCore, step_id: str, call: PlannedCall) -> dict[str, JsonValue] | None:
    """Return what was journaled of the same call's answer, if it took effect in this attempt; None if it did not."""
    step = core.state.steps[step_id]
    for past in reversed(step.calls):
        if past.intent.attempt == step.attempt and past.took_effect and _is_same(past, call, core):
            return dict(past.end.answer) if isinstance(past.end, r.Acked | r.Reconciled) else {}
    return None


async def send(
    core: RunCore,
    step: Step,
    call: PlannedCall,
    before: Mapping[str, JsonValue] | None,
    capture: Mapping[str, str] | None,
) -> dict[str, JsonValue]:
    """Send one confirmed call, unless it already took effect in this attempt.

    Raises:
        CallRejected, OutcomeUnknown, GuardRefused: as `StepContext.mutate` says; already recorded.
        ExpressionError: the call took effect, but an expression of `capture` cannot be evaluated over its answer.
        JournalError: the intent is not on disk and nothing was sent, or the end is not: the outcome is then unknown.
    """
    past = past_answer(core, step.id, call)
    if past is not None:
        return past
    core.brakes.check(step.id)
    intent = _intent(core, step, call, before)
    _save_halts(core, step)
    core.log.append(intent)
    answer = await _call(core, intent, call)
    try:
        names = core.context({"answer": without_secrets(answer.body)})
        kept = {name: evaluate(text, names) for name, text in (capture or {}).items()}
    except ExpressionError:
        _acked(core, step, intent, answer, {})
        raise
    _acked(core, step, intent, answer, kept)
    return answer.body if capture is None else kept


def save_values(core: RunCore, step: Step) -> None:
    """Check that every value the step halts can be saved, before anything is shown or sent.

    Raises:
        ExpressionError: a value is not known.
    """
    for halt in step.halts:
        if evaluate(halt.value, core.context()) is None:
            raise ExpressionError(halt.value, f"the value to save as {halt.name} is not known")


def record_effects(core: RunCore, step: Step) -> None:
    """Record what a step that took effect without a call of its own (a checklist, a program) halted or reopened."""
    _save_halts(core, step)
    state = core.state
    sent = any(call.intent.attempt == state.steps[step.id].attempt for call in state.steps[step.id].calls)
    if not sent:
        _record_writes(core, step, r.WritesHalted(at=core.clock.now(), proven=False, basis=f"{step.title}: done"))


def record_writes_of_calls(core: RunCore, step: Step) -> None:
    """Record what a call of this attempt did to writes, if a crash or a lost answer came before that record.

    Nobody knows when such a call took effect. That it had by the time it was found out is certain, so writes ended by
    then; they may have gone on again as soon as it was sent.
    """
    state = core.state.steps.get(step.id)
    done = [call for call in state.calls if call.intent.attempt == state.attempt and call.took_effect] if state else []
    if not done or core.dry:
        return
    call = done[-1]
    halted, found_at = core.state.halted_at, call.end_at or core.state.last_at
    known = halted is not None and halted >= call.at
    basis = f"{call.intent.service}:{call.intent.operation} took effect by then"
    _record_writes(core, step, None if known else r.WritesHalted(at=found_at, proven=False, basis=basis))


async def _call(core: RunCore, intent: r.Intent, call: PlannedCall) -> AwsAnswer:
    where = {"step": intent.step, "attempt": intent.attempt, "call": intent.call}
    permit = Permit(
        run_id=core.state.run_id,
        step=intent.step,
        attempt=intent.attempt,
        call=intent.call,
        account=core.state.scope.account,
        service=call.service,
        operation=call.operation,
        region=call.region,
    )
    with core.brakes.call_in_flight(intent.step):
        try:
            return await core.port.mutate(permit, dict(intent.params))
        except GuardRefused as refused:
            core.log.append(r.CallFailed(**where, code="GuardRefused", message=clean(refused)))
            raise
        except CallRejected as rejected:
            fault = rejected.fault
            core.log.append(
                r.CallFailed(**where, code=fault.code, message=clean(fault.message), request_id=rejected.request_id)
            )
            raise
        except OutcomeUnknown as unknown:
            core.log.append(r.CallUnknown(**where, evidence=tuple(clean(line) for line in unknown.evidence)))
            raise
        except Exception as error:  # whatever else went wrong, the call may have been sent
            evidence = (f"The call ended in an unexpected error: {clean(type(error).__name__)}: {clean(error)}",)
            core.log.append(r.CallUnknown(**where, evidence=evidence))
            raise OutcomeUnknown(evidence) from error


def _intent(core: RunCore, step: Step, call: PlannedCall, before: Mapping[str, JsonValue] | None) -> r.Intent:
    state = core.state.steps[step.id]
    number = sum(1 for past in state.calls if past.intent.attempt == state.attempt)
    member = core.book.token_member(call.service, call.operation)
    given = call.params.get(member) if member else None
    words = str(given) if given else ""
    if member and not words:
        words = _earlier_token(core, state, call) or token(core.state.run_id, step.id, state.attempt, number)
    return r.Intent(
        step=step.id,
        attempt=state.attempt,
        call=number,
        service=call.service,
        operation=call.operation,
        region=call.region,
        params={**call.params, member: words} if member else dict(call.params),
        token=words,
        before=dict(before or {}),
    )


def _earlier_token(core: RunCore, state: StepState, call: PlannedCall) -> str:
    """Return the token of the same call of an earlier attempt whose end was not certain from AWS's own answer.

    Sending that one again makes the repetition harmless even if the first did arrive after all.
    """
    for past in reversed(state.calls):
        if isinstance(past.end, r.Reconciled | r.CallUnknown) and not past.took_effect and _is_same(past, call, core):
            return past.intent.token
    return ""


def _is_same(past: CallState, call: PlannedCall, core: RunCore) -> bool:
    intent = past.intent
    if (intent.service, intent.operation, intent.region) != (call.service, call.operation, call.region):
        return False
    member = core.book.token_member(call.service, call.operation)
    return {k: v for k, v in intent.params.items() if k != member} == {
        k: v for k, v in call.params.items() if k != member
    }


def _acked(core: RunCore, step: Step, intent: r.Intent, answer: AwsAnswer, kept: dict[str, JsonValue]) -> None:
    acked = r.Acked(
        step=intent.step, attempt=intent.attempt, call=intent.call, request_id=answer.request_id, answer=kept
    )
    state = core.log.append(acked)
    call = state.steps[step.id].calls[-1]
    at = call.end_at or state.last_at
    basis = f"{call.intent.service}:{call.intent.operation} acknowledged"
    _record_writes(core, step, r.WritesHalted(at=at, proven=False, basis=basis))


def _record_writes(core: RunCore, step: Step, halted: r.WritesHalted | None) -> None:
    state = core.state.steps[step.id]
    if state.undoing:
        return
    if step.stops_writes and halted is not None:
        core.log.append(halted)
    if step.reopens_writes and core.state.reopened_at is None:
        # Writes may have begun as soon as the call was on its way.
        begun = state.calls[-1].at if state.calls else core.clock.now()
        core.log.append(r.WritesReopened(at=begun))


def _save_halts(core: RunCore, step: Step) -> None:
    for halt in step.halts:
        if halt.name in core.state.halted:
            continue  # the first value seen is the one to go back to, whatever a later attempt finds
        core.log.append(
            r.HaltedValue(
                step=step.id,
                name=halt.name,
                what=clean(fill_text(halt.what, core.context()).text),
                value=evaluate(halt.value, core.context()),
                restored_by=halt.restored_by or "",
            )
        )
