"""``aws``: carry out one operation of one AWS service."""

from pydantic import JsonValue

from cockpit.engine.actions.base import Result, StepContext, Verdict
from cockpit.engine.lenient import stand_ins
from cockpit.engine.prompts import PlannedCall
from cockpit.engine.reconcile import look_by_name, reconcile
from cockpit.engine.records import Intent
from cockpit.engine.secrets import secrets_in
from cockpit.model.effect import Effect, Outcome
from cockpit.plans.actions.aws import AwsSpec
from cockpit.plans.expressions import evaluate


class AwsAction:
    """Read at once; change only after confirmation."""

    async def perform(self, context: StepContext, spec: AwsSpec) -> Result:
        """Make the call, unless it is known to have taken effect in this attempt before a crash."""
        if context.step.effect is Effect.READ:
            return await self._read(context, spec)
        call = self._planned(context, spec)
        if carried := secrets_in(call.params):
            words = f"{spec.call} carries a secret ({', '.join(carried)}), which the journal would keep for ever"
            return Result(Outcome.FAILED, reason=f"{words}. Nothing was sent: change it outside the cockpit.")
        captured = context.past_answer(call)
        if captured is None and spec.reconcile is not None and spec.reconcile.how == "name" and not context.dry:
            found = await look_by_name(context, spec.reconcile, call.params)
            if found is not None and found.verdict == "conflict":
                return Result(Outcome.FAILED, reason=f"{call.target} exists already and is not ours: nothing was sent")
            captured = found.captured if found is not None else None
        if captured is None:
            before = await self._before(context, spec)
            await context.confirm([call])
            captured = await context.mutate(call, before, spec.capture)
        if context.dry:
            captured = stand_ins(context.step.id, spec.capture)
        return Result(captured=captured)

    async def reconcile(self, context: StepContext, spec: AwsSpec, intent: Intent) -> Verdict | None:
        """Look for the call's effect as the plan says; None if the plan names no way to see it."""
        if spec.repeatable:
            return Verdict("repeatable", (f"nobody knows; sending it again changes nothing more: {spec.repeatable}",))
        return None if spec.reconcile is None else await reconcile(context, spec.reconcile, intent)

    async def _read(self, context: StepContext, spec: AwsSpec) -> Result:
        answer = await context.read(spec.as_read())
        names = context.names({"answer": answer})
        return Result(captured={key: evaluate(text, names) for key, text in spec.capture.items()})

    def _planned(self, context: StepContext, spec: AwsSpec) -> PlannedCall:
        service, _, operation = spec.call.partition(":")
        params = context.resolve(dict(spec.params))
        region = str(context.resolve(spec.region)) if spec.region else ""
        return context.plan_call(service, operation, params if isinstance(params, dict) else {}, region=region)

    async def _before(self, context: StepContext, spec: AwsSpec) -> dict[str, JsonValue]:
        """Read what a declarative call is about to replace: it tells "not yet" from "ours" if the answer is lost."""
        if spec.reconcile is None or spec.reconcile.how != "declared" or context.dry:
            return {}
        names = context.names({"answer": await context.read(spec.reconcile)})
        return {key: evaluate(text, names) for key, text in spec.reconcile.capture.items()}
