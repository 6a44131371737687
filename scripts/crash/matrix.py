"""Runs chains side by side until every boundary and every call of every subject has been killed at."""

import multiprocessing
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import replace
from pathlib import Path

from crash.chains import AtRecords, Chain, in_calls, strides
from crash.results import ChainResult, Kept, kind_of
from crash.subjects import Subject
from crash.verdicts import Undisturbed
from crash.work import judge, learn

ROUNDS = 2
"""How often what was missed is tried once more: readings of a wait come more or less often from one run to the next."""

Told = Callable[[str], None]
Work = tuple[Subject, Chain]


class Matrix:
    """A matrix over some subjects, kept in a folder.

    Attributes:
        undisturbed: what is known of the subjects.
        unsound: those that do not come to their end, or not as they should, even if nobody kills them.
    """

    def __init__(
        self, subjects: Sequence[Subject], folder: Path, *, story: int, stride: int, blames: bool, told: Told
    ) -> None:
        """Prepare a matrix.

        Args:
            subjects: what it is made over.
            folder: where results are kept.
            story: seed of the simulated outages.
            stride: a chain kills at every so manyth boundary.
            blames: a chain that fails is halved until the kill that makes it fail is found.
            told: called with lines about what came out.
        """
        self._subjects = list(subjects)
        self._blames = blames
        self.unsound: list[str] = []
        self._kept = Kept(folder)
        self._story = story
        self._stride = stride
        self._told = told
        self.undisturbed: dict[str, Undisturbed] = {}

    def results(self) -> dict[str, list[ChainResult]]:
        """Return the latest results by subject."""
        return {subject.name: self._kept.of(subject) for subject in self._subjects}

    def run(self, parallel: int, only: str = "") -> bool:
        """Run all chains that have not passed yet, then what they missed; True if nothing is wrong.

        Args:
            parallel: processes.
            only: a regular expression for the names of chains; then nothing that was missed is tried again.
        """
        context = multiprocessing.get_context("spawn")  # each with one thread: they fork
        with ProcessPoolExecutor(parallel, mp_context=context) as pool:
            self._learn(pool)
            chains = [work for subject in self._subjects for work in self._chains_of(subject)]
            if only:
                self._judge(pool, (work for work in chains if re.search(only, work[1].name)))
            else:
                self._judge(pool, chains)
                for number in range(1, ROUNDS + 1):
                    self._judge(pool, list(self._missed(number)))
        latest = [result for results in self.results().values() for result in results]
        return bool(latest) and not self.unsound and not any(result.failures for result in latest)

    def _learn(self, pool: ProcessPoolExecutor) -> None:
        waiting: dict[str, Future[Undisturbed]] = {}
        for subject in self._subjects:
            known = self._kept.undisturbed(subject)
            if known is None:
                waiting[subject.name] = pool.submit(learn, subject.name, self._story)
            else:
                self.undisturbed[subject.name] = known
        for subject in [subject for subject in self._subjects if subject.name in waiting]:
            try:
                found = waiting[subject.name].result()
            except (AssertionError, LookupError, OSError, RuntimeError) as error:  # the other subjects are judged
                self._told(f"{subject.name}: undisturbed: FAILED: {str(error)[:600]}")
                self.unsound.append(subject.name)
                self._subjects.remove(subject)
                continue
            self._kept.learn(subject, found)
            self.undisturbed[subject.name] = found
            words = f"{len(found.boundaries)} boundaries, {len(found.calls)} calls, {found.seconds:.0f} s"
            self._told(f"{subject.name}: undisturbed, {words}")

    def _chains_of(self, subject: Subject) -> Iterator[Work]:
        known = self.undisturbed[subject.name]
        for chain in (*in_calls(known.calls), *strides(known.boundaries, self._stride)):
            yield subject, chain

    def _missed(self, number: int) -> Iterator[Work]:
        """Yield a chain of each kind over what no chain of a subject was killed at yet."""
        for subject in self._subjects:
            results, known = self._kept.of(subject), self.undisturbed[subject.name]
            hit = {(result.kind, name) for result in results for name in result.killed_at}
            left = tuple(each for each in known.boundaries if ("records", each.name) not in hit)
            if left:
                yield subject, AtRecords(f"records, missed {number}", left)
            for chain in in_calls(known.calls):
                kind = kind_of(chain)
                calls = tuple(each for each in known.calls if (kind, each.name) not in hit)
                if calls:
                    yield subject, replace(chain, name=f"{chain.name}, missed {number}", targets=calls)

    def _judge(self, pool: ProcessPoolExecutor, work: Iterable[Work]) -> None:
        waiting: dict[Future[ChainResult], Work] = {}
        for subject, chain in work:
            if not self._kept.has_passed(subject, chain):
                failed = self._kept.folder / "failed" / f"{subject.name}, {chain.name}"
                known = self.undisturbed[subject.name]
                given = (subject.name, chain, known, self._story, failed)
                waiting[pool.submit(judge, *given, blames=self._blames)] = (subject, chain)
        for done in as_completed(waiting):
            result = done.result()
            self._kept.add(result)
            self._tell(result)

    def _tell(self, result: ChainResult) -> None:
        words = f"{len(result.killed_at)} kills, {result.deaths} deaths, {len(result.missed)} missed"
        well = "" if result.failures else ": ok"
        self._told(f"{result.subject}: {result.chain}: {words}, {result.seconds:.0f} s{well}")
        for failure in result.failures:
            self._told(f"    {failure[:600]}")
        if result.culprits:
            self._told(f"    culprit: {'; '.join(result.culprits)[:300]}")
