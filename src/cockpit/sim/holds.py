"""Calls whose answer is held back until their client is gone: how tests cut a line in the middle of one call."""

import json
import select
import socket
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from cockpit.sim.calls import Call

NEVER_CARRIED_OUT = 0
"""Stands in the log of calls, instead of an HTTP status, for a call that arrived and was never carried out."""

_LOOK = 0.2  # seconds between looks whether the client is still there


class HoldOrder(BaseModel):
    """Which call is to be held, as it is posted to ``/_cockpit/hold``.

    Attributes:
        nth: the first, second … call of that operation from the simulator's start.
        effect: ``after``: the call is carried out and its answer is lost; ``before``: it is never carried out.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    service: str
    operation: str
    nth: int = Field(default=1, ge=1)
    effect: Literal["before", "after"]


@dataclass(slots=True)
class Hold:
    """One order and how far it has come. `held` turns true when the call is there (and, if so ordered, carried out)."""

    order: HoldOrder
    arrived: int = 0
    held: bool = False


class Holds:
    """The orders given so far. Used under the world's lock."""

    def __init__(self) -> None:
        self._holds: list[Hold] = []

    def give(self, body: bytes) -> None:
        """Take an order.

        Raises:
            ValueError: it cannot be understood.
        """
        try:
            self._holds.append(Hold(HoldOrder.model_validate_json(body)))
        except ValidationError as error:
            raise ValueError(str(error)) from error

    def of(self, call: Call) -> Hold | None:
        """Count a call that has just arrived; return the hold that it falls under."""
        found = None
        for hold in self._holds:
            if (hold.order.service, hold.order.operation) == (call.service, call.operation):
                hold.arrived += 1
                found = hold if hold.arrived == hold.order.nth else found
        return found

    def to_json(self) -> JsonValue:
        """Return every order with how far it has come."""
        return [
            {**json.loads(hold.order.model_dump_json()), "arrived": hold.arrived, "held": hold.held}
            for hold in self._holds
        ]


def wait_until_gone(environ: dict[str, Any]) -> None:
    """Return when the client of a request has closed its connection; it sends nothing more on it."""
    connection: socket.socket = environ["werkzeug.socket"]
    while True:
        readable, _, _ = select.select([connection], [], [], _LOOK)
        try:
            if readable and not connection.recv(1, socket.MSG_PEEK):
                return
        except OSError:
            return
