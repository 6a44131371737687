"""Waiting between two looks at AWS: in the run's clock, but never so fast that a drill floods the endpoint."""

import asyncio

from cockpit.model.clock import Clock

FLOOR = 0.2
"""Real seconds between two reads, at least."""


async def pause(clock: Clock, seconds: float) -> None:
    """Wait for seconds of the clock, and for `FLOOR` real seconds at least."""
    await asyncio.gather(clock.sleep(max(seconds, 0)), asyncio.sleep(FLOOR))
