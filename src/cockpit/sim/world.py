"""The simulated world's time: one clock, and everything that happens in it in order.

Nothing runs in the background. Before an answer is given the world catches up: every scheduled event that is due
happens at its own second, in order, so the same seed gives the same story however rarely anybody looks.
"""

import heapq
import random
from collections.abc import Callable
from datetime import datetime
from itertools import count
from threading import RLock

from cockpit.model.clock import Clock


class World:
    """Time and chance of a simulation.

    Attributes:
        clock: where real (or scaled) time comes from.
        seed: every random number in the world comes from it.
        lock: held while the world catches up or is changed; handlers run under it.
    """

    def __init__(self, clock: Clock, seed: int = 1) -> None:
        self.clock = clock
        self.seed = seed
        self.lock = RLock()
        self._numbers = count()
        self._events: list[tuple[datetime, int, Callable[[], None]]] = []
        self._inside: datetime | None = None

    def now(self) -> datetime:
        """Return the time of the event that is happening, else the clock's time, UTC."""
        return self._inside or self.clock.now()

    def random(self, subject: str) -> random.Random:
        """Return the random numbers of one subject, the same for the same seed whatever else goes on."""
        return random.Random(f"{self.seed}/{subject}")  # noqa: S311 - a story, not a secret

    def at(self, moment: datetime, happen: Callable[[], None]) -> None:
        """Let something happen at a moment; at once, if the moment has passed, when the world next catches up."""
        heapq.heappush(self._events, (moment, next(self._numbers), happen))

    def catch_up(self) -> None:
        """Let everything happen that is due by now, in order of time, then of scheduling."""
        with self.lock:
            end = self.clock.now()
            while self._events and self._events[0][0] <= end:
                moment, _, happen = heapq.heappop(self._events)
                self._inside = moment
                try:
                    happen()
                finally:
                    self._inside = None
