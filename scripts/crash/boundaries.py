"""The places between two records: what a run can be killed after, told apart by what they are, not by their number."""

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cockpit.engine import records as r
from cockpit.engine.records import Entry, Record

Place = tuple[str, str, str]
"""Step (empty: none, or the preflight), kind of record, and what else tells such records apart."""


@dataclass(frozen=True, slots=True)
class Boundary:
    """The moment at which the `nth` record of a kind in a step is on disk.

    Attributes:
        detail: which of the records of that kind: a check's id, a value's name, the number of a call, what is observed.
    """

    step: str
    kind: str
    detail: str
    nth: int

    @property
    def place(self) -> Place:
        """Return what it has in common with those of other numbers."""
        return self.step, self.kind, self.detail

    @property
    def name(self) -> str:
        """Return it in words: ``stop_fleet intent 0``, ``redirect observed appconfig:GetDeployment (2)``."""
        words = " ".join(word for word in (self.step, self.kind, self.detail) if word)
        return words if self.nth == 1 else f"{words} ({self.nth})"


def place_of(record: Record) -> Place:
    """Return where a record stands."""
    step = str(getattr(record, "step", ""))
    if isinstance(record, r.Prompted):
        return step, record.kind, record.prompt.kind
    for member in ("id", "name", "what", "call", "choice"):
        if member in type(record).model_fields:
            return step, record.kind, str(getattr(record, member))
    return step, record.kind, ""


def boundaries_of(entries: Iterable[Entry], since: str = "") -> list[Boundary]:
    """Return every boundary of a run in order; with `since` only those from the first record of that kind on."""
    counted: Counter[Place] = Counter()
    found: list[Boundary] = []
    begun = not since
    for entry in entries:
        place = place_of(entry.record)
        counted[place] += 1
        begun = begun or entry.record.kind == since
        if begun:
            found.append(Boundary(*place, counted[place]))
    return found


class Pending:
    """Boundaries that a chain has still to be killed at: tells for every record whether this is the next one.

    Steps are apart from each other, because branches of a plan run in any order. Within a step the order counts: after
    a kill records come again that were there before, and must not be taken for later ones. Only readings, of which
    there are more or less each time, are never waited for.
    """

    def __init__(self, targets: Sequence[Boundary], so_far: Iterable[Entry] = ()) -> None:
        self._counted: Counter[Place] = Counter(place_of(entry.record) for entry in so_far)
        self._by_step: defaultdict[str, deque[Boundary]] = defaultdict(deque)
        for target in targets:
            self._by_step[target.step].append(target)

    def reached(self, record: Record) -> Boundary | None:
        """Count a record that has just come to disk; return the boundary that it makes, if that is wanted."""
        place = place_of(record)
        self._counted[place] += 1
        targets = self._by_step[place[0]]
        for target in targets:
            if target.place == place and self._counted[place] >= target.nth:
                return target
            if target.kind != r.Observed.model_fields["kind"].default and place[0]:
                return None
        return None
