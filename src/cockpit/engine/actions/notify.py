"""``notify``: somebody has to be told, by the means the organisation has."""

from cockpit.engine.actions.base import Result, StepContext
from cockpit.engine.actions.sends_nothing import SendsNothing
from cockpit.engine.commands import Answer
from cockpit.engine.prompts import NotifyPrompt
from cockpit.model.text import clean, clean_block
from cockpit.plans.actions.notify import NotifySpec
from cockpit.plans.expressions import fill_text


class NotifyAction(SendsNothing):
    """The words are shown; the operator sends them and says how."""

    async def perform(self, context: StepContext, spec: NotifySpec) -> Result:
        """Ask; how they were told is kept as ``steps.<id>.answer``."""
        names = context.names()
        prompt = NotifyPrompt(
            to=clean(fill_text(spec.to, names).text), text=clean_block(fill_text(spec.text, names).text)
        )
        answer = await context.ask(prompt)
        told = clean(answer.value) if isinstance(answer, Answer) else ""
        return Result(captured={"answer": told}, reason=told)
