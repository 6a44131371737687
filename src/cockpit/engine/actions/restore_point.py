"""``restore_point``: the operator chooses the second to restore to, on a timeline of what happened (RQ-09, RQ-18)."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from cockpit.aws.port import ReadFailed
from cockpit.engine.actions.base import Result, StepContext
from cockpit.engine.actions.sends_nothing import SendsNothing
from cockpit.engine.commands import ChooseRestorePoint
from cockpit.engine.loss import measure_loss, window_end, writes_spec
from cockpit.engine.prompts import Bucket, Mark, RestorePointPrompt
from cockpit.engine.restorable import NotRestorableError, Restorable, restorable
from cockpit.engine.timeline_sources import (
    Marks,
    alarm_marks,
    configuration_marks,
    database_marks,
    deployment_marks,
    gather,
    log_onset_mark,
)
from cockpit.engine.write_counts import application_metric, lateness_words, read_series, service_metric
from cockpit.model.effect import Outcome
from cockpit.model.loss_window import WriteSeries
from cockpit.model.text import clean, utc
from cockpit.model.timeline import Timeline, TimelineKind, TimelineMark, propose
from cockpit.plans.actions.restore_point import RestorePointSpec
from cockpit.plans.functions import FunctionFailed, iso, parse_time

_LOOK_BACK = timedelta(days=1)  # alarms and logs are searched from this long before the suspect change


@dataclass(slots=True)
class _Found:
    """What was read for the prompt. `gaps` could not be read; `refused` is why the latest choice was not taken."""

    timeline: Timeline
    series: WriteSeries
    gaps: list[str] = field(default_factory=list)
    refused: str = ""

    def remarks(self) -> tuple[str, ...]:
        """Return what the operator has to know about this timeline, most urgent first."""
        return tuple(line for line in (self.refused, *_remarks(self.timeline), *self.gaps) if line)


class RestorePointAction(SendsNothing):
    """Builds the timeline, waits for a choice, checks it against the window as it then is, measures the loss."""

    async def perform(self, context: StepContext, spec: RestorePointSpec) -> Result:
        """Carry out the step; it only reads."""
        source = restorable(context, spec)
        try:
            found = await self._look(context, spec, source)
            chosen = await self._choose(context, source, found)
        except NotRestorableError as refusal:
            return Result(Outcome.FAILED, reason=str(refusal))
        context.observe("restore point", f"{source.name} at {utc(chosen)}", ok=True)
        measured = await measure_loss(context, chosen)
        if measured is not None:
            context.record(measured)
        suspects = [mark.at for mark in found.timeline.marks if mark.suspect]
        return Result(captured={"answer": iso(chosen), "suspect_at": iso(min(suspects)) if suspects else None})

    async def _choose(self, context: StepContext, source: Restorable, found: _Found) -> datetime:
        """Wait for a second that can be restored to at the moment it is chosen: latest moves, and earliest too."""
        while True:
            command = await context.ask(self._prompt(context, source, found))
            if not isinstance(command, ChooseRestorePoint):
                continue  # the desk lets only choices through; this is for the type checker
            chosen = command.moment.astimezone(UTC).replace(microsecond=0)
            earliest, latest = await source.window(context)
            if earliest <= chosen <= latest:
                return chosen
            found.refused = f"{utc(chosen)} cannot be restored to: the window is {utc(earliest)} to {utc(latest)}."
            context.observe("restore point", found.refused, ok=False)
            marks = found.timeline.marks
            found.timeline = Timeline(earliest, latest, marks, propose(marks, earliest, latest))

    async def _look(self, context: StepContext, spec: RestorePointSpec, source: Restorable) -> _Found:
        earliest, latest = await source.window(context)
        deployment, suspected = _suspect(context, spec)
        deployed, gaps = await self._deployments(context, spec, deployment, earliest)
        marks = (*deployed, *suspected)
        onset = min((mark.at for mark in marks if mark.suspect), default=context.clock.now())
        others, more_gaps = await self._others(context, spec, source, max(earliest, onset - _LOOK_BACK))
        halted_at = context.state().halted_at
        halt: Marks = (TimelineMark(halted_at, TimelineKind.HALT, "writes halted"),) if halted_at else ()
        ordered = tuple(sorted((*marks, *others, *halt), key=lambda mark: mark.at))
        found = _Found(
            Timeline(earliest, latest, ordered, propose(ordered, earliest, latest)),
            WriteSeries((), ""),
            [*gaps, *more_gaps],
        )
        try:
            found.series = await self._writes(context, source, earliest)
        except ReadFailed as failure:
            found.gaps.append(f"writes: {failure.fault.message}")
        return found

    @staticmethod
    async def _deployments(
        context: StepContext, spec: RestorePointSpec, suspect: str, since: datetime
    ) -> tuple[Marks, tuple[str, ...]]:
        if not spec.application:
            return (), ()
        application = str(context.resolve(spec.application))
        group = str(context.resolve(spec.group)) if spec.group else None
        return await gather({"deployments": deployment_marks(context, application, group, suspect, since)})

    @staticmethod
    async def _others(
        context: StepContext, spec: RestorePointSpec, source: Restorable, since: datetime
    ) -> tuple[Marks, tuple[str, ...]]:
        sources = {}
        if source.noun == "cluster":
            sources["database events"] = database_marks(context, source.name, since)
        if spec.alarms:
            patterns = tuple(str(context.resolve(pattern)) for pattern in spec.alarms)
            sources["alarms"] = alarm_marks(context, patterns, since)
        if spec.configuration:
            sources["configuration"] = configuration_marks(context, spec.configuration, since)
        if spec.log_onset:
            sources["logs"] = log_onset_mark(context, spec.log_onset, since)
        return await gather(sources)

    @staticmethod
    async def _writes(context: StepContext, source: Restorable, earliest: datetime) -> WriteSeries:
        metric = await application_metric(context, source, writes_spec(context)) or service_metric(source)
        return await read_series(context, metric, earliest) if metric else WriteSeries((), "")

    @staticmethod
    def _prompt(context: StepContext, source: Restorable, found: _Found) -> RestorePointPrompt:
        state, timeline, series = context.state(), found.timeline, found.series
        end, basis = window_end(state, context.clock.now())
        period = min((bucket.period for bucket in series.buckets), default=timedelta(minutes=1))
        rpo = state.plan.objectives.rpo
        return RestorePointPrompt(
            noun=source.noun,
            table=clean(source.name),
            earliest=timeline.earliest,
            latest=timeline.latest,
            marks=tuple(
                Mark(at=mark.at, kind=mark.kind.value, label=mark.label, suspect=mark.suspect)
                for mark in timeline.marks
            ),
            proposal=timeline.proposal,
            buckets=tuple(
                Bucket(
                    at=bucket.at,
                    writes=bucket.writes,
                    period=None if bucket.period == period else bucket.period.total_seconds(),
                )
                for bucket in series.buckets
            ),
            period=period.total_seconds(),
            basis=series.basis + lateness_words(end, context.clock.now()) if series.basis else "",
            end=end,
            end_basis=basis.value,
            rpo_seconds=rpo.total_seconds() if rpo is not None else None,
            gaps=found.remarks(),
        )


def _suspect(context: StepContext, spec: RestorePointSpec) -> tuple[str, Marks]:
    """Return the id of the suspect deployment, or the suspect moment as a mark; neither if nothing is suspected."""
    answer = str(context.resolve(spec.suspect)) if spec.suspect is not None else ""
    if answer.startswith("d-"):
        return answer, ()
    try:
        at = parse_time(answer)
    except FunctionFailed:
        return "", ()
    return "", (TimelineMark(at, TimelineKind.LOG_ONSET, "suspected change", suspect=True),)


def _remarks(timeline: Timeline) -> list[str]:
    """Say why the proposal is not the second before the suspect change, where it is not."""
    suspects = [mark.at for mark in timeline.marks if mark.suspect]
    if not suspects:
        return ["nothing is suspect, so nothing is proposed: choose by alarms and logs"]
    before = min(suspects).replace(microsecond=0) - timedelta(seconds=1)
    if timeline.proposal is None:
        return [f"the suspect change ({utc(before)}) is older than the restorable window: no second before it is left"]
    if timeline.proposal < before:
        return [f"{utc(before)}, the second before the suspect change, is not restorable yet: wait some minutes for it"]
    return []
