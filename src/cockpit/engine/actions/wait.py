"""``wait``: repeat a read until the world is as wanted."""

from cockpit.engine.actions.base import Result, StepContext
from cockpit.engine.actions.sends_nothing import SendsNothing
from cockpit.plans.actions.wait import WaitSpec


class WaitAction(SendsNothing):
    """A probe as a step of its own."""

    async def perform(self, context: StepContext, spec: WaitSpec) -> Result:
        """Wait, and keep what the probe captured."""
        return await context.probe(spec)
