"""When to sweep again."""

import random

from cockpit.model.reading import Fault, FaultKind

JITTER = 0.1  # of the pause, up or down: panes and cockpits must not call in step
LONGEST_BACKOFF = 300.0


class Schedule:
    """The pause between the sweeps of one pane, in real seconds.

    Throttling doubles it each time, up to five minutes; a good sweep halves it again. A sweep that takes long (ten
    thousand alarms are a hundred calls) is followed by a pause twice as long as itself, so that sweeping never takes
    more than about a third of the time. Any other fault, expired credentials above all, is tried again after the
    ordinary pause.
    """

    def __init__(self, every: float, after_fault: float | None = None) -> None:
        """Prepare the schedule.

        Args:
            every: pause after a good sweep.
            after_fault: pause after a bad one, where that is shorter.
        """
        self._every = every
        self._after_fault = every if after_fault is None else min(after_fault, every)
        self._factor = 1.0

    def pause_after(self, fault: Fault | None, took: float) -> float:
        """Return how long to wait after a sweep that ended with `fault` (None: well) and took that long."""
        if fault is not None and fault.kind is FaultKind.THROTTLED:
            self._factor *= 2
        elif fault is None:
            self._factor = max(1.0, self._factor / 2)
        base = self._every if fault is None else self._after_fault
        pause = min(base * self._factor, max(LONGEST_BACKOFF, self._every))
        if pause >= LONGEST_BACKOFF:
            self._factor = max(1.0, LONGEST_BACKOFF / base)
        spread = 1 + random.uniform(-JITTER, JITTER)  # noqa: S311 - spreads load, keeps no secret
        return max(pause, 2 * took) * spread
