"""Where the program is killed: one cell of the matrix each."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from cockpit.engine.records import Entry, Intent


@dataclass(frozen=True, slots=True)
class AtRecord:
    """Killed the moment record `seq` is on disk."""

    seq: int

    @property
    def name(self) -> str:
        """Return the cell's name within its subject."""
        return f"record-{self.seq:03}"


@dataclass(frozen=True, slots=True)
class InCall:
    """Killed while the nth call of an operation has arrived at the endpoint and is not answered.

    Attributes:
        effect: ``after``: it took effect and the answer is lost; ``before``: it never takes effect.
    """

    service: str
    operation: str
    nth: int
    effect: Literal["before", "after"]

    @property
    def name(self) -> str:
        """Return the cell's name within its subject."""
        return f"call-{self.service}:{self.operation}-{self.nth}-{self.effect}"


Cell = AtRecord | InCall


def calls_of(entries: Sequence[Entry]) -> list[tuple[str, str, int]]:
    """Return every mutation that a run sent: service, operation, and the how manieth of that operation it was."""
    counted: Counter[tuple[str, str]] = Counter()
    found = []
    for entry in entries:
        if isinstance(entry.record, Intent):
            operation = (entry.record.service, entry.record.operation)
            counted[operation] += 1
            found.append((*operation, counted[operation]))
    return found


def all_cells(records: int, calls: Sequence[tuple[str, str, int]]) -> list[Cell]:
    """Return every cell for a run of that many records and those calls: calls first, they are the heart of it."""
    inside = [InCall(*call, effect) for call in calls for effect in ("after", "before")]
    return [*inside, *(AtRecord(seq) for seq in range(records))]
