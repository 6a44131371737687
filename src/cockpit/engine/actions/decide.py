"""``decide``: the operator takes one of several ways."""

from cockpit.engine.actions.base import Result, StepContext
from cockpit.engine.actions.reads import make_reads
from cockpit.engine.actions.sends_nothing import SendsNothing
from cockpit.engine.commands import Answer
from cockpit.engine.prompts import Choice, ChoicePrompt
from cockpit.model.text import clean
from cockpit.plans.actions.decide import DecideSpec
from cockpit.plans.expressions import ExpressionError, evaluate, fill_text


class DecideAction(SendsNothing):
    """A decision among fixed options; one may be recommended, none is taken by itself."""

    async def perform(self, context: StepContext, spec: DecideSpec) -> Result:
        """Ask; the chosen value is kept as ``steps.<id>.answer``, the reason as ``reason``."""
        names = context.names(await make_reads(context, spec.reads))
        choices = tuple(
            Choice(
                value=option.value,
                label=clean(fill_text(option.label, names).text),
                consequence=clean(fill_text(option.consequence, names).text),
                stops=option.stops,
            )
            for option in spec.options
        )
        recommended: object = None
        if spec.recommend:
            try:
                recommended = evaluate(spec.recommend, names)
            except ExpressionError as error:
                context.observe("recommendation", f"none: {error}")
        prompt = ChoicePrompt(
            question=clean(fill_text(spec.question, names).text),
            choices=choices,
            recommended=next((n for n, choice in enumerate(choices) if choice.value == recommended), None),
            because=clean(fill_text(spec.because, names).text),
            reason_wanted=spec.reason,
        )
        answer = await context.ask(prompt)
        if not isinstance(answer, Answer):  # the desk lets only answers through; this is for the type checker
            return Result()
        return Result(captured={"answer": answer.value, "reason": clean(answer.reason)}, reason=clean(answer.reason))
