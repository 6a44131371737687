"""``ask``: a value only the operator knows, or a choice among what exists."""

from collections.abc import Mapping

from pydantic import JsonValue

from cockpit.aws.port import ReadFailed
from cockpit.engine.actions.base import Result, StepContext
from cockpit.engine.actions.sends_nothing import SendsNothing
from cockpit.engine.commands import Answer
from cockpit.engine.prompts import Choice, ChoicePrompt, TextPrompt
from cockpit.model.effect import Outcome
from cockpit.model.text import clean
from cockpit.plans.actions.ask import AskSpec, Discovered
from cockpit.plans.expressions import ExpressionError, evaluate, fill_text, resolve_condition


class AskAction(SendsNothing):
    """A question; what is found in AWS is shown with why it is or is not a candidate. Nothing is taken by itself."""

    async def perform(self, context: StepContext, spec: AskSpec) -> Result:
        """Ask; the value is kept as ``steps.<id>.answer``."""
        question = clean(fill_text(spec.question, context.names()).text)
        default = self._default(context, spec)
        if spec.discovered is None and not spec.choices:
            offered = "" if default is None else clean(default)
            answer = await context.ask(TextPrompt(question=question, offered=offered, pattern=spec.pattern or ""))
            return self._kept(answer)
        choices = tuple(Choice(value=value, label=clean(value)) for value in spec.choices)
        if spec.discovered is not None:
            choices += await self._discover(context, spec.discovered)
        if all(choice.refused for choice in choices):
            refused = "; ".join(f"{choice.label}: {choice.refused}" for choice in choices)
            return Result(Outcome.FAILED, reason=f"There is nothing to choose from. {refused}".strip())
        recommended = next(
            (n for n, choice in enumerate(choices) if choice.value == default and not choice.refused), None
        )
        answer = await context.ask(ChoicePrompt(question=question, choices=choices, recommended=recommended))
        return self._kept(answer)

    def _kept(self, answer: object) -> Result:
        return Result(captured={"answer": answer.value if isinstance(answer, Answer) else None})

    def _default(self, context: StepContext, spec: AskSpec) -> JsonValue:
        if spec.default is None:
            return None
        try:
            return context.resolve(spec.default)
        except ExpressionError as error:
            context.observe("default", f"none: {error}")
            return None

    async def _discover(self, context: StepContext, spec: Discovered) -> tuple[Choice, ...]:
        answer = await context.read(spec)
        found = evaluate(spec.items, context.names({"answer": answer}))
        items = found[: spec.limit] if isinstance(found, list) else []
        return tuple([await self._candidate(context, spec, {"answer": answer, "item": item}) for item in items])

    async def _candidate(self, context: StepContext, spec: Discovered, extra: Mapping[str, JsonValue]) -> Choice:
        seen, unread = dict(extra), ""
        if spec.detail is not None:
            try:
                seen["detail"] = await context.read(spec.detail, extra)
            except ReadFailed as failure:
                unread = f"its details could not be read: {failure.fault.message}"
        names = context.names(seen)
        refused = unread
        if not unread and spec.refuse_when and resolve_condition(spec.refuse_when, names):
            refused = fill_text(spec.why_not, names).text or "no candidate"
        return Choice(
            value=evaluate(spec.value, names),
            label=clean(fill_text(spec.label, names).text),
            refused=clean(refused),
        )
