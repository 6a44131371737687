"""The state of a run, folded from its records. Pure: the same records give the same state, everywhere.

One function per kind of record, found by its class. An order of records that the engine never writes is a
`JournalError`: a journal that says so was not written by the engine and is not driven further.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from cockpit.engine import records as r
from cockpit.engine.branches import why_not_begin
from cockpit.engine.errors import JournalError
from cockpit.engine.state import CallState, HaltedState, PostedText, RunState, StepState
from cockpit.model.effect import Outcome
from cockpit.model.loss_window import LossWindow, WindowEnd, WriteCount
from cockpit.model.scope import Scope
from cockpit.plans.schema import Plan

PREFLIGHT = ""
"""The id under which the preflight's rounds and prompts are kept in `RunState.steps`."""


def fold(state: RunState | None, entry: r.Entry) -> RunState:
    """Return the state after one more record; `state` None stands for an empty journal.

    Raises:
        JournalError: no run can have written this record here.
    """
    record = entry.record
    if state is None:
        if entry.seq != 0 or not isinstance(record, r.RunOpened):
            raise _impossible(entry, "a journal begins with run_opened, number 0")
        return _opened(entry, record)
    if entry.seq != state.last_seq + 1:
        raise _impossible(entry, f"the record after {state.last_seq} is {state.last_seq + 1}")
    if state.ended and not isinstance(record, r.NoteTaken | r.RestoringHalted):
        raise _impossible(entry, "the run has ended")
    after = _FOLDS[type(record)](state, entry, record)
    return replace(after, last_at=entry.at, last_seq=entry.seq)


def fold_all(entries: Iterable[r.Entry]) -> RunState:
    """Fold a whole journal.

    Raises:
        JournalError: it is empty, or no run can have written it.
    """
    state: RunState | None = None
    for entry in entries:
        state = fold(state, entry)
    if state is None:
        raise JournalError("The journal is empty: there is no run in it.")
    return state


def _impossible(entry: r.Entry, why: str) -> JournalError:
    return JournalError(f"Record {entry.seq} ({entry.record.kind}) cannot stand here: {why}.")


def _opened(entry: r.Entry, record: r.RunOpened) -> RunState:
    return RunState(
        run_id=record.run_id,
        plan=Plan.model_validate(record.plan),
        plan_digest=record.plan_digest,
        mode=record.mode,
        scope=Scope(record.environment, record.environment_kind, record.account, record.region, record.role),
        operator=record.operator,
        opened_at=entry.at,
        last_at=entry.at,
        last_seq=0,
        names=record.names,
    )


def _twice(_state: RunState, entry: r.Entry, _record: r.RunOpened) -> RunState:
    raise _impossible(entry, "a journal holds one run")


def _took_over(state: RunState, _entry: r.Entry, record: r.DriverTookOver) -> RunState:
    # Whoever drives now has to arm anew; a prompt of the driver before is asked again.
    steps = {key: replace(step, prompt=None, queued=False) for key, step in state.steps.items()}
    return replace(state, operator=record.operator, armed=False, steps=steps, handed_to="")


def _handed_over(state: RunState, _entry: r.Entry, record: r.HandedOver) -> RunState:
    return replace(state, handed_to=record.to, armed=False)


def _clock_set_back(state: RunState, _entry: r.Entry, record: r.ClockSetBack) -> RunState:
    return replace(state, clock_behind=timedelta(seconds=record.seconds))


def _input_set(state: RunState, _entry: r.Entry, record: r.InputSet) -> RunState:
    return replace(state, inputs={**state.inputs, record.name: record.value})


def _preflight(state: RunState, _entry: r.Entry, record: r.PreflightChecked) -> RunState:
    problems = state.preflight_problems
    words = f"{record.title}: {record.detail}" if record.detail else record.title
    if record.ok is not True and words not in problems:
        problems = (*problems, words)
    return replace(state, preflight={**state.preflight, record.id: record.captured}, preflight_problems=problems)


def _armed(state: RunState, entry: r.Entry, record: r.Armed) -> RunState:
    if state.mode == "dry" or record.typed != state.scope.environment:
        raise _impossible(entry, "only a live run is armed, by its environment's name")
    return replace(state, armed=True)


