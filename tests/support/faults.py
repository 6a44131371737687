"""Orders to the simulator's front of faults, for tests."""

from datetime import UTC, datetime
from typing import Any, Self

from cockpit.sim.process import Simulator

PAGE = "/_cockpit/faults"


class Faults:
    """What goes wrong with a simulator; a context manager that puts it right again."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.clear()

    def add(self, kind: str, service: str = "*", operation: str = "*", **members: Any) -> int:
        """Put a rule in force; return its number."""
        order = {"kind": kind, "service": service, "operation": operation, **members}
        number: int = self._simulator.post_json(PAGE, order)["number"]
        return number

    def clear(self, number: int | str = "all") -> None:
        """End a rule, or all."""
        self._simulator.post_json(PAGE, {"clear": number})

    def hits(self, number: int) -> int:
        """Return how often a rule that still stands has hit."""
        found: int = next(each["hits"] for each in self._simulator.get_json(PAGE) if each["number"] == number)
        return found

    def calls(self, operation: str) -> list[int]:
        """Return the statuses of the calls of an operation (0: no answer, never carried out), oldest first."""
        calls = self._simulator.get_json("/_cockpit/calls")["calls"]
        return [int(call["status"]) for call in calls if call["operation"] == operation]

    def times(self, operation: str) -> list[datetime]:
        """Return when the calls of an operation arrived, story time."""
        calls = self._simulator.get_json("/_cockpit/calls")["calls"]
        return [
            datetime.fromisoformat(call["time"]).astimezone(UTC) for call in calls if call["operation"] == operation
        ]
