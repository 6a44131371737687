"""The rules of faults that are in force, and which of them hits a call.

Rules come from a scenario's timeline, or from whoever rehearses, by ``POST /_cockpit/faults``. There may be any number
of them; the oldest that hits a call is carried out. Only ``invisible`` goes together with another one.
"""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from threading import Condition

from pydantic import JsonValue

from cockpit.sim.calls import Call
from cockpit.sim.fault_rule import FaultRule
from cockpit.sim.world import World

_LOOK = 0.2  # seconds between looks whether a call has waited long enough


@dataclass(slots=True)
class StandingRule:
    """A rule in force.

    Attributes:
        until: moment of the story at which it ends; None: until it is cleared or has hit often enough.
        cleared: somebody ended it; calls that it keeps waiting go on.
    """

    number: int
    rule: FaultRule
    until: datetime | None
    chance: random.Random
    passed: int = 0
    hits: int = 0
    cleared: bool = False

    def is_over(self, now: datetime) -> bool:
        """Tell whether it keeps nobody waiting any more."""
        return self.cleared or (self.until is not None and now >= self.until)

    def hits_next(self) -> bool:
        """Count a call that fits; tell whether it is hit."""
        self.passed += 1
        if self.passed <= self.rule.skip or self.hits == self.rule.count or self.chance.random() >= self.rule.share:
            return False
        self.hits += 1
        return True


class FaultBook:
    """The rules in force. Its users hold the world's lock, except for `wait`."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._rules: list[StandingRule] = []
        self._numbers = count(1)
        self._changed = Condition()

    def add(self, rule: FaultRule, lasts: timedelta | None = None) -> int:
        """Put a rule in force, for so much of the story; return its number."""
        number = next(self._numbers)
        until = self._world.now() + lasts if lasts is not None else None
        self._rules.append(StandingRule(number, rule, until, self._world.random(f"fault {number}")))
        return number

    def clear(self, number: int | None = None) -> None:
        """End a rule, or all of them."""
        with self._changed:
            for each in self._rules:
                each.cleared = each.cleared or number in (None, each.number)
            self._rules = [each for each in self._rules if not each.cleared]
            self._changed.notify_all()

    def pick(self, call: Call, access_key: str, *, invisible: bool = False) -> StandingRule | None:
        """Return the rule that hits this call; None if the call is left alone.

        Args:
            call: the call that has arrived.
            access_key: what it is signed with.
            invisible: look for a rule of that kind; otherwise for one of the others.
        """
        for each in self._rules:
            fits = (each.rule.kind == "invisible") == invisible and each.rule.fits(
                call.service, call.operation, call.region, access_key
            )
            if fits and not each.is_over(self._world.now()) and each.hits_next():
                return each
        return None

    def wait(self, standing: StandingRule, seconds: float, client_is_gone: Callable[[], bool] = lambda: False) -> None:
        """Wait for real seconds; less if the rule ends or is cleared, or the client goes away."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if standing.is_over(self._world.clock.now()) or client_is_gone():
                return
            with self._changed:
                self._changed.wait(min(left, _LOOK))

    def to_json(self) -> list[JsonValue]:
        """Return the rules in force and how often each has hit."""
        now = self._world.now()
        return [
            {
                "number": each.number,
                "hits": each.hits,
                "until": each.until.isoformat() if each.until else None,
                **each.rule.model_dump(),
            }
            for each in self._rules
            if not each.is_over(now)
        ]
