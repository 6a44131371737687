"""What holds work back or gives it up: pause, skip, abort, a decision that ends the run, the driver going away.

Everything here belongs to the engine's loop. Several steps may be in hand, one for each parallel branch; what is said
of one step leaves the others alone.
"""

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from cockpit.engine.commands import Abort, Skip, SolveTrouble

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Closed:
    """The driver goes away; the run stays as it is and can be resumed."""


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision of the plan ends the run, with its words."""

    reason: str


Interruption = Abort | Skip | Closed | Decided


class Interrupted(Exception):
    """The work in hand was given up; `by` says for what (`SolveTrouble`: abort, chosen at a trouble prompt)."""

    def __init__(self, by: Interruption | SolveTrouble) -> None:
        super().__init__(type(by).__name__)
        self.by = by


class Brakes:
    """The brakes of one driven run."""

    def __init__(self) -> None:
        self._paused = False
        self._everything: Abort | Closed | None = None
        self._nothing_new: Abort | Decided | None = None
        self._one: dict[str, Interruption] = {}
        self._in_flight: dict[str, asyncio.Event] = {}
        self._changed = asyncio.Event()

    def pause(self) -> None:
        """Let no further step begin until `go_on`."""
        self._paused = True

    def go_on(self) -> None:
        """End the pause."""
        self._paused = False
        self._tell()

    def give_up(self, step: str, interruption: Interruption) -> None:
        """Give up the work on one step."""
        self._one[step] = interruption
        self._tell()

    def give_up_all(self, by: Abort | Closed) -> None:
        """Give up every step in hand, and begin none. Going away is final; an abort takes an earlier one's place."""
        if not self.is_closed:
            self._everything = by
        self._tell()

    def begin_nothing_new(self, by: Abort | Decided) -> None:
        """Let every step in hand come to its end, unless it has something to ask (`before_asking`); begin none."""
        self._nothing_new = by
        self._tell()

    def begin_undo(self) -> None:
        """Be free again for taking steps back; going away stays."""
        self._nothing_new = None
        self._one.clear()
        if not self.is_closed:
            self._everything = None

    @property
    def is_closed(self) -> bool:
        """Tell whether the driver goes away."""
        return isinstance(self._everything, Closed)

    async def before_beginning(self) -> None:
        """Wait until another step may begin: while the run is paused, none does.

        Raises:
            Interrupted: none will begin any more.
        """
        while self._paused and not (self._everything or self._nothing_new):
            await self._changed.wait()
        if by := self._everything or self._nothing_new:
            raise Interrupted(by)

    def before_asking(self, step: str) -> None:
        """Give up a step that has something to ask while nothing new begins.

        Raises:
            asyncio.CancelledError: its work is given up.
        """
        if self._nothing_new is not None:
            self.give_up(step, self._nothing_new)
        self.check(step)

    def check(self, step: str) -> None:
        """Refuse to go on with a step whose work is given up.

        Raises:
            asyncio.CancelledError: it is.
        """
        if self._by(step) is not None:
            raise asyncio.CancelledError

    def release(self, step: str) -> None:
        """Forget what was said of a step: its attempt has ended."""
        self._one.pop(step, None)

    @contextmanager
    def call_in_flight(self, step: str) -> Iterator[None]:
        """Mark the time in which a mutation of a step is under way: its end is waited for whatever is commanded."""
        landed = self._in_flight[step] = asyncio.Event()
        try:
            yield
        finally:
            del self._in_flight[step]
            landed.set()

    async def interruptible(self, step: str, work: Coroutine[Any, Any, T]) -> T:
        """Await work on a step, but give it up when that is said; a call in flight is waited for first.

        Raises:
            Interrupted: the work was given up.
        """
        task = asyncio.ensure_future(work)
        given_up = asyncio.ensure_future(self._given_up(step))
        try:
            await asyncio.wait({task, given_up}, return_when=asyncio.FIRST_COMPLETED)
            if not task.done():
                if (landed := self._in_flight.get(step)) is not None:
                    await landed.wait()
                task.cancel()
                await asyncio.wait({task})
        finally:
            given_up.cancel()
            task.cancel()
        if not task.cancelled():
            return task.result()
        by = self._by(step)
        if by is None:
            raise asyncio.CancelledError
        self.release(step)
        raise Interrupted(by)

    async def _given_up(self, step: str) -> None:
        while self._by(step) is None:
            await self._changed.wait()

    def _by(self, step: str) -> Interruption | None:
        """Return what gives up the work on a step; None if nothing does."""
        return self._everything or self._one.get(step)

    def _tell(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()
