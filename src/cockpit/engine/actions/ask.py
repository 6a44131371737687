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
from cockpit.plans.actions.ask import Among, AskSpec, Discovered
from cockpit.plans.expressions import ExpressionError, evaluate, fill_text, resolve_condition


class AskAction(SendsNothing):
    """A question; what is found in AWS is shown with why it is or is not a candidate. Nothing is taken by itself."""

    async def perform(self, context: StepContext, spec: AskSpec) -> Result:
        """Ask; the value is kept as ``steps.<id>.answer``."""
        question = clean(fill_text(spec.question, context.names()).text)
        default = self._default(context, spec)
        asked = spec.discovered or spec.among
        if asked is None and not spec.choices:
            offered = "" if default is None else clean(default)
            answer = await context.ask(TextPrompt(question=question, offered=offered, pattern=spec.pattern or ""))
            return self._kept(answer)
        choices = tuple(Choice(value=value, label=clean(value)) for value in spec.choices)
        if asked is not None:
            found, count = await self._discover(context, asked)
            choices += found
            question += f" The first {len(found)} of {count} are shown." if len(found) < count else ""
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

    async def _discover(self, context: StepContext, spec: Among) -> tuple[tuple[Choice, ...], int]:
        """Return the choices to show, and how many there are in all."""
        read: dict[str, JsonValue] = {"answer": await context.read(spec)} if isinstance(spec, Discovered) else {}
        found = evaluate(spec.items, context.names(read))
        items = found if isinstance(found, list) else []
        seen = [{**read, "item": item} for item in items[: spec.limit]]
        return tuple([await self._candidate(context, spec, each) for each in seen]), len(items)

    async def _candidate(self, context: StepContext, spec: Among, extra: Mapping[str, JsonValue]) -> Choice:
        seen, unread = dict(extra), ""
        if isinstance(spec, Discovered) and spec.detail is not None:
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
