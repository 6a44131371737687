"""What chains came to, and how that is kept so that a matrix that was cut short goes on where it stood."""

import json
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path

from cockpit.engine import records as r
from crash.boundaries import Boundary, boundaries_of
from crash.chains import Call, Chain, InCalls, calls_of
from crash.journey import Journey
from crash.subjects import Subject
from crash.verdicts import Undisturbed, arrivals, effects, halted, outcomes


@dataclass(frozen=True, slots=True)
class ChainResult:
    """What one chain came to.

    Attributes:
        kind: ``records``, or the way in which calls were cut off: ``before``, ``after``, ``relapse``.
        killed_at: names of the boundaries or calls at which it was killed; `deaths`: of all programs, relapses too.
        missed: names of those that did not come again in this run.
        failures: sentences; none if all is well.
        culprits: the kills that alone make it fail, or words for why none could be named.
        unknown: verdicts of the reconciliations, ``happened by aws`` and so on, with their number.
        seconds: real ones.
    """

    subject: str
    chain: str
    kind: str
    killed_at: list[str]
    missed: list[str]
    deaths: int
    failures: list[str]
    culprits: list[str] = field(default_factory=list)
    unknown: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0


def kind_of(chain: Chain) -> str:
    """Return the kind of a chain's result."""
    if not isinstance(chain, InCalls):
        return "records"
    return "relapse" if chain.relapses else chain.effect


def result_of(subject: Subject, chain: Chain, journey: Journey, failures: list[str]) -> ChainResult:
    """Sum up a journey."""
    killed_at = [place.name for place in journey.killed_at]
    unknown = Counter(
        f"{entry.record.verdict} by {entry.record.by}"
        for entry in journey.finished.entries
        if isinstance(entry.record, r.Reconciled)
    )
    return ChainResult(
        subject=subject.name,
        chain=chain.name,
        kind=kind_of(chain),
        killed_at=killed_at,
        missed=[target.name for target in chain.targets if target.name not in killed_at],
        deaths=len(journey.deaths),
        failures=failures,
        unknown=dict(unknown),
        seconds=round(journey.seconds, 1),
    )


def learned(subject: Subject, journey: Journey) -> Undisturbed:
    """Return what an undisturbed run tells."""
    entries = journey.finished.entries
    state = journey.finished.state
    return Undisturbed(
        boundaries=boundaries_of(entries, subject.since),
        calls=calls_of(entries, subject.since),
        arrivals=dict(arrivals(journey)),
        effects=dict(effects(journey)),
        outcomes=outcomes(journey),
        halted=halted(journey),
        result=state.ended if state else "",
        seconds=round(journey.seconds, 1),
    )


class Kept:
    """A folder with results. The latest of each chain counts."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._file = folder / "chains.jsonl"
        lines = self._file.read_text().splitlines() if self._file.exists() else []
        self._results = {
            (each.subject, each.chain): each for each in (ChainResult(**json.loads(line)) for line in lines)
        }

    def of(self, subject: Subject) -> list[ChainResult]:
        """Return the results of a subject."""
        return [result for (name, _), result in self._results.items() if name == subject.name]

    def has_passed(self, subject: Subject, chain: Chain) -> bool:
        """Tell whether a chain was run before and is well."""
        found = self._results.get((subject.name, chain.name))
        return found is not None and not found.failures

    def add(self, result: ChainResult) -> None:
        """Keep a result."""
        self._results[result.subject, result.chain] = result
        with self._file.open("a") as file:
            file.write(json.dumps(asdict(result)) + "\n")

    def undisturbed(self, subject: Subject) -> Undisturbed | None:
        """Return what was learned of a subject; None if nothing was yet."""
        path = self._undisturbed_path(subject)
        if not path.exists():
            return None
        found = json.loads(path.read_text())
        found["boundaries"] = [Boundary(**each) for each in found["boundaries"]]
        found["calls"] = [Call(**each) for each in found["calls"]]
        return Undisturbed(**found)

    def learn(self, subject: Subject, undisturbed: Undisturbed) -> None:
        """Keep what was learned."""
        self._undisturbed_path(subject).write_text(json.dumps(asdict(undisturbed), indent=1))

    def _undisturbed_path(self, subject: Subject) -> Path:
        return self.folder / f"undisturbed-{subject.name}.json"
