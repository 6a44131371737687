"""One attempt at a reading: whatever happens becomes a value or a fault, never an exception."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from cockpit.aws.port import GuardRefused, ReadFailed
from cockpit.feeds.snapshot import Snapshot
from cockpit.model.clock import Clock
from cockpit.model.reading import Fault, FaultKind, Reading
from cockpit.model.text import clean

T = TypeVar("T")

SWEEP_SECONDS = 60.0  # a sweep that takes longer counts as failed; a call alone is given up after 15 s


@dataclass(frozen=True, slots=True)
class Cell(Generic[T]):
    """Where a reading stands in the snapshot."""

    get: Callable[[Snapshot], Reading[T]]
    put: Callable[[Snapshot, Reading[T]], Snapshot]


async def attempt(
    before: Reading[T], sweep: Callable[[], Awaitable[T]], clock: Clock, limit: float = SWEEP_SECONDS
) -> tuple[Reading[T], bool]:
    """Make one sweep. Returns the new reading and whether its value or its fault differ from `before`."""
    try:
        async with asyncio.timeout(limit):
            value = await sweep()
    except ReadFailed as failure:
        fault = failure.fault
    except GuardRefused as refusal:
        fault = Fault(FaultKind.REJECTED, str(refusal))
    except TimeoutError:
        fault = Fault(FaultKind.UNREACHABLE, f"No complete answer within {limit:.0f} s.", "The cockpit tries again.")
    except Exception as error:  # noqa: BLE001 - a surprise in one pane must not end the watching of all
        fault = Fault(
            FaultKind.UNREADABLE,
            f"The answer could not be understood: {clean(error, 200)} ({type(error).__name__}).",
            "The last known values stay on screen; use the aws command line beside the cockpit.",
        )
    else:
        return before.succeeded(value, clock.now()), before.fault is not None or value != before.value
    return before.failed(fault, clock.now()), fault != before.fault
