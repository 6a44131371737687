"""``post_status``: the words for the status page."""

from cockpit.engine.actions.base import Result, StepContext
from cockpit.engine.actions.sends_nothing import SendsNothing
from cockpit.engine.commands import PostStatus
from cockpit.engine.prompts import StatusPrompt
from cockpit.engine.records import StatusPosted
from cockpit.model.text import clean, clean_block
from cockpit.plans.actions.post_status import PostStatusSpec
from cockpit.plans.expressions import fill_text


class PostStatusAction(SendsNothing):
    """The plan's text of one phase, filled with what was measured; edited and posted by the operator."""

    async def perform(self, context: StepContext, spec: PostStatusSpec) -> Result:
        """Ask, and record what was posted where, or that it was not.

        What is not measured yet stands in the text as a visible gap; the gaps are observed, so that nobody posts one
        unseen.
        """
        text = context.state().plan.text(spec.phase)
        filled = fill_text(text.text, context.names())
        offered = clean_block(filled.text)
        if filled.gaps:
            context.observe("gaps in the text", ", ".join(filled.gaps), ok=False)
        answer = await context.ask(
            StatusPrompt(phase=spec.phase, title=clean(text.title), basis=text.basis, text=offered)
        )
        if not isinstance(answer, PostStatus):  # the desk lets only status texts through; this is for the type checker
            return Result()
        words = clean_block(answer.text)
        context.record(
            StatusPosted(
                step=context.step.id,
                phase=spec.phase,
                basis=text.basis,
                text=words,
                edited=words != offered,
                posted=answer.posted,
                where=clean(answer.where),
            )
        )
        reason = f"posted {clean(answer.where)}".strip() if answer.posted else "not posted"
        return Result(captured={"posted": answer.posted, "where": clean(answer.where)}, reason=reason)
