"""The handle of a run that this process drives."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from pathlib import Path
from threading import Event

from cockpit.engine.commands import Command
from cockpit.engine.desk import Desk
from cockpit.engine.engine_thread import EngineThread
from cockpit.engine.errors import EngineError, JournalError
from cockpit.engine.handle import Listener
from cockpit.engine.records import Entry
from cockpit.engine.run_log import RunLog
from cockpit.engine.state import RunState

_LOGGER = logging.getLogger(__name__)


class DrivenRun:
    """`RunHandle` of a driven run. Everything may be called from any thread."""

    def __init__(self, thread: EngineThread, log: RunLog, desk: Desk, cleanup: Callable[[], Awaitable[None]]) -> None:
        self._thread = thread
        self._log = log
        self._desk = desk
        self._cleanup = cleanup
        self._stopped = ""
        self._over = Event()

    @property
    def run_id(self) -> str:
        """Return the run's id."""
        return self._log.state().run_id

    @property
    def folder(self) -> Path:
        """Return the run's folder."""
        return self._log.folder

    def state(self) -> RunState:
        """Return the state after the latest record."""
        return self._log.state()

    def entries(self) -> tuple[Entry, ...]:
        """Return all records so far."""
        return self._log.entries()

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` from the engine's thread after every record."""
        return self._log.subscribe(listener)

    def send(self, command: Command) -> None:
        """Hand a command to the engine."""
        self._thread.call(self._take, command)

    def stopped(self) -> str:
        """Return why nobody drives the run here any more; empty if it is driven."""
        return self._stopped

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until the run is not driven here any more; False if `timeout` real seconds passed first."""
        return self._over.wait(timeout)

    def close(self) -> None:
        """Stop driving. A call in flight is waited for, so that its answer is journaled; then the lock is given up."""
        self._thread.call(self._desk.close)
        self._over.wait(60)
        self._thread.stop()

    def begin(self, run: Awaitable[None]) -> None:
        """Drive: called once, by whoever made this handle."""
        future: Future[None] = self._thread.submit(self._drive(run))
        future.add_done_callback(lambda _done: self._over.set())

    def _take(self, command: Command) -> None:
        try:
            self._desk.take(command)
        except EngineError as error:
            self._give_up(str(error))

    async def _drive(self, run: Awaitable[None]) -> None:
        try:
            await run
            self._stopped = self._stopped or self._standing()
        except JournalError as error:
            self._stopped = f"{error} Nothing more is sent. Resume the run when this is mended."
        except asyncio.CancelledError:
            self._stopped = self._stopped or self._standing()
        except Exception as error:  # a fault of the engine itself must be seen, not lost in a thread
            _LOGGER.exception("The engine failed")
            self._stopped = f"The engine failed: {type(error).__name__}: {error}. Nothing more is sent."
        finally:
            await self._cleanup()
            self._log.close()

    def _standing(self) -> str:
        state = self._log.state()
        if state.ended:
            return f"The run has ended: {state.ended}."
        if state.handed_to:
            return f"Handed over to {state.handed_to}: from here the run is only watched."
        return "Closed; it can be resumed."

    def _give_up(self, why: str) -> None:
        self._stopped = f"{why} Nothing more is sent. Resume the run when this is mended."
        self._desk.close()
