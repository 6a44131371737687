"""``wait``: read again and again until the world is as wanted, or soak while it stays so."""

from typing import Literal

from cockpit.plans.probe import Probe


class WaitSpec(Probe):
    """A probe as a step of its own."""

    kind: Literal["wait"] = "wait"
