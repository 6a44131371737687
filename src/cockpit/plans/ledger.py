"""The ledger of procedures: every procedure of the source documents with its steps, and every error found in them.

It is Markdown. Read are headings ``### P: system/name (S0:111-130; S1:70-81)``, the rows of the tables below them
(``| 3 | words | S0:118 | … |``, ``| +1 | …``), and the entries ``* **E-05 words.** …`` with the lines they speak of.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cockpit.model.text import clean
from cockpit.plans.document import DocumentError, Problem

Line = tuple[str, int]
"""A line of a source document: ``("S0", 117)``."""

_HEADING = re.compile(r"### P: (\S+)(.*)")
_PROCEDURE = re.compile(r"[a-z0-9-]+/[a-z0-9-]+")
_ANY_HEADING = re.compile(r"#{1,6} ")
_ROW = re.compile(r"\|\s*(\+?\d+)\s*\|(.*)")
_HEAD = re.compile(r"\|\s*(#|:?-+:?)\s*\|")
_CELL = re.compile(r"(?<!\\)\|")
_LINES = re.compile(r"(S\d):(\d+(?:-\d+)?(?:,\s*\d+(?:-\d+)?(?!\d|:))*)")
_ENTRY = re.compile(r"\* \*\*(E-\d+)\b\s*(.*?)\*\*(.*)")
_ERROR = re.compile(r"E-\d+")
_CELLS = 4  # words, lines, action, implementation


@dataclass(frozen=True, slots=True)
class LedgerStep:
    """One row. `ref` is its number, ``3``, or ``+1`` if the ledger adds it; `lines` are those it comes from."""

    ref: str
    words: str
    lines: frozenset[Line]

    @property
    def is_added(self) -> bool:
        """Tell whether the source lacks the step."""
        return self.ref.startswith("+")


@dataclass(frozen=True, slots=True)
class LedgerProcedure:
    """One procedure.

    Attributes:
        lines: the source lines it stands in.
        errors: ids of the errors that its section names.
    """

    id: str
    lines: frozenset[Line]
    steps: tuple[LedgerStep, ...]
    errors: frozenset[str] = frozenset()

    @property
    def system(self) -> str:
        """Return the system it belongs to."""
        return self.id.partition("/")[0]


@dataclass(frozen=True, slots=True)
class LedgerError:
    """One error of the sources: its id, its title, and the lines it speaks of."""

    id: str
    title: str
    lines: frozenset[Line]


@dataclass(frozen=True, slots=True)
class Ledger:
    """The whole ledger, in its own order."""

    procedures: tuple[LedgerProcedure, ...]
    errors: tuple[LedgerError, ...]

    def errors_of(self, procedure: LedgerProcedure) -> tuple[LedgerError, ...]:
        """Return the errors that touch a procedure: it names them, or they speak of its lines."""
        return tuple(
            error for error in self.errors if error.id in procedure.errors or bool(error.lines & procedure.lines)
        )


def read_ledger(path: Path) -> Ledger:
    """Read a ledger.

    Raises:
        DocumentError: it cannot be read, or is no such ledger: every problem with its line and what was expected.
    """
    try:
        lines = path.read_text("utf-8").split("\n")
    except OSError as error:
        raise DocumentError((Problem(str(path), 0, 0, "", f"cannot be read: {error.strerror or error}"),)) from None
    except UnicodeDecodeError:
        raise DocumentError((Problem(str(path), 0, 0, "", "not UTF-8 text"),)) from None
    return _Reading(str(path)).read(lines)


def lines_in(text: str) -> frozenset[Line]:
    """Return the source lines that a text names: ``S0:111-130``, ``S1:53,58``."""
    return frozenset((match[1], line) for match in _LINES.finditer(text) for line in _numbers(match[2]))


def _numbers(text: str) -> Iterator[int]:
    for part in text.split(","):
        first, _, last = part.strip().partition("-")
        yield from range(int(first), int(last or first) + 1)


@dataclass(slots=True)
class _Section:
    """A procedure while its section is read."""

    line: int
    id: str
    lines: frozenset[Line]
    steps: list[LedgerStep] = field(default_factory=list)
    errors: set[str] = field(default_factory=set)

    def finished(self) -> LedgerProcedure:
        lines = self.lines.union(*(step.lines for step in self.steps))
        return LedgerProcedure(self.id, lines, tuple(self.steps), frozenset(self.errors))


class _Reading:
    """Reads line by line; collects what is wrong."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._sections: list[_Section] = []
        self._errors: dict[str, LedgerError] = {}
        self._problems: list[Problem] = []

    def read(self, lines: Sequence[str]) -> Ledger:
        section: _Section | None = None
        for number, line in enumerate(lines, 1):
            if _ANY_HEADING.match(line):
                section = self._heading(number, line)
            elif section is not None:
                self._within(section, number, line)
            self._entry(line)
        for each in self._sections:
            if not each.steps:
                self._wrong(each.line, f"{each.id} has no step: expected a table with rows `| 1 | words | S0:1 | … |`")
        if not self._sections:
            self._wrong(0, "no procedure: expected headings `### P: system/name (S0:1-20)`")
        if self._problems:
            raise DocumentError(tuple(sorted(self._problems, key=lambda problem: problem.line)))
        return Ledger(tuple(each.finished() for each in self._sections), tuple(self._errors.values()))

    def _heading(self, number: int, line: str) -> _Section | None:
        if not line.startswith("### P:"):
            return None
        match = _HEADING.match(line)
        if match is None or not _PROCEDURE.fullmatch(match[1]):
            self._wrong(number, "expected `### P: system/name (S0:1-20)`")
            return None
        section = _Section(number, match[1], lines_in(match[2]))
        if not section.lines:
            self._wrong(number, f"{section.id} names no source lines: expected them as (S0:111-130; S1:70-81)")
        first = next((each for each in self._sections if each.id == section.id), None)
        if first is not None:
            self._wrong(number, f"{section.id} stands here a second time; first on line {first.line}")
        self._sections.append(section)
        return section

    def _within(self, section: _Section, number: int, line: str) -> None:
        section.errors.update(_ERROR.findall(line))
        if not line.startswith("|"):
            return
        match = _ROW.match(line)
        if match is None:
            if not _HEAD.match(line):
                self._wrong(number, "expected a step row that begins with its number, `| 3 |` or `| +1 |`")
            return
        cells = [cell.strip() for cell in _CELL.split(match[2].rstrip().removesuffix("|"))]
        lines = lines_in(cells[1]) if len(cells) >= _CELLS else frozenset()
        if not lines:
            self._wrong(
                number, f"step {match[1]} of {section.id}: expected `| words | S0:118 | action | implementation |`"
            )
        elif any(step.ref == match[1] for step in section.steps):
            self._wrong(number, f"step {match[1]} of {section.id} stands here a second time")
        else:
            section.steps.append(
                LedgerStep(match[1], clean(cells[0].replace("\\|", "|").replace("**", ""), 300), lines)
            )

    def _entry(self, line: str) -> None:
        match = _ENTRY.match(line)
        if match is not None:
            title = clean(match[2].strip().rstrip("."), 200)
            self._errors.setdefault(match[1], LedgerError(match[1], title, lines_in(match[3])))

    def _wrong(self, line: int, words: str) -> None:
        self._problems.append(Problem(self._file, line, 1 if line else 0, "", words))
