"""``approve``: somebody takes responsibility by typing a phrase."""

from collections.abc import Mapping
from datetime import datetime

from pydantic import JsonValue

from cockpit.engine.actions.base import Result, StepContext
from cockpit.engine.actions.sends_nothing import SendsNothing
from cockpit.engine.commands import Approve
from cockpit.engine.loss import measure_loss, window_end
from cockpit.engine.prompts import ApprovePrompt
from cockpit.engine.records import LossAccepted, LossMeasured
from cockpit.model.loss_window import WindowEnd
from cockpit.model.text import clean
from cockpit.plans.actions.approve import ApproveSpec, Loses
from cockpit.plans.expressions import ExpressionError, evaluate, fill_text


class ApproveAction(SendsNothing):
    """An approval; where it accepts a loss, the window is measured anew right before and recorded with the names."""

    async def perform(self, context: StepContext, spec: ApproveSpec) -> Result:
        """Ask; who approved is kept as ``steps.<id>.approved_by`` and ``second_person``."""
        if spec.accepts_loss:
            measured = _of_backup(context, spec.loses) if spec.loses else await measure_loss(context)
            if measured is not None:
                context.record(measured)
        prompt = ApprovePrompt(
            statement=clean(fill_text(spec.statement, context.names()).text),
            phrase=clean(context.resolve(spec.phrase)),
            second_person=spec.second_person,
            accepts_loss=spec.accepts_loss,
        )
        answer = await context.ask(prompt)
        if not isinstance(answer, Approve):  # the desk lets only approvals through; this is for the type checker
            return Result()
        operator, second = context.state().operator, clean(answer.second_person)
        loss = context.state().loss
        if spec.accepts_loss and loss is not None:
            context.record(
                LossAccepted(
                    by=operator,
                    second_person=second,
                    typed=clean(answer.typed),
                    start=loss.start,
                    end=loss.end,
                    at_most=loss.writes.at_most if loss.writes else None,
                )
            )
        return Result(captured={"approved_by": operator, "second_person": second})


def _of_backup(context: StepContext, loses: Loses) -> LossMeasured:
    """Return the window from a backup to the end of writes.

    Raises:
        ExpressionError: the backup's time, or that of the outage, is not known.
    """
    names = context.names()
    count = evaluate(loses.writes, names) if loses.writes else None
    start = _time(loses.since, names)
    end, basis = window_end(context.state(), context.clock.now())
    if loses.until is not None:
        end, basis = _time(loses.until, names), WindowEnd.OUTAGE
    rpo = context.state().plan.objectives.rpo
    writes = count if isinstance(count, int) else None
    return LossMeasured(
        start=start,
        end=max(end, start),
        end_basis=basis.value,
        at_least=writes,
        at_most=writes,
        count_basis=clean(fill_text(loses.basis, names).text),
        rpo_seconds=rpo.total_seconds() if rpo is not None else None,
    )


def _time(expression: str, names: Mapping[str, JsonValue]) -> datetime:
    value = evaluate(expression, names)
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError as error:
        raise ExpressionError(expression, f"gives no time but {value!r}") from error
    if moment.tzinfo is None:
        raise ExpressionError(expression, f"gives a time without an offset: {value!r}")
    return moment
