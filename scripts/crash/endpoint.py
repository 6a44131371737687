"""The endpoint's own log of calls, from the moment at which a run may begin."""

from typing import Any

from cockpit.sim.process import Simulator


class Endpoint:
    """What the simulated AWS has received; what came before this was made belongs to the outage, not to the run."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator
        self._before = len(self._all())

    def calls(self) -> list[dict[str, Any]]:
        """Return every call since, in order; status 0: it arrived and was never carried out."""
        return self._all()[self._before :]

    def carried_out(self, service: str, operation: str) -> int:
        """Count the calls of an operation that were carried out."""
        return sum(
            (call["service"], call["operation"]) == (service, operation) and 200 <= call["status"] < 300
            for call in self.calls()
        )

    def _all(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._simulator.get_json("/_cockpit/calls")["calls"]
        return found
