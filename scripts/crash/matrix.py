"""Runs cells side by side and keeps what each came to, so that a matrix that was cut short goes on where it stood."""

import json
import random
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from itertools import chain, zip_longest
from pathlib import Path

from cockpit.engine import records as r
from crash.cells import Cell, InCall, all_cells, calls_of
from crash.journey import Journey, travel
from crash.subjects import Subject
from crash.verdicts import Passing, Undisturbed, arrivals, effects, failures, halted, outcomes

# In both plans that deploy; nothing else in them passes by itself.
PASSING = Passing("end_faulty_tasks", "codedeploy:ContinueDeployment")

Told = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class CellResult:
    """What one cell came to.

    Attributes:
        died_at: kind and step of the last record on disk; empty if the run ended before the cell's record came.
        failures: sentences; none if all is well.
        unknown: verdicts of the reconciliations, ``happened by aws`` and so on, with their number.
        seconds: real ones.
    """

    subject: str
    cell: str
    died_at: str
    failures: list[str]
    unknown: dict[str, int] = field(default_factory=dict)
    anew: bool = False
    seconds: float = 0.0


class Matrix:
    """A matrix over some subjects, kept in a folder. `story` is the seed of the simulated outages."""

    def __init__(self, subjects: Sequence[Subject], folder: Path, story: int, told: Told) -> None:
        self._subjects = subjects
        self._folder = folder
        self._story = story
        self._told = told
        self._lock = threading.Lock()
        self._undisturbed: dict[str, Undisturbed] = {}
        self.results: list[CellResult] = []
        folder.mkdir(parents=True, exist_ok=True)
        kept = folder / "cells.jsonl"
        if kept.exists():
            self.results = [CellResult(**json.loads(line)) for line in kept.read_text().splitlines()]

    @property
    def undisturbed(self) -> dict[str, Undisturbed]:
        """Return what undisturbed runs came to, by subject."""
        return self._undisturbed

    def learn(self, parallel: int) -> None:
        """Run every subject undisturbed, unless that was done before.

        Raises:
            RuntimeError: an undisturbed run does not stand the judgement itself.
        """
        with ThreadPoolExecutor(parallel) as pool:
            self._undisturbed = dict(
                zip((each.name for each in self._subjects), pool.map(self._learned, self._subjects), strict=True)
            )

    def cells(self) -> list[tuple[Subject, Cell]]:
        """Return every cell: inside of calls first, then the records in an order that makes any beginning a sample."""
        every = [(subject, cell) for subject in self._subjects for cell in self._cells_of(subject)]
        between = [each for each in every if not isinstance(each[1], InCall)]
        random.Random(0).shuffle(between)  # noqa: S311 - a sample, not a secret
        return [each for each in every if isinstance(each[1], InCall)] + between

    def sample(self, number: int, seed: int) -> list[tuple[Subject, Cell]]:
        """Return some cells, as many of every subject, inside of calls and at records in turn; by the seed alone."""
        chance = random.Random(seed)  # noqa: S311 - a sample, not a secret
        piles = [[(subject, cell) for cell in _mixed(self._cells_of(subject), chance)] for subject in self._subjects]
        rounds = zip_longest(*piles)
        return [each for each in chain.from_iterable(rounds) if each is not None][:number]

    def _cells_of(self, subject: Subject) -> list[Cell]:
        learned = self._undisturbed[subject.name]
        return all_cells(learned.records, learned.calls)

    def run(self, cells: Iterable[tuple[Subject, Cell]], parallel: int) -> list[CellResult]:
        """Run the cells that have not passed yet; return the results of all of them."""
        wanted = list(cells)
        passed = {(each.subject, each.cell) for each in self.results if not each.failures}
        with ThreadPoolExecutor(parallel) as pool:
            for subject, cell in wanted:
                if (subject.name, cell.name) not in passed:
                    pool.submit(self._run_and_keep, subject, cell)
        latest = {(each.subject, each.cell): each for each in self.results}
        return [latest[subject.name, cell.name] for subject, cell in wanted if (subject.name, cell.name) in latest]

    def _learned(self, subject: Subject) -> Undisturbed:
        kept = self._folder / f"undisturbed-{subject.name}.json"
        if kept.exists():
            found = json.loads(kept.read_text())
            return Undisturbed(**{**found, "calls": [tuple(call) for call in found["calls"]]})
        with tempfile.TemporaryDirectory(prefix="crash-") as folder:
            journey = travel(subject, None, self._story, Path(folder))
        if wrong := failures(journey, None, None):
            raise RuntimeError(f"{subject.name}, undisturbed: " + "; ".join(wrong))
        entries = journey.finished.entries if journey.finished else ()
        learned = Undisturbed(
            len(entries), arrivals(journey), effects(journey), outcomes(journey), halted(journey), calls_of(entries)
        )
        kept.write_text(json.dumps(asdict(learned), indent=1))
        self._told(f"{subject.name}: undisturbed {len(entries)} records, {len(learned.calls)} calls")
        return learned

    def _run_and_keep(self, subject: Subject, cell: Cell) -> None:
        folder = Path(tempfile.mkdtemp(prefix="crash-"))
        try:
            journey = travel(subject, cell, self._story, folder)
            result = _result(subject, cell, journey, self._undisturbed[subject.name])
        except Exception as error:  # noqa: BLE001 - whatever breaks is this cell's failure, not the end of the matrix
            result = CellResult(subject.name, cell.name, "", [f"{type(error).__name__}: {error}"])
            journey = Journey()
        with self._lock:
            self.results.append(result)
            with (self._folder / "cells.jsonl").open("a") as kept:
                kept.write(json.dumps(asdict(result)) + "\n")
        if result.failures:
            self._keep_failure(result, journey, folder)
        shutil.rmtree(folder, ignore_errors=True)
        words = "; ".join(each[:300] for each in result.failures) or "ok"
        self._told(f"{subject.name} {cell.name} ({result.died_at or 'not reached'}), {result.seconds:.0f} s: {words}")

    def _keep_failure(self, result: CellResult, journey: Journey, folder: Path) -> None:
        kept = self._folder / "failed" / f"{result.subject}-{result.cell}".replace(":", "-")
        shutil.rmtree(kept, ignore_errors=True)
        shutil.copytree(folder, kept)
        (kept / "shown.txt").write_text("\n".join(journey.shown))
        (kept / "failures.txt").write_text("\n".join(result.failures))


def _mixed(cells: list[Cell], chance: random.Random) -> list[Cell]:
    """Return all cells shuffled, one inside of a call and one at a record in turn."""
    inside = [cell for cell in cells if isinstance(cell, InCall)]
    between = [cell for cell in cells if not isinstance(cell, InCall)]
    chance.shuffle(inside)
    chance.shuffle(between)
    return [cell for cell in chain.from_iterable(zip_longest(inside, between)) if cell is not None]


def _result(subject: Subject, cell: Cell, journey: Journey, undisturbed: Undisturbed) -> CellResult:
    died_at = ""
    if journey.code < 0 and journey.at_death and journey.at_death.entries:
        record = journey.at_death.entries[-1].record
        died_at = f"{record.kind} {getattr(record, 'step', '')}".strip()
    unknown: dict[str, int] = {}
    for entry in journey.finished.entries if journey.finished else ():
        if isinstance(entry.record, r.Reconciled):
            words = f"{entry.record.verdict} by {entry.record.by}"
            unknown[words] = unknown.get(words, 0) + 1
    wrong = failures(journey, cell, undisturbed, PASSING)
    return CellResult(subject.name, cell.name, died_at, wrong, unknown, journey.anew, round(journey.seconds, 1))
