"""Reading a journal: as far as its hash chain holds, with every problem named. Changes nothing."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError

from cockpit.engine.canonical import FIRST, canonical, is_whole
from cockpit.engine.errors import JournalError
from cockpit.engine.fold import fold
from cockpit.engine.records import FORMAT, KINDS, Entry
from cockpit.engine.state import RunState
from cockpit.model.text import clean

JOURNAL = "journal.jsonl"

ProblemKind = Literal["torn", "edited", "gap", "newer", "unreadable", "impossible"]


@dataclass(frozen=True, slots=True)
class JournalProblem:
    """Something wrong with a journal: the line (from 1) where it shows, and words for people.

    ``torn``: the last line is unfinished, as after a crash; nothing that counted is lost. All others stop the reading
    there and refuse to drive: ``edited`` (a hash does not fit), ``gap`` (entries are missing), ``newer`` (a later
    version of the cockpit wrote it), ``unreadable`` (no entry), ``impossible`` (no run can have written this order).
    """

    line: int
    kind: ProblemKind
    words: str

    @property
    def is_torn(self) -> bool:
        """Tell whether this is only the unfinished last line that a crash leaves."""
        return self.kind == "torn"


@dataclass(frozen=True, slots=True)
class ReadResult:
    """A journal as far as it can be believed.

    Attributes:
        entries: the entries before the first problem.
        state: the run after them; None if there is no entry.
        size: bytes that these entries take.
    """

    entries: tuple[Entry, ...]
    state: RunState | None
    problems: tuple[JournalProblem, ...]
    size: int

    @property
    def is_whole(self) -> bool:
        """Tell whether the journal verifies: not one problem, not even a torn line."""
        return not self.problems


def read_journal(path: Path) -> ReadResult:
    """Read and verify a journal.

    Raises:
        JournalError: the file cannot be read at all.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise JournalError(f"{path} cannot be read: {error.strerror or error}.") from error
    reader = JournalReader()
    return reader.feed(data, at_end=True)


class JournalReader:
    """Reads a journal piece by piece, as an observer of a growing file does."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []
        self._state: RunState | None = None
        self._problem: JournalProblem | None = None
        self._rest = b""
        self._size = 0

    def feed(self, data: bytes, *, at_end: bool = False) -> ReadResult:
        """Take in further bytes and return all that is known so far; `at_end` reports an unfinished line as torn."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            if self._problem is None:
                self._take(line)
        problems = (self._problem,) if self._problem else ()
        if at_end and self._rest and not self._problem:
            words = f"The last line (number {len(self._entries) + 1}) is unfinished: it never counted."
            problems = (JournalProblem(len(self._entries) + 1, "torn", words),)
        elif at_end and not self._entries and not problems:
            problems = (JournalProblem(1, "unreadable", "The journal is empty: its run never began."),)
        return ReadResult(tuple(self._entries), self._state, problems, self._size)

    def _take(self, line: bytes) -> None:
        result = self._checked(line)
        if isinstance(result, Entry):
            try:
                self._state = fold(self._state, result)
            except (JournalError, ValidationError) as error:
                result = self._bad("impossible", str(error) if isinstance(error, JournalError) else "its plan is none")
        if isinstance(result, JournalProblem):
            self._problem = result
            return
        self._entries.append(result)
        self._size += len(line) + 1

    def _checked(self, line: bytes) -> Entry | JournalProblem:
        try:
            parsed: Any = json.loads(line)
        except (ValueError, RecursionError):
            return self._bad("unreadable", "it is not JSON")
        if not isinstance(parsed, dict):
            return self._bad("unreadable", "it is no entry")
        problem = self._broken_chain(parsed, line)
        if problem is not None:
            return problem
        try:
            return Entry.model_validate(parsed)
        except ValidationError as error:
            kind = parsed["record"].get("kind") if isinstance(parsed.get("record"), dict) else None
            if isinstance(kind, str) and kind not in KINDS:
                why = f"it is a record of kind {clean(kind, 60)}, which this version of the cockpit does not know"
                return self._bad("newer", why)
            return self._bad("unreadable", f"it is not a record of this version ({error.error_count()} errors)")

    def _broken_chain(self, parsed: dict[str, Any], line: bytes) -> JournalProblem | None:
        if not is_whole(parsed) or canonical(parsed).encode() != line:
            return self._bad("edited", "it was changed after it was written (its hash does not fit)")
        if parsed.get("seq") != len(self._entries):
            return self._bad("gap", f"it has number {parsed.get('seq')}, expected {len(self._entries)}")
        if parsed.get("prev") != (self._entries[-1].hash if self._entries else FIRST):
            return self._bad("edited", "it does not follow from the line before (the hash chain is broken)")
        record = parsed.get("record")
        written_by = record.get("format", FORMAT) if isinstance(record, dict) else FORMAT
        if isinstance(written_by, int) and written_by > FORMAT:
            return self._bad("newer", f"it has format {written_by}; this version of the cockpit reads {FORMAT}")
        return None

    def _bad(self, kind: ProblemKind, why: str) -> JournalProblem:
        number = len(self._entries) + 1
        return JournalProblem(number, kind, f"Line {number} is the first bad one: {why}.")
