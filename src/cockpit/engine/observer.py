"""Watching a run that another process drives: the same handle, read-only, fed from the growing journal."""

from collections.abc import Callable
from pathlib import Path
from threading import Event, Lock, Thread

from cockpit.engine.commands import Command
from cockpit.engine.errors import JournalError
from cockpit.engine.fold import fold
from cockpit.engine.handle import Listener
from cockpit.engine.journal_reading import JOURNAL, JournalReader
from cockpit.engine.records import Entry
from cockpit.engine.state import RunState

EVERY = 0.5
"""Real seconds between two looks at the file."""


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

    def state(self) -> RunState:
        """Return the state after the latest record seen."""
        state = self._state
        if state is None:
            raise JournalError(self._problem or f"There is no run in {self._file.parent} yet.")
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

    def stopped(self) -> str:
        """Return why no command is taken here."""
        return self._problem or "Watching only: another process drives this run."

    def close(self) -> None:
        """Stop watching."""
        self._closed.set()
        self._thread.join(EVERY * 4)

    def _follow(self) -> None:
        while not self._closed.wait(EVERY):
            self._read_on()
            if self._problem or (self._state is not None and self._state.ended):
                return

    def _read_on(self) -> None:
        try:
            with self._file.open("rb") as file:
                file.seek(self._offset)
                data = file.read()
        except OSError as error:
            self._problem = f"{self._file} cannot be read: {error.strerror or error}."
            return
        self._offset += len(data)
        known = len(self._entries)
        result = self._reader.feed(data)
        if result.problems:
            self._problem = result.problems[0].words
        for entry in result.entries[known:]:
            state = fold(self._state, entry)
            with self._lock:
                self._state, self._entries = state, (*self._entries, entry)
                listeners = tuple(self._listeners)
            for listener in listeners:
                listener(entry, state)


def follow_run(path: Path) -> FollowedRun:
    """Watch the run in a folder.

    Raises:
        JournalError: there is no readable run in it.
    """
    return FollowedRun(path)
