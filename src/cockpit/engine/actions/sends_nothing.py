"""What actions share that send no mutation: there is never anything to reconcile."""

from cockpit.engine.actions.base import StepContext, Verdict
from cockpit.engine.records import Intent
from cockpit.plans.base import PlanModel


class SendsNothing:
    """Base of such actions."""

    async def reconcile(self, context: StepContext, spec: PlanModel, intent: Intent) -> Verdict | None:
        """Return None: no call was made that could be looked for."""
        del context, spec, intent
        return None
