"""The runs on this machine, found in a folder of runs. Reads journals, changes nothing."""

from dataclasses import dataclass
from pathlib import Path

from cockpit.engine.context import run_context
from cockpit.engine.errors import JournalError
from cockpit.engine.journal import is_driven
from cockpit.engine.journal_reading import JOURNAL, JournalProblem, read_journal
from cockpit.engine.state import RunState
from cockpit.model.scope import Scope
from cockpit.model.text import clean
from cockpit.plans.expressions import ExpressionError, resolve

_TAIL = 65_536
_ENDED = b'"kind":"run_ended"'  # inside a text of a record the quotation marks would be escaped
_TAKEN_UP_AGAIN = b'"kind":"restoring_halted"'


@dataclass(frozen=True, slots=True)
class FoundRun:
    """One run's folder as found.

    Attributes:
        path: the folder.
        state: the run as far as its journal can be believed; None if not even its first record can.
        problems: what is wrong with the journal; a torn last line alone does no harm.
        driven: some process drives it now.
    """

    path: Path
    state: RunState | None
    problems: tuple[JournalProblem, ...]
    driven: bool

    @property
    def run_id(self) -> str:
        """Return the run's id, which is its folder's name."""
        return self.path.name

    @property
    def can_resume(self) -> bool:
        """Tell whether it can be taken up: begun, not ended, not driven, journal sound."""
        sound = all(problem.is_torn for problem in self.problems)
        return sound and not self.driven and self.state is not None and self.state.begun and not self.state.ended


def run_paths(folder: Path) -> tuple[Path, ...]:
    """Return the folders of the runs in a folder of runs, newest first; none if there is no such folder."""
    if not folder.is_dir():
        return ()
    return tuple(
        sorted((path.parent for path in folder.glob(f"*/{JOURNAL}")), key=lambda path: path.name, reverse=True)
    )


def runs_in(folder: Path) -> tuple[FoundRun, ...]:
    """Return the runs in a folder of runs, newest first, each read in full."""
    return tuple(find_run(path) for path in run_paths(folder))


def find_run(path: Path) -> FoundRun:
    """Read one run's folder. A journal that cannot be read at all is a problem of the run, not an error."""
    try:
        found = read_journal(path / JOURNAL)
    except JournalError as error:
        return FoundRun(path, None, (JournalProblem(1, "unreadable", str(error)),), is_driven(path))
    return FoundRun(path, found.state, found.problems, is_driven(path))


def held_locks(folder: Path, scope: Scope, except_run: str = "") -> dict[str, str]:
    """Return the locks of live runs in that account and region that have not ended, with words for who holds each."""
    held: dict[str, str] = {}
    for path in _runs_that_may_be_open(folder):
        if path.name == except_run:
            continue
        run = find_run(path)
        state = run.state
        if state is None or state.ended or state.mode == "dry":
            continue
        if not state.begun and not run.driven:
            continue  # cut off before it began: it did nothing, and nobody can resume or abort it
        if (state.scope.account, state.scope.region) != (scope.account, scope.region):
            continue  # things of the same name elsewhere are other things
        for name in locks_of(state):
            held.setdefault(name, f"run {path.name} of {state.operator}")
    return held


def locks_of(state: RunState) -> tuple[str, ...]:
    """Return the names of what a run works on and no other may; one that has no value yet is left out."""
    names = []
    for lock in state.plan.locks:
        try:
            names.append(clean(resolve(lock, run_context(state, state.last_at))))
        except ExpressionError:
            continue
    return tuple(names)


def _runs_that_may_be_open(folder: Path) -> list[Path]:
    """Return the runs whose journal's end does not show that they have ended: most need not be read in full."""
    found = []
    for journal in sorted(folder.glob(f"*/{JOURNAL}")):
        try:
            with journal.open("rb") as file:
                file.seek(max(0, journal.stat().st_size - _TAIL))
                tail = file.read()
            ended = tail.rfind(_ENDED) > tail.rfind(_TAKEN_UP_AGAIN)
        except OSError:
            ended = False
        if not ended:
            found.append(journal.parent)
    return found