def _step_started(state: RunState, entry: r.Entry, record: r.StepStarted) -> RunState:
    before = state.steps.get(record.step, StepState(record.step))
    planned = next((step for step in state.plan.steps if step.id == record.step), None)
    if planned is None and record.step != PREFLIGHT:
        raise _impossible(entry, f"the plan has no step {record.step}")
    if planned is None or record.undo:
        _nothing_in_hand(state, entry)
    elif why := why_not_begin(state, planned):
        raise _impossible(entry, why)
    if record.attempt != before.attempt + 1:
        raise _impossible(entry, f"attempt {record.attempt} follows attempt {before.attempt}")
    step = replace(
        before,
        attempt=record.attempt,
        started_at=entry.at,
        ended_at=None,
        outcome=None,
        reason="",
        prompt=None,
        observed={},
        undoing=record.undo,
        began_at=before.began_at or entry.at,
    )
    if record.step == PREFLIGHT:
        state = replace(state, preflight={}, preflight_problems=())
    return _with(replace(state, in_hand=(*state.in_hand, record.step)), step)


def _queued(state: RunState, entry: r.Entry, record: r.Queued) -> RunState:
    return _with(state, replace(_in_hand(state, entry, record.step, record.attempt), queued=True))


def _prompted(state: RunState, entry: r.Entry, record: r.Prompted) -> RunState:
    step = _in_hand(state, entry, record.step, record.attempt)
    if any(state.steps[other].prompt is not None for other in state.in_hand if other != record.step):
        raise _impossible(entry, "another step waits for an answer")
    return _with(state, replace(step, prompt=record.prompt, queued=False))


def _answered(state: RunState, entry: r.Entry, record: r.Answered) -> RunState:
    step = _in_hand(state, entry, record.step, record.attempt)
    if step.prompt is None:
        raise _impossible(entry, "nothing was asked")
    return replace(_with(state, replace(step, prompt=None)), refused="")


def _refused(state: RunState, _entry: r.Entry, record: r.Refused) -> RunState:
    return replace(state, refused=record.why)


def _intent(state: RunState, entry: r.Entry, record: r.Intent) -> RunState:
    step = _in_hand(state, entry, record.step, record.attempt)
    if not state.armed:
        raise _impossible(entry, "the run is not armed")
    if any(call.is_unknown for call in step.calls):
        raise _impossible(entry, "the outcome of a call of this step is still unknown")
    return _with(state, replace(step, calls=(*step.calls, CallState(record, entry.at))))


def _call_ended(
    state: RunState, entry: r.Entry, record: r.Acked | r.CallFailed | r.CallUnknown | r.Reconciled
) -> RunState:
    step = _in_hand(state, entry, record.step, record.attempt)
    call = step.calls[-1] if step.calls else None
    if call is None or (call.intent.attempt, call.intent.call) != (record.attempt, record.call):
        raise _impossible(entry, f"there is no intent for call {record.call}")
    fits = call.end is not None and call.is_unknown if isinstance(record, r.Reconciled) else call.end is None
    if not fits:
        raise _impossible(entry, f"call {record.call} has ended already" if call.end else "the call is still open")
    ended = replace(call, end=record, end_at=entry.at)
    return _with(state, replace(step, calls=(*step.calls[:-1], ended)))


def _observed(state: RunState, entry: r.Entry, record: r.Observed) -> RunState:
    step = _in_hand(state, entry, record.step, record.attempt)
    return _with(state, replace(step, observed={**step.observed, record.what: (record.text, record.ok)}))


def _halted(state: RunState, _entry: r.Entry, record: r.HaltedValue) -> RunState:
    halt = HaltedState(record.name, record.what, record.value, record.restored_by, step=record.step)
    return replace(state, halted={**state.halted, record.name: halt})


def _halt_restored(state: RunState, entry: r.Entry, record: r.HaltRestored) -> RunState:
    if record.name not in state.halted:
        raise _impossible(entry, f"{record.name} was not halted")
    restored = replace(state.halted[record.name], restored=True)
    return replace(state, halted={**state.halted, record.name: restored})


def _writes_halted(state: RunState, _entry: r.Entry, record: r.WritesHalted) -> RunState:
    return replace(state, halted_at=record.at, halt_proven=record.proven)


def _writes_reopened(state: RunState, _entry: r.Entry, record: r.WritesReopened) -> RunState:
    return replace(state, reopened_at=record.at)


def _loss_measured(state: RunState, entry: r.Entry, record: r.LossMeasured) -> RunState:
    try:
        basis = WindowEnd(record.end_basis)
    except ValueError as error:
        raise _impossible(entry, f"a window does not end by {record.end_basis!r}") from error
    writes = None
    if record.at_least is not None and record.at_most is not None:
        writes = WriteCount(record.at_least, record.at_most, record.count_basis)
    rpo = None if record.rpo_seconds is None else timedelta(seconds=record.rpo_seconds)
    return replace(state, loss=LossWindow(record.start, record.end, basis, writes, rpo))


def _loss_accepted(state: RunState, _entry: r.Entry, record: r.LossAccepted) -> RunState:
    return replace(state, loss_accepted_by=" and ".join(name for name in (record.by, record.second_person) if name))


