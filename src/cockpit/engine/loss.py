"""The data-loss window of a run: measured for the record, computed for a cursor, and the second one after reopening."""

from datetime import datetime, timedelta

from cockpit.aws.port import ReadFailed
from cockpit.engine.actions.base import StepContext
from cockpit.engine.prompts import RestorePointPrompt
from cockpit.engine.records import LossMeasured
from cockpit.engine.restorable import Restorable, restorable
from cockpit.engine.state import RunState
from cockpit.engine.write_counts import application_metric, lateness_words, read_series, service_metric
from cockpit.model.loss_window import LossWindow, WindowEnd, WriteBucket, WriteCount, WriteSeries
from cockpit.model.text import clean
from cockpit.plans.actions.restore_point import RestorePointSpec, Writes
from cockpit.plans.expressions import ExpressionError
from cockpit.plans.schema import Plan

NOT_COUNTED = "not counted: Aurora counts no writes, and the application has no count of its own"


class PromptWindows:
    """The data-loss window for any second of a restore-point prompt. Cheap to make again for the same prompt."""

    def __init__(self, prompt: RestorePointPrompt) -> None:
        self._series = _series_of(prompt)
        self._end = prompt.end
        self._end_basis = WindowEnd(prompt.end_basis)
        self._rpo = None if prompt.rpo_seconds is None else timedelta(seconds=prompt.rpo_seconds)
        self._counted = bool(prompt.basis)

    def at(self, moment: datetime) -> LossWindow:
        """Return the window if `moment` is chosen. Its writes are None if they could not be read."""
        writes = self._series.count(moment, self._end) if self._counted else None
        return LossWindow(moment.replace(microsecond=0), self._end, self._end_basis, writes, self._rpo)


_latest_series: list[tuple[RestorePointPrompt, WriteSeries]] = []


def _series_of(prompt: RestorePointPrompt) -> WriteSeries:
    """Return the prompt's buckets ready for counting; kept for the latest prompt, which screens ask for each second."""
    for known, series in _latest_series:
        if known is prompt:
            return series
    series = WriteSeries(
        (
            WriteBucket(bucket.at, timedelta(seconds=bucket.period or prompt.period), bucket.writes)
            for bucket in prompt.buckets
        ),
        prompt.basis,
    )
    _latest_series[:] = [(prompt, series)]
    return series


def window_end(state: RunState, now: datetime) -> tuple[datetime, WindowEnd]:
    """Return the end of the window as known now, and what it rests on."""
    if state.halted_at is None:
        return now, WindowEnd.NOW
    return state.halted_at, WindowEnd.PROVEN_HALT if state.halt_proven else WindowEnd.HALT_CALL


def second_window(state: RunState, now: datetime) -> LossWindow | None:
    """Return what going back to the old table or cluster would strand by now: what was written since writes reopened.

    None as long as writes have not been reopened. The writes in it are not counted.
    """
    return None if state.reopened_at is None else LossWindow(state.reopened_at, now, WindowEnd.NOW)


def restore_point_spec(plan: Plan) -> RestorePointSpec | None:
    """Return the plan's restore point, which says how writes are counted; None if it has none."""
    return next((step.action for step in plan.steps if isinstance(step.action, RestorePointSpec)), None)


def writes_spec(context: StepContext) -> Writes:
    """Return how the plan counts writes, filled; an empty one where the application counts none of its own."""
    spec = restore_point_spec(context.state().plan)
    if spec is None or not spec.writes.metric_name:
        return Writes()
    try:
        namespace, name = context.resolve(spec.writes.metric_namespace), context.resolve(spec.writes.metric_name)
    except ExpressionError:  # the inputs that name the metric may be left unset
        return Writes()
    return Writes(metric_namespace=str(namespace), metric_name=str(name))


async def measure_loss(context: StepContext, start: datetime | None = None) -> LossMeasured | None:
    """Measure the data-loss window from the restore point to the halt, or to now while writes go on.

    Args:
        context: the step's context.
        start: the restore point; the one measured before if it is left out.

    Returns:
        The record, not yet appended; None if the plan restores nothing or no restore point has been chosen.
        If nothing counts the writes, or CloudWatch gives no answer, the counts are None and the basis says why.
    """
    state = context.state()
    spec = restore_point_spec(state.plan)
    start = start or (state.loss.start if state.loss else None)
    if spec is None or start is None:
        return None
    end, basis = window_end(state, context.clock.now())
    rpo = state.plan.objectives.rpo
    count: WriteCount | None = None
    try:
        count = await count_lost(context, restorable(context, spec), start, end)
        words = count.basis + lateness_words(end, context.clock.now()) if count else NOT_COUNTED
    except ReadFailed as failure:
        words = f"not counted: {failure.fault.message}"
    return LossMeasured(
        start=start,
        end=max(end, start),
        end_basis=basis.value,
        at_least=count.at_least if count else None,
        at_most=count.at_most if count else None,
        count_basis=clean(words),
        rpo_seconds=rpo.total_seconds() if rpo is not None else None,
    )


async def count_lost(context: StepContext, source: Restorable, start: datetime, end: datetime) -> WriteCount | None:
    """Count the writes that a restore to `start` throws away; None if nothing counts them.

    The application's own metric counts by the second, but sees only its own writes; DynamoDB's sees every write, by
    the minute. Where DynamoDB saw more than the application, somebody else wrote too and both make up the range.

    Raises:
        ReadFailed: CloudWatch gave no answer.
    """
    every, metric = service_metric(source), await application_metric(context, source, writes_spec(context))
    whole = (await read_series(context, every, start)).count(start, end) if every else None
    if metric is None:
        return whole
    own = (await read_series(context, metric, start)).count(start, end)
    if whole is not None and own.at_most < whole.at_least:
        words = f"{own.basis}; DynamoDB counts more: something else writes too ({whole.basis})"
        return WriteCount(own.at_least, whole.at_most, words)
    return own
