"""``prove_halt``: prove by metrics that nothing writes to a table any more (E-04)."""

from datetime import datetime, timedelta

from pydantic import JsonValue

from cockpit.aws.parse import texts
from cockpit.aws.port import ReadFailed
from cockpit.engine.actions.base import Result, StepContext
from cockpit.engine.actions.sends_nothing import SendsNothing
from cockpit.engine.halt_proof import HaltEvidence, weigh
from cockpit.engine.loss import writes_spec
from cockpit.engine.pace import pause
from cockpit.engine.records import WritesHalted
from cockpit.engine.write_counts import application_metric, read_series, table_metric
from cockpit.model.effect import Outcome
from cockpit.model.text import clean, duration, utc
from cockpit.plans.actions.prove_halt import ProveHaltSpec
from cockpit.plans.expressions import ExpressionError
from cockpit.plans.functions import iso

_PAUSE = 15.0  # seconds between looks; the metrics are by the minute
_BEFORE = timedelta(minutes=10)  # looked at before the acknowledgement, to see the last writes
_WATCHED = "writes to the table"


class ProveHaltAction(SendsNothing):
    """Looks at the table's write counts until they have been quiet for long enough."""

    async def perform(self, context: StepContext, spec: ProveHaltSpec) -> Result:
        """Carry out the step; it only reads."""
        table = str(context.resolve(spec.table))
        begun = context.clock.now()
        evidence: HaltEvidence | None = None
        while True:
            now = context.clock.now()
            try:
                evidence = await self._look(context, table, context.state().halted_at or begun, spec.quiet)
            except ReadFailed as failure:
                evidence = None  # what an earlier look saw is not what is so now
                context.observe(_WATCHED, f"could not be read: {failure.fault.message}", ok=None)
            if evidence is not None:
                if now >= evidence.proven_from:
                    return self._proven(context, evidence)
                words = f"{evidence.basis}; proven at {utc(evidence.proven_from)} if it stays so"
                context.observe(_WATCHED, words, ok=None)
            if context.dry:
                return Result(captured={"halted_at": iso(now)}, reason="dry run: the proof is not waited for")
            if now - begun >= spec.timeout:
                return await self._failed(context, table, evidence, now - begun)
            await pause(context.clock, _PAUSE)

    async def _look(self, context: StepContext, table: str, acknowledged: datetime, quiet: timedelta) -> HaltEvidence:
        since = min(acknowledged, _sent_at(context) or acknowledged) - _BEFORE
        by_minute = await read_series(context, table_metric(table), since)
        own = await application_metric(context, table, writes_spec(context))
        by_second = await read_series(context, own, since) if own else None
        return weigh(acknowledged, by_minute, by_second, quiet)

    @staticmethod
    def _proven(context: StepContext, evidence: HaltEvidence) -> Result:
        context.record(WritesHalted(at=evidence.at, proven=True, basis=clean(evidence.basis)))
        context.observe(_WATCHED, f"ended at {utc(evidence.at)}: {evidence.basis}", ok=True)
        return Result(captured={"halted_at": iso(evidence.at), "basis": clean(evidence.basis)})

    @staticmethod
    async def _failed(context: StepContext, table: str, evidence: HaltEvidence | None, waited: timedelta) -> Result:
        if evidence is None:
            reason = (
                f"After {duration(waited)} CloudWatch cannot be read: it is not proven that writes have ended. "
                "Nothing was restored."
            )
            return Result(Outcome.FAILED, reason=reason)
        context.record(WritesHalted(at=evidence.at, proven=False, basis=clean(evidence.basis)))
        reason = (
            f"Writes to {clean(table)} do not end: {evidence.basis}. {await _writers(context)} Stop what still writes "
            "(other services, schedules, stream consumers, people with a console), then retry. Nothing was restored."
        )
        return Result(Outcome.FAILED, reason=reason)


def _sent_at(context: StepContext) -> datetime | None:
    """Return when the last halting call was sent: after a lost answer that may be long before it was found out."""
    steps = context.state().steps
    halting = (steps[step.id] for step in context.state().plan.steps if step.stops_writes and step.id in steps)
    return max((call.at for step in halting for call in step.calls if call.took_effect), default=None)


async def _writers(context: StepContext) -> str:
    """Say which tasks of the plan's service still run, if the plan names one: the likeliest writers."""
    try:
        cluster, service = context.resolve("{{ inputs.cluster }}"), context.resolve("{{ inputs.service }}")
    except ExpressionError:
        return ""
    wanted: dict[str, JsonValue] = {"cluster": cluster, "serviceName": service, "desiredStatus": "RUNNING"}
    try:
        answer = await context.call_read("ecs", "ListTasks", wanted)
    except ReadFailed as failure:
        return f"Running tasks could not be listed ({failure.fault.message})."
    running = texts(answer, "taskArns")
    names = ", ".join(clean(arn.rpartition("/")[2], 40) for arn in running[:5])
    return f"{len(running)} tasks of {clean(service)} are running{': ' + names if names else ''}."
