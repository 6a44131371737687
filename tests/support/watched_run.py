"""The newest run under a state folder, read as it grows."""

from pathlib import Path

from cockpit.engine.journal_reading import JOURNAL, JournalReader, ReadResult
from cockpit.engine.records import Entry
from cockpit.engine.state import RunState


class WatchedRun:
    """Reads on when told to. Half a line is left for the next time: a crash may leave one, which is cut off then."""

    def __init__(self, state_folder: Path) -> None:
        self._folder = state_folder
        self._offset = 0
        self._reader = JournalReader()
        self._found = ReadResult((), None, (), 0)
        self.path: Path | None = None

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Return the records read so far."""
        return self._found.entries

    @property
    def state(self) -> RunState | None:
        """Return the state after them; None if there is no run."""
        return self._found.state

    def read_on(self) -> None:
        """Take in what has been written since; begin anew if there is a newer run."""
        newest = max(self._folder.rglob(JOURNAL), key=lambda path: path.parent.name, default=None)
        if newest is None:
            return
        if newest != self.path:
            self.path, self._offset, self._reader = newest, 0, JournalReader()
        with newest.open("rb") as file:
            file.seek(self._offset)
            data = file.read()
        whole = data[: data.rfind(b"\n") + 1]
        self._offset += len(whole)
        self._found = self._reader.feed(whole)
