"""``shell``: a program on this machine or another host, as an argument vector."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from cockpit.aws.port import OutcomeUnknown
from cockpit.engine.actions.again import look_again
from cockpit.engine.actions.base import Result, StepContext, Verdict
from cockpit.engine.actions.shell_program import Program, Unfit, job_of, judge, program_of
from cockpit.engine.prompts import PlannedCall
from cockpit.engine.records import Acked, CallFailed, CallUnknown, Intent, WritesHalted, WritesReopened
from cockpit.engine.shell_job import CannotStart, Job, JobView, LineDown
from cockpit.model.effect import Effect, Outcome
from cockpit.model.text import clean
from cockpit.plans.actions.shell import ShellSpec

T = TypeVar("T")

# Real seconds: programs run in real time, whatever clock the run has.
_LOOK_FOR = 0.2
_LOOK_FOR_REMOTE = 5.0
_LINE_PAUSE = 2.0
_LINE_PATIENCE = 20.0  # to start something
_LINE_PATIENCE_LATER = 600.0  # for the end of something, beyond its time limit


class ShellAction:
    """Starts the program so that it outlives the cockpit, waits for its end, judges exit status and output."""

    async def perform(self, context: StepContext, spec: ShellSpec) -> Result:
        """Carry out the step; a program that an earlier cockpit started in this attempt is waited for, not repeated."""
        try:
            program, job = program_of(context, spec), job_of(context, spec, context.attempt)
            if context.step.effect is not Effect.READ:
                return await _change(context, program, job)
            if context.dry:
                await context.confirm([program.call(context)])
                return Result(reason="dry run: the program was not started")
            result = await look_again(context, spec, lambda: _read(context, program, job))
        except (Unfit, CannotStart) as reason:
            return Result(Outcome.FAILED, reason=f"{reason} Nothing was started.")
        except LineDown as down:  # of a read, or before a change was ordered
            return Result(Outcome.FAILED, reason=f"{down}. Nothing was changed.")
        if spec.proves_halt and result.outcome is Outcome.DONE:
            _record_proof(context)
        return result

    async def reconcile(self, context: StepContext, spec: ShellSpec, intent: Intent) -> Verdict | None:
        """Ask the host about the attempt: was the program started, does it run, how did it end.

        Raises:
            LineDown: it cannot be asked.
        """
        try:
            view = await job_of(context, spec, intent.attempt).settle()
        except Unfit:
            return None
        if view.state == "ended":
            return Verdict("happened", (f"it ended with exit status {view.exit}. {view.error}".strip(),))
        if view.state == "running":
            return Verdict("happened", ("it is still running: the step waits for it",))
        if view.state == "vanished":
            return None  # it ran, and the machine or its keeper went down: how far it came is for a person to find out
        return Verdict("not_happened", ("it was never started",))


async def _read(context: StepContext, program: Program, job: Job) -> Result:
    """Run a program that changes nothing, once; one that was started before a crash is waited for."""
    await _patiently(lambda: job.start(program.order))
    view = await _end(context, program, job)
    result = judge(context, program, view) if view.state == "ended" else _vanished(context, view, program)
    again = result.outcome is not Outcome.DONE or program.spec.hold
    if program.is_remote or program.spec.private or again:
        await job.forget()
    if not program.spec.private or not result.reason:
        context.observe("program", result.reason or "as wanted", ok=result.outcome is Outcome.DONE)
    return result


async def _change(context: StepContext, program: Program, job: Job) -> Result:
    """Run a program that changes something, with its intent on disk before and its end after."""
    if not _is_ordered(context):
        call = program.call(context)
        await context.confirm([call])
        if context.dry:
            return Result(reason="dry run: the program was not started")
        context.record(_intent(context, call))
        try:
            await _patiently(lambda: job.start(program.order))
        except CannotStart as reason:
            _record_failed(context, str(reason))
            raise
        except LineDown as down:
            _raise_unknown(context, (f"nobody knows whether the program was started: {down}",))
    try:
        view = await _end(context, program, job)
    except LineDown as down:
        _raise_unknown(context, (f"nobody knows how the program stands: {down}",))
    if view.state != "ended":
        vanished = _vanished(context, view, program)
        if not _has_ended(context):
            _raise_unknown(context, (vanished.reason,))
        known = "the operator has evidence that the program did its work"
        return Result(captured={"exit": None}, reason=known)
    _acknowledge(context, view)
    result = judge(context, program, view)
    if program.spec.private:
        await job.forget()
    return result


async def _end(context: StepContext, program: Program, job: Job) -> JobView:
    """Wait for the program's end. A line that is down is waited for: the program goes on without it.

    Raises:
        LineDown: the line stays down, and the program of a change is not known to have been started.
    """
    lost_at: float | None = None
    limit = program.order.timeout + _LINE_PATIENCE_LATER
    while True:
        try:
            view = await job.look(_LOOK_FOR_REMOTE if program.is_remote else _LOOK_FOR)
        except LineDown as down:
            lost_at = lost_at or time.monotonic()
            is_over = not down.passing or time.monotonic() - lost_at > limit
            if is_over and not (_is_ordered(context) and _has_ended(context)):
                raise
            context.observe("line", f"{down}. The program goes on by itself; looking again.", ok=False)
            await asyncio.sleep(_LINE_PAUSE)
            continue
        if lost_at is not None:
            context.observe("line", f"{program.host_name} answers again", ok=True)
            lost_at = None
        if view.state != "running":
            return view
        lines = view.output.strip().splitlines()
        if lines and not program.spec.private:
            context.observe("output", clean(lines[-1], 200))


async def _patiently(ask: Callable[[], Awaitable[T]]) -> T:
    """Ask again for a while if the line is down.

    Raises:
        LineDown: it stays down.
    """
    began = time.monotonic()
    while True:
        try:
            return await ask()
        except LineDown as down:
            if not down.passing or time.monotonic() - began > _LINE_PATIENCE:
                raise
        await asyncio.sleep(_LINE_PAUSE)


def _record_proof(context: StepContext) -> None:
    """Record that writes have ended: with the last step that stopped them, as a program has now proven."""
    halted_at = context.state().halted_at or context.clock.now()
    context.record(WritesHalted(at=halted_at, proven=True, basis=clean(f"{context.step.title}: proven by a program")))


def _vanished(context: StepContext, view: JobView, program: Program) -> Result:
    last = "" if program.spec.private else f"; last output: {clean(view.output[-300:])}"
    words = f"the program of step {context.step.id} ended without leaving its exit status{last}"
    return Result(Outcome.FAILED, reason=words)


def _is_ordered(context: StepContext) -> bool:
    """Tell whether this attempt has its intent on disk: then the program was started, or the engine asked about it."""
    calls = context.state().steps[context.step.id].calls
    return any(call.intent.attempt == context.attempt for call in calls)


def _has_ended(context: StepContext) -> bool:
    return context.state().steps[context.step.id].calls[-1].took_effect


def _intent(context: StepContext, call: PlannedCall) -> Intent:
    return Intent(
        step=context.step.id,
        attempt=context.attempt,
        call=0,
        service=call.service,
        operation=call.operation,
        region=call.region,
        params=call.params,
    )


def _record_failed(context: StepContext, reason: str) -> None:
    where = {"step": context.step.id, "attempt": context.attempt}
    context.record(CallFailed(**where, call=0, code="NotStarted", message=clean(reason)))


def _raise_unknown(context: StepContext, evidence: tuple[str, ...]) -> None:
    told = tuple(clean(line) for line in evidence)
    if context.state().steps[context.step.id].calls[-1].end is None:
        context.record(CallUnknown(step=context.step.id, attempt=context.attempt, call=0, evidence=told))
    raise OutcomeUnknown(told)


def _acknowledge(context: StepContext, view: JobView) -> None:
    """Record the end of a program that changes something, and what the step says about writes.

    After a crash the call has been reconciled with its running program already: it ended only once.
    """
    step, now = context.step, context.clock.now()
    if not _has_ended(context):
        context.record(Acked(step=step.id, attempt=context.attempt, call=0, request_id="", answer={"exit": view.exit}))
    if step.stops_writes:  # whoever wrote it down first: writes end when the program does
        context.record(WritesHalted(at=now, proven=False, basis=f"{clean(step.title)}: the program ended"))
    if step.reopens_writes and context.state().reopened_at is None:
        context.record(WritesReopened(at=context.state().steps[step.id].calls[-1].at))
