"""``checklist``: things a person looks at or does."""

from cockpit.engine.actions.base import Result, StepContext
from cockpit.engine.actions.reads import make_reads
from cockpit.engine.actions.sends_nothing import SendsNothing
from cockpit.engine.commands import TickOff
from cockpit.engine.prompts import CheckItem, ChecklistPrompt
from cockpit.model.text import clean
from cockpit.plans.actions.checklist import ChecklistSpec
from cockpit.plans.expressions import fill_text


class ChecklistAction(SendsNothing):
    """Every item is ticked off, or left open with a reason."""

    async def perform(self, context: StepContext, spec: ChecklistSpec) -> Result:
        """Ask; the reasons of open items are kept as ``steps.<id>.left_open``."""
        names = context.names(await make_reads(context, spec.reads))
        items = tuple(
            CheckItem(
                id=item.id,
                text=clean(fill_text(item.text, names).text),
                evidence=clean(fill_text(item.evidence, names).text),
            )
            for item in spec.items
        )
        answer = await context.ask(ChecklistPrompt(items=items))
        ticked = answer.items if isinstance(answer, TickOff) else {}
        left_open = {key: clean(reason) for key, reason in ticked.items() if isinstance(reason, str)}
        words = "; ".join(f"{key} left open: {reason}" for key, reason in left_open.items())
        return Result(captured={"left_open": {**left_open}}, reason=words)
