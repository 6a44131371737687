"""Where the time comes from: the machine's clock, or a scaled one for drills.

The engine, the panes and the simulator all read the time through a `Clock`. A drill hands every one of them the same
`ScaledClock`, so hours of a story pass in minutes and still agree to the millisecond. Nothing else differs.
"""

import asyncio
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

CLOCK_VARIABLE = "COCKPIT_CLOCK"


class Clock(Protocol):
    """A source of UTC time and a way to wait in it."""

    @property
    def speed(self) -> float:
        """Return the seconds of this clock that pass in a real second: 1 but for drills."""

    def now(self) -> datetime:
        """Return the current time, timezone-aware, in UTC."""

    async def sleep(self, seconds: float) -> None:
        """Wait for that many seconds of this clock."""


class SystemClock:
    """The machine's clock."""

    speed = 1.0

    def now(self) -> datetime:
        """Return the machine's time in UTC."""
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        """Wait for real seconds."""
        await asyncio.sleep(seconds)


@dataclass(frozen=True, slots=True)
class ScaledClock:
    """A clock that ran with the machine's until `anchor` and since then runs `speed` times as fast.

    Attributes:
        anchor: the moment at which scaled and real time were equal, UTC.
        speed: seconds of this clock per real second, above 0.
    """

    anchor: datetime
    speed: float

    def now(self) -> datetime:
        """Return the scaled time in UTC."""
        real = time.time() - self.anchor.timestamp()
        return self.anchor + timedelta(seconds=real * self.speed)

    async def sleep(self, seconds: float) -> None:
        """Wait for that many scaled seconds."""
        await asyncio.sleep(seconds / self.speed)

    def to_variable(self) -> str:
        """Return the text that `clock_from` reads back from the environment variable COCKPIT_CLOCK."""
        return f"{self.anchor.isoformat()}*{self.speed:g}"


def clock_from(environ: Mapping[str, str] | None = None) -> Clock:
    """Return the clock this process should use: scaled if COCKPIT_CLOCK is set (drills), else the machine's.

    Raises:
        ValueError: COCKPIT_CLOCK is set and is not `<ISO time with offset>*<speed above 0>`.
    """
    text = (os.environ if environ is None else environ).get(CLOCK_VARIABLE, "")
    if not text:
        return SystemClock()
    anchor_text, separator, speed_text = text.partition("*")
    try:
        anchor, speed = datetime.fromisoformat(anchor_text), float(speed_text)
    except ValueError:
        separator = ""
        anchor, speed = datetime.now(UTC), 1.0
    if not separator or anchor.tzinfo is None or speed <= 0:
        message = f"{CLOCK_VARIABLE} must look like 2026-01-31T03:00:00+00:00*10 (a time and a speed), not {text!r}"
        raise ValueError(message)
    return ScaledClock(anchor.astimezone(UTC), speed)
