"""Looking again until something outside AWS is as wanted, and stays so (`plans.patience.Patience`)."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime

from cockpit.engine.actions.base import Result, StepContext
from cockpit.engine.pace import pause
from cockpit.model.effect import Outcome
from cockpit.model.text import duration
from cockpit.plans.patience import Patience


async def look_again(context: StepContext, patience: Patience, look: Callable[[], Awaitable[Result]]) -> Result:
    """Repeat `look` until it is DONE, and has been for `patience.hold` without a break; return its last result.

    It is given up when it has been FAILED for `patience.within` of real time. A dry run looks once.
    """
    deadline = time.monotonic() + patience.within.total_seconds()
    held_since: datetime | None = None
    while True:
        seen = await look()
        now = context.clock.now()
        if seen.outcome is Outcome.DONE:
            held_since = held_since or now
            if context.dry or now - held_since >= patience.hold:
                return seen
            tenth = patience.hold / 10
            held = (now - held_since) // tenth * tenth  # said ten times, however often it is looked
            context.observe("hold", f"as wanted for {duration(held)} of {duration(patience.hold)}", ok=True)
            deadline = time.monotonic() + patience.within.total_seconds()
        else:
            if context.dry or time.monotonic() >= deadline:
                if held_since is not None:
                    before = f"It was as wanted for {duration(now - held_since)}, then no longer. "
                    return replace(seen, reason=f"{before}{seen.reason}")
                return seen
            if held_since is not None:
                context.observe("hold", f"broken: {seen.reason} Counting begins anew.", ok=False)
            held_since = None
        await pause(context.clock, patience.every.total_seconds())
