"""``approve``: somebody takes responsibility by typing a phrase."""

from cockpit.engine.actions.base import Result, StepContext
from cockpit.engine.actions.sends_nothing import SendsNothing
from cockpit.engine.commands import Approve
from cockpit.engine.loss import measure_loss
from cockpit.engine.prompts import ApprovePrompt
from cockpit.engine.records import LossAccepted
from cockpit.model.text import clean
from cockpit.plans.actions.approve import ApproveSpec
from cockpit.plans.expressions import fill_text


class ApproveAction(SendsNothing):
    """An approval; where it accepts a loss, the window is measured anew right before and recorded with the names."""

    async def perform(self, context: StepContext, spec: ApproveSpec) -> Result:
        """Ask; who approved is kept as ``steps.<id>.approved_by`` and ``second_person``."""
        if spec.accepts_loss:
            measured = await measure_loss(context)
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