def _posted(state: RunState, entry: r.Entry, record: r.StatusPosted) -> RunState:
    posted = PostedText(entry.at, record.phase, record.text, record.posted, record.where)
    return replace(state, posted=(*state.posted, posted))


def _step_ended(state: RunState, entry: r.Entry, record: r.StepEnded) -> RunState:
    step = _in_hand(state, entry, record.step, record.attempt)
    if record.outcome is not Outcome.UNKNOWN and any(call.is_unknown for call in step.calls):
        raise _impossible(entry, "the outcome of a call of this step is still unknown")
    if step.undoing:
        # What the step once gave stays as it was: the undo of an earlier step may need it.
        ended = replace(step, outcome=Outcome.DONE, undone=record.outcome, reason=record.reason)
    else:
        ended = replace(
            step,
            outcome=record.outcome,
            reason=record.reason,
            captured=record.captured,
            over_at=entry.at,
            over_seq=entry.seq,
        )
    in_hand = tuple(key for key in state.in_hand if key != record.step)
    return replace(_with(state, replace(ended, ended_at=entry.at, prompt=None, queued=False)), in_hand=in_hand)


def _paused(state: RunState, _entry: r.Entry, _record: r.Paused) -> RunState:
    return replace(state, paused=True)


def _resumed(state: RunState, _entry: r.Entry, _record: r.Resumed) -> RunState:
    return replace(state, paused=False)


def _note(state: RunState, _entry: r.Entry, _record: r.NoteTaken) -> RunState:
    return state


def _abort_chosen(state: RunState, _entry: r.Entry, record: r.AbortChosen) -> RunState:
    return replace(state, aborting=record.choice)


def _run_ended(state: RunState, entry: r.Entry, record: r.RunEnded) -> RunState:
    _nothing_in_hand(state, entry)
    steps = {key: replace(step, prompt=None) for key, step in state.steps.items()}
    return replace(
        state,
        ended=record.result,
        ended_reason=record.reason,
        armed=False,
        paused=False,
        steps=steps,
        restoring=(),
        ended_before="",
    )


def _restoring_halted(state: RunState, entry: r.Entry, record: r.RestoringHalted) -> RunState:
    if not state.ended or state.mode == "dry":
        raise _impossible(entry, "only a live run that has ended is taken up to put back what it left halted")
    known = {step.id for step in state.plan.steps}
    if not record.steps or not known.issuperset(record.steps):
        raise _impossible(entry, "it names no steps of the plan")
    return replace(
        state, restoring=record.steps, ended_before=state.ended, ended="", ended_reason="", aborting="", refused=""
    )


def _nothing_in_hand(state: RunState, entry: r.Entry) -> None:
    if state.in_hand:
        raise _impossible(entry, f"step {state.in_hand[0] or 'preflight'} has not ended")


def _in_hand(state: RunState, entry: r.Entry, step_id: str, attempt: int) -> StepState:
    step = state.steps.get(step_id)
    if step is None or step_id not in state.in_hand or step.attempt != attempt:
        raise _impossible(entry, f"attempt {attempt} of step {step_id or 'preflight'} is not in hand")
    return step


def _with(state: RunState, step: StepState) -> RunState:
    return replace(state, steps={**state.steps, step.step: step})


# The value type is Any because each function takes the record class it is filed under.
_FOLDS: dict[type, Callable[[RunState, r.Entry, Any], RunState]] = {
    r.RunOpened: _twice,
    r.DriverTookOver: _took_over,
    r.HandedOver: _handed_over,
    r.ClockSetBack: _clock_set_back,
    r.InputSet: _input_set,
    r.PreflightChecked: _preflight,
    r.Armed: _armed,
    r.StepStarted: _step_started,
    r.Queued: _queued,
    r.Prompted: _prompted,
    r.Answered: _answered,
    r.Refused: _refused,
    r.Intent: _intent,
    r.Acked: _call_ended,
    r.CallFailed: _call_ended,
    r.CallUnknown: _call_ended,
    r.Reconciled: _call_ended,
    r.Observed: _observed,
    r.HaltedValue: _halted,
    r.HaltRestored: _halt_restored,
    r.WritesHalted: _writes_halted,
    r.WritesReopened: _writes_reopened,
    r.LossMeasured: _loss_measured,
    r.LossAccepted: _loss_accepted,
    r.StatusPosted: _posted,
    r.StepEnded: _step_ended,
    r.Paused: _paused,
    r.Resumed: _resumed,
    r.NoteTaken: _note,
    r.AbortChosen: _abort_chosen,
    r.RunEnded: _run_ended,
    r.RestoringHalted: _restoring_halted,
}
