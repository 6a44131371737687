"""The one place where a driver adds records: onto the disk, into the state, out to the listeners, in this order."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from threading import Lock

from cockpit.engine.canonical import FIRST, next_entry
from cockpit.engine.errors import JournalError
from cockpit.engine.fold import fold
from cockpit.engine.handle import Listener
from cockpit.engine.journal import Journal
from cockpit.engine.record_secrets import without_secret_values
from cockpit.engine.records import ClockSetBack, Entry, Record
from cockpit.engine.state import RunState
from cockpit.model.clock import Clock

_LOGGER = logging.getLogger(__name__)
_NOTICED = 2.0  # seconds: less is the ordinary steering of a clock


class RunLog:
    """Records of one run. `append` belongs to the engine's thread; everything else may be called from any thread."""

    def __init__(
        self, journal: Journal, driver: str, clock: Clock, entries: Sequence[Entry] = (), state: RunState | None = None
    ) -> None:
        self._journal = journal
        self._driver = driver
        self._clock = clock
        self._entries = list(entries)
        self._state = state
        self._listeners: list[Listener] = []
        self._lock = Lock()

    @property
    def clock(self) -> Clock:
        """Return the run's clock."""
        return self._clock

    @property
    def folder(self) -> Path:
        """Return the run's folder."""
        return self._journal.folder

    def append(self, record: Record) -> RunState:
        """Bring a record to disk and return the state after it.

        A clock that was set back, or that has caught up since, gets a record of its own before it. What has the form of
        a secret is not kept.

        Raises:
            JournalError: it is not on disk (the state is as before), or it cannot stand here.
        """
        behind = self._clock_behind()
        if behind is not None:
            self._append(ClockSetBack(seconds=behind))
        return self._append(record)

    def _append(self, record: Record) -> RunState:
        last = self._entries[-1] if self._entries else None
        entry = next_entry(
            without_secret_values(record),
            seq=last.seq + 1 if last else 0,
            at=self._time_after(last.at if last else None),
            driver=self._driver,
            prev=last.hash if last else FIRST,
        )
        state = fold(self._state, entry)
        self._journal.append(entry)
        with self._lock:
            self._entries.append(entry)
            self._state = state
            listeners = tuple(self._listeners)
        for listener in listeners:
            try:
                listener(entry, state)
            except Exception:  # a face that stumbles must not stop a recovery
                _LOGGER.warning("A listener failed on record %s", entry.seq, exc_info=True)
        return state

    def state(self) -> RunState:
        """Return the state after the latest record.

        Raises:
            JournalError: there is no record yet.
        """
        state = self._state
        if state is None:
            raise JournalError("The run has no record yet.")
        return state

    def entries(self) -> tuple[Entry, ...]:
        """Return all records so far."""
        with self._lock:
            return tuple(self._entries)

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` after every further record, from the engine's thread. Returns the way out."""
        with self._lock:
            self._listeners.append(listener)

        def leave() -> None:
            with self._lock:
                if listener in self._listeners:
                    self._listeners.remove(listener)

        return leave

    def close(self) -> None:
        """Give the journal free for another driver."""
        self._journal.close()

    def _clock_behind(self) -> float | None:
        """Return by how many seconds the clock was newly set back, 0 if it has caught up; None if nothing changed."""
        if self._state is None or self._state.ended:
            return None
        behind = (self._entries[-1].at - self._clock.now()).total_seconds()
        known = self._state.clock_behind.total_seconds()
        if behind > known + _NOTICED:
            return behind
        return 0.0 if known and behind <= 0 else None

    def _time_after(self, last: datetime | None) -> datetime:
        # A clock that was set back must not make the story run backwards.
        now = self._clock.now()
        return now if last is None else max(now, last)
