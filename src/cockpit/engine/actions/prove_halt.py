"""``prove_halt``: prove by metrics that nothing writes to a table or a cluster any more (E-04)."""

from datetime import datetime, timedelta

from pydantic import JsonValue

from cockpit.aws.parse import texts
from cockpit.aws.port import ReadFailed
from cockpit.engine.actions.base import Result, StepContext
from cockpit.engine.actions.sends_nothing import SendsNothing
from cockpit.engine.connection_counts import read_connections
from cockpit.engine.halt_proof import HaltEvidence, weigh, weigh_connections
from cockpit.engine.loss import writes_spec
from cockpit.engine.pace import pause
from cockpit.engine.records import WritesHalted
from cockpit.engine.restorable import Restorable, restorable
from cockpit.engine.write_counts import application_metric, read_series, table_metric
from cockpit.model.effect import Outcome
from cockpit.model.text import clean, duration, utc
from cockpit.plans.actions.prove_halt import ProveHaltSpec
from cockpit.plans.expressions import ExpressionError
from cockpit.plans.functions import iso

_PAUSE = 15.0  # seconds between looks; the metrics are by the minute
_BEFORE = timedelta(minutes=10)  # looked at before the acknowledgement, to see the last writes


class ProveHaltAction(SendsNothing):
    """Looks at the counts until they have been quiet for long enough."""

    async def perform(self, context: StepContext, spec: ProveHaltSpec) -> Result:
        """Carry out the step; it only reads."""
        source = restorable(context, spec)
        watched = f"writes to the {source.noun}"
        begun = context.clock.now()
        evidence: HaltEvidence | None = None
        while True:
            now = context.clock.now()
            try:
                evidence = await self._look(context, source, context.state().halted_at or begun, spec.quiet)
            except ReadFailed as failure:
                evidence = None  # what an earlier look saw is not what is so now
                context.observe(watched, f"could not be read: {failure.fault.message}", ok=None)
            if evidence is not None:
                if now >= evidence.proven_from and evidence.complete:
                    return self._proven(context, evidence, watched)
                gap = "" if evidence.complete or now < evidence.proven_from else "; not every minute has been measured"
                words = f"{evidence.basis}; proven at {utc(evidence.proven_from)} if it stays so{gap}"
                context.observe(watched, words, ok=None)
            if context.dry:
                return Result(captured={"halted_at": iso(now)}, reason="dry run: the proof is not waited for")
            if now - begun >= spec.timeout:
                return await self._failed(context, source, evidence, now - begun)
            await pause(context.clock, _PAUSE)

    async def _look(
        self, context: StepContext, source: Restorable, acknowledged: datetime, quiet: timedelta
    ) -> HaltEvidence:
        since = min(acknowledged, _sent_at(context) or acknowledged) - _BEFORE
        own = await application_metric(context, source, writes_spec(context))
        by_second = await read_series(context, own, since) if own else None
        if source.noun == "cluster":
            return weigh_connections(
                acknowledged, await read_connections(context, source.name, since), by_second, quiet
            )
        return weigh(acknowledged, await read_series(context, table_metric(source.name), since), by_second, quiet)

    @staticmethod
    def _proven(context: StepContext, evidence: HaltEvidence, watched: str) -> Result:
        context.record(WritesHalted(at=evidence.at, proven=True, basis=clean(evidence.basis)))
        context.observe(watched, f"ended at {utc(evidence.at)}: {evidence.basis}", ok=True)
        return Result(captured={"halted_at": iso(evidence.at), "basis": clean(evidence.basis)})

    @staticmethod
    async def _failed(
        context: StepContext, source: Restorable, evidence: HaltEvidence | None, waited: timedelta
    ) -> Result:
        if evidence is None:
            reason = (
                f"After {duration(waited)} CloudWatch cannot be read: it is not proven that writes have ended. "
                "Nothing was restored."
            )
            return Result(Outcome.FAILED, reason=reason)
        context.record(WritesHalted(at=evidence.at, proven=False, basis=clean(evidence.basis)))
        what = "do not end" if evidence.complete else "cannot be proven to have ended, not every minute was measured"
        reason = (
            f"Writes to {clean(source.name)} {what}: {evidence.basis}. {await _writers(context)} Stop what still "
            "writes (other services, schedules, stream consumers, people with a console), then retry. Nothing was "
            "restored."
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
