"""``shell``: a program on this machine, as an argument vector."""

import asyncio
import os
import re
import shlex
from pathlib import Path

from pydantic import JsonValue

from cockpit.aws.port import OutcomeUnknown
from cockpit.engine.actions.base import Result, StepContext, Verdict
from cockpit.engine.prompts import PlannedCall
from cockpit.engine.records import Acked, Intent, WritesHalted, WritesReopened
from cockpit.engine.shell_job import JobEnd, ShellJob
from cockpit.model.effect import Effect, Outcome
from cockpit.model.text import clean, clean_block
from cockpit.plans.actions.shell import ShellSpec
from cockpit.plans.expressions import segments

LOCAL = "local"
_LOOK_EVERY = 0.2  # real seconds: the program runs in real time, whatever clock the run has
_OUTPUT_LIMIT = 4000  # characters of output kept in the journal


class ShellAction:
    """Starts the program so that it outlives the cockpit, waits for its end, judges exit status and output."""

    async def perform(self, context: StepContext, spec: ShellSpec) -> Result:
        """Carry out the step; a program that an earlier cockpit started in this attempt is waited for, not repeated."""
        host = str(context.resolve(spec.host))
        argv, cwd = [str(context.resolve(word)) for word in spec.argv], str(context.resolve(spec.cwd))
        if reason := _unfit(spec, host, argv, cwd):
            return Result(Outcome.FAILED, reason=f"{reason} Nothing was started.")
        changes = context.step.effect is not Effect.READ
        job = _job(context)
        if not job.was_started:
            call = _planned(context, argv, cwd, host)
            if changes or context.dry:
                await context.confirm([call])
            if context.dry:
                return Result(reason="dry run: the program was not started")
            env = _environment({name: str(context.resolve(value)) for name, value in spec.env.items()})
            if changes:
                context.record(_intent(context, call))
            try:
                job.start(argv, cwd, env, spec.timeout.total_seconds())
            except OSError as error:
                reason = f"{clean(argv[0])} could not be started: {error.strerror}. Nothing was changed."
                return Result(Outcome.FAILED, reason=reason)
        end = await _wait(context, job)
        if end is None:
            return _lost(context, job, changes=changes)
        if changes:
            _acknowledge(context, end)
        return _judge(spec, job, end)

    async def reconcile(self, context: StepContext, spec: ShellSpec, intent: Intent) -> Verdict | None:
        """Look into the folder of the attempt: was the program started, does it run, how did it end."""
        del spec
        job = ShellJob(context.folder / f"shell-{intent.attempt}")
        end = job.end()
        if end is not None:
            return Verdict("happened", (f"it ended with exit status {end.exit}. {end.error}".strip(),))
        if job.is_kept:
            return Verdict("happened", ("it is still running: the step waits for it",))
        if job.was_started:
            return None  # it ran, and the machine or its keeper went down: how far it came is for a person to find out
        return Verdict("not_happened", ("it was never started",))


def _is_folder(path: str) -> bool:
    return Path(path).is_dir()


def _unfit(spec: ShellSpec, host: str, argv: list[str], cwd: str) -> str:
    """Return why the program is not started as asked; empty if it can be."""
    if host != LOCAL:
        return f"This cockpit runs programs on this machine only, not on {clean(host)}."
    if (option := _hidden_option(spec, argv)) is not None:
        return f"A value begins with a dash and would be taken for an option: {clean(option, 200)!r}."
    return "" if _is_folder(cwd) else f"The folder {clean(cwd)} does not exist."


def _hidden_option(spec: ShellSpec, argv: list[str]) -> str | None:
    """Return a word that begins with a dash although the plan's author wrote none there: a value, not an option."""
    for template, word in zip(spec.argv, argv, strict=True):
        if word.startswith("-") and segments(template)[0].is_expression:
            return word
    return None


def _job(context: StepContext) -> ShellJob:
    return ShellJob(context.folder / f"shell-{context.attempt}")


def _environment(wanted: dict[str, str]) -> dict[str, str]:
    """Return a minimal environment: the plan says what else the program gets."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {**kept, **wanted}


def _planned(context: StepContext, argv: list[str], cwd: str, host: str) -> PlannedCall:
    return PlannedCall(
        service="shell",
        operation=clean(Path(argv[0]).name, 60),
        region=context.scope.region,
        account=context.scope.account,
        params={"argv": list[JsonValue](argv), "cwd": cwd, "host": host},
        command=clean(f"cd {shlex.quote(cwd)} && {shlex.join(argv)}"),
        target="this machine",
    )


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


def _acknowledge(context: StepContext, end: JobEnd) -> None:
    """Record the end of a program that changes something, and what the step says about writes.

    After a crash the call has been reconciled with its running program already: it ended only once.
    """
    step, now = context.step, context.clock.now()
    if not _has_ended(context):
        context.record(Acked(step=step.id, attempt=context.attempt, call=0, request_id="", answer={"exit": end.exit}))
    if step.stops_writes:  # whoever wrote it down first: writes end when the program does
        context.record(WritesHalted(at=now, proven=False, basis=f"{clean(step.title)}: the program ended"))
    if step.reopens_writes and context.state().reopened_at is None:
        context.record(WritesReopened(at=context.state().steps[step.id].calls[-1].at))


def _has_ended(context: StepContext) -> bool:
    return context.state().steps[context.step.id].calls[-1].took_effect


async def _wait(context: StepContext, job: ShellJob) -> JobEnd | None:
    """Wait for the end of the program; None if its keeper is gone without having written one."""
    while True:
        kept = job.is_kept  # asked before the end is looked for: a keeper writes it, then goes
        end = job.end()
        if end is not None or not kept:
            return end
        lines = job.output().strip().splitlines()
        if lines:
            context.observe("output", clean(lines[-1], 200))
        await asyncio.sleep(_LOOK_EVERY)


def _lost(context: StepContext, job: ShellJob, *, changes: bool) -> Result:
    """End a step whose program vanished: the machine went down, or somebody killed it."""
    last = clean(job.output()[-300:])
    evidence = (f"the program of step {context.step.id} ended without leaving its exit status", f"last output: {last}")
    if changes and not _has_ended(context):
        raise OutcomeUnknown(evidence)
    if changes:
        return Result(captured={"exit": None}, reason="the operator has evidence that the program did its work")
    return Result(Outcome.FAILED, reason="; ".join(evidence))


def _judge(spec: ShellSpec, job: ShellJob, end: JobEnd) -> Result:
    output = job.output()
    captured: dict[str, JsonValue] = {"exit": end.exit}
    if spec.capture_output:
        captured["output"] = clean_block(output, _OUTPUT_LIMIT)
    if end.error:
        return Result(Outcome.FAILED, captured, clean(end.error))
    if end.exit not in spec.expect_exit:
        complaint = clean(job.output("stderr")[-400:] or output[-400:])
        return Result(Outcome.FAILED, captured, f"exit status {end.exit}: {complaint}")
    if spec.expect_output is not None and not re.search(spec.expect_output, output):
        wanted = clean(spec.expect_output, 100)
        return Result(
            Outcome.FAILED, captured, f"the output does not contain {wanted}; it ends {clean(output[-200:])!r}"
        )
    return Result(captured=captured)
