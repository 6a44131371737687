"""``restore_point``: the operator chooses the second to restore to, on a timeline of what happened (RQ-09, RQ-18)."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from cockpit.aws.parse import moment, structure, text
from cockpit.aws.port import ReadFailed
from cockpit.engine.actions.base import Result, StepContext
from cockpit.engine.actions.sends_nothing import SendsNothing
from cockpit.engine.commands import ChooseRestorePoint
from cockpit.engine.loss import measure_loss, window_end, writes_spec
from cockpit.engine.prompts import Bucket, Mark, RestorePointPrompt
from cockpit.engine.timeline_sources import (
    Marks,
    alarm_marks,
    configuration_marks,
    deployment_marks,
    gather,
    log_onset_mark,
)
from cockpit.engine.write_counts import application_metric, lateness_words, read_series, table_metric
from cockpit.model.effect import Outcome
from cockpit.model.loss_window import WriteSeries
from cockpit.model.text import clean, utc
from cockpit.model.timeline import Timeline, TimelineKind, TimelineMark, propose
from cockpit.plans.actions.restore_point import RestorePointSpec
from cockpit.plans.functions import iso

_LOOK_BACK = timedelta(days=1)  # alarms and logs are searched from this long before the suspect change


class NotRestorableError(Exception):
    """The table has no window to restore into; the text says so."""


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
        table = str(context.resolve(spec.table))
        try:
            found = await self._look(context, spec, table)
            chosen = await self._choose(context, table, found)
        except NotRestorableError as refusal:
            return Result(Outcome.FAILED, reason=str(refusal))
        context.observe("restore point", f"{table} at {utc(chosen)}", ok=True)
        measured = await measure_loss(context, chosen)
        if measured is not None:
            context.record(measured)
        suspects = [mark.at for mark in found.timeline.marks if mark.suspect]
        return Result(captured={"answer": iso(chosen), "suspect_at": iso(min(suspects)) if suspects else None})

    async def _choose(self, context: StepContext, table: str, found: _Found) -> datetime:
        """Wait for a second that can be restored to at the moment it is chosen: latest moves, and earliest too."""
        while True:
            command = await context.ask(self._prompt(context, table, found))
            if not isinstance(command, ChooseRestorePoint):
                continue  # the desk lets only choices through; this is for the type checker
            chosen = command.moment.astimezone(UTC).replace(microsecond=0)
            earliest, latest = await restorable_window(context, table)
            if earliest <= chosen <= latest:
                return chosen
            found.refused = f"{utc(chosen)} cannot be restored to: the window is {utc(earliest)} to {utc(latest)}."
            context.observe("restore point", found.refused, ok=False)
            marks = found.timeline.marks
            found.timeline = Timeline(earliest, latest, marks, propose(marks, earliest, latest))

    async def _look(self, context: StepContext, spec: RestorePointSpec, table: str) -> _Found:
        earliest, latest = await restorable_window(context, table)
        suspect = _suspect(context, spec)
        marks, gaps = await self._deployments(context, spec, suspect, earliest)
        onset = min((mark.at for mark in marks if mark.suspect), default=context.clock.now())
        others, more_gaps = await self._others(context, spec, max(earliest, onset - _LOOK_BACK))
        halted_at = context.state().halted_at
        halt: Marks = (TimelineMark(halted_at, TimelineKind.HALT, "writes halted"),) if halted_at else ()
        ordered = tuple(sorted((*marks, *others, *halt), key=lambda mark: mark.at))
        found = _Found(
            Timeline(earliest, latest, ordered, propose(ordered, earliest, latest)),
            WriteSeries((), ""),
            [*gaps, *more_gaps],
        )
        try:
            found.series = await self._writes(context, table, earliest)
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
    async def _others(context: StepContext, spec: RestorePointSpec, since: datetime) -> tuple[Marks, tuple[str, ...]]:
        sources = {}
        if spec.alarms:
            patterns = tuple(str(context.resolve(pattern)) for pattern in spec.alarms)
            sources["alarms"] = alarm_marks(context, patterns, since)
        if spec.configuration:
            sources["configuration"] = configuration_marks(context, spec.configuration, since)
        if spec.log_onset:
            sources["logs"] = log_onset_mark(context, spec.log_onset, since)
        return await gather(sources)

    @staticmethod
    async def _writes(context: StepContext, table: str, earliest: datetime) -> WriteSeries:
        metric = await application_metric(context, table, writes_spec(context))
        return await read_series(context, metric or table_metric(table), earliest)

    @staticmethod
    def _prompt(context: StepContext, table: str, found: _Found) -> RestorePointPrompt:
        state, timeline, series = context.state(), found.timeline, found.series
        end, basis = window_end(state, context.clock.now())
        period = min((bucket.period for bucket in series.buckets), default=timedelta(minutes=1))
        rpo = state.plan.objectives.rpo
        return RestorePointPrompt(
            table=clean(table),
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


async def restorable_window(context: StepContext, table: str) -> tuple[datetime, datetime]:
    """Return the earliest and the latest restorable second of a table, as they are now (latest moves, E-81).

    Raises:
        ReadFailed: DynamoDB gave no answer.
        NotRestorableError: point-in-time recovery is off.
    """
    answer = await context.call_read("dynamodb", "DescribeContinuousBackups", {"TableName": table})
    recovery = structure(structure(answer, "ContinuousBackupsDescription"), "PointInTimeRecoveryDescription")
    earliest, latest = moment(recovery, "EarliestRestorableDateTime"), moment(recovery, "LatestRestorableDateTime")
    if text(recovery, "PointInTimeRecoveryStatus") != "ENABLED" or earliest is None or latest is None:
        message = (
            f"Point-in-time recovery of {clean(table)} is off: there is nothing to restore from. Nothing was changed."
        )
        raise NotRestorableError(message)
    return earliest, latest


def _suspect(context: StepContext, spec: RestorePointSpec) -> str:
    """Return the id of the suspect deployment; empty if the answer names none (the damage came from elsewhere)."""
    if spec.suspect is None:
        return ""
    answer = str(context.resolve(spec.suspect) or "")
    return answer if answer.startswith("d-") else ""


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
