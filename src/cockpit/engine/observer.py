"""Watching a run that another process drives: the same handle, read-only, fed from the growing journal."""

import logging
from collections.abc import Callable
from os import SEEK_END
from pathlib import Path
from threading import Event, Lock, Thread

from cockpit.engine.commands import Command
from cockpit.engine.errors import JournalError
from cockpit.engine.fold import fold
from cockpit.engine.handle import Listener
from cockpit.engine.journal import is_driven
from cockpit.engine.journal_reading import JOURNAL, JournalReader
from cockpit.engine.records import Entry
from cockpit.engine.state import RunState

EVERY = 0.5
"""Real seconds between two looks at the file."""

_LOGGER = logging.getLogger(__name__)


class FollowedRun:
    """`RunHandle` of an observer. Commands are ignored: only the driver takes any."""

    def __init__(self, path: Path) -> None:
        self._file = path / JOURNAL
        self._reader = JournalReader()
        self._offset = 0
        self._entries: tuple[Entry, ...] = ()
        self._state: RunState | None = None
        self._problem = ""
        self._listeners: list[Listener] = []
        self._lock = Lock()
        self._closed = Event()
        self._thread = Thread(target=self._follow, name="cockpit-observer", daemon=True)
        self._read_on()
        self.state()
        self._thread.start()

    @property
    def run_id(self) -> str:
        """Return the run's id."""
        return self.state().run_id

    @property
    def folder(self) -> Path:
        """Return the run's folder."""
        return self._file.parent

    @property
    def problem(self) -> str:
        """Return what is wrong with the journal, so that nothing further is shown; empty if it can be read on."""
        return self._problem

    def state(self) -> RunState:
        """Return the state after the latest record seen."""
        state = self._state
        if state is None:
            raise JournalError(self._problem or f"There is no run in {self.folder} yet.")
        return state

    def entries(self) -> tuple[Entry, ...]:
        """Return all records seen so far."""
        return self._entries

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` from the observer's thread after every further record."""
        with self._lock:
            self._listeners.append(listener)

        def leave() -> None:
            with self._lock:
                if listener in self._listeners:
                    self._listeners.remove(listener)

        return leave

    def send(self, command: Command) -> None:
        """Do nothing: an observer gives no commands."""

    def is_driven(self) -> bool:
        """Tell whether some process drives the run now."""
        return is_driven(self.folder)

    def stopped(self) -> str:
        """Return why no command is taken here."""
        if self._problem or self.state().ended:
            return self._problem or f"The run has ended: {self.state().ended}."
        if not self.is_driven():
            to = self.state().handed_to
            handed = f"It was handed over to {to}, who has not taken it up yet. " if to else ""
            return f"Nobody drives this run now. {handed}Take it up with: cockpit runs resume {self.run_id}"
        return "Watching only: another process drives this run."

    def close(self) -> None:
        """Stop watching."""
        self._closed.set()
        self._thread.join(EVERY * 4)

    def _follow(self) -> None:
        while not self._closed.wait(EVERY) and not self._problem:
            self._read_on()

    def _read_on(self) -> None:
        try:
            with self._file.open("rb") as file:
                shrunk = file.seek(0, SEEK_END) < self._offset
                file.seek(self._offset)
                data = file.read()
        except OSError as error:
            self._problem = f"{self._file} cannot be read: {error.strerror or error}."
            return
        if shrunk:
            self._problem = f"{self._file} became shorter: records that were there have been taken out of it."
            return
        # An unfinished line is left for the next look: a driver takes back what it could not write whole.
        data = data[: data.rfind(b"\n") + 1]
        self._offset += len(data)
        known = len(self._entries)
        result = self._reader.feed(data)
        for entry in result.entries[known:]:
            self._add(entry)
        if result.problems:
            self._problem = result.problems[0].words

    def _add(self, entry: Entry) -> None:
        state = fold(self._state, entry)
        with self._lock:
            self._state, self._entries = state, (*self._entries, entry)
            listeners = tuple(self._listeners)
        for listener in listeners:
            try:
                listener(entry, state)
            except Exception:  # a face that stumbles must not end the watching
                _LOGGER.warning("A listener failed on record %s", entry.seq, exc_info=True)


def follow_run(path: Path) -> FollowedRun:
    """Watch the run in a folder.

    Raises:
        JournalError: there is no readable run in it.
    """
    return FollowedRun(path)
