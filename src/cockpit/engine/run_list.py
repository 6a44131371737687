"""The runs on this machine, found in a folder of runs. Reads journals, changes nothing."""

from dataclasses import dataclass
from pathlib import Path

from cockpit.engine.context import run_context
from cockpit.engine.errors import JournalError
from cockpit.engine.journal import is_driven
from cockpit.engine.journal_reading import JOURNAL, JournalProblem, read_journal
from cockpit.engine.state import RunState
from cockpit.model.text import clean
from cockpit.plans.expressions import ExpressionError, resolve


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
        return sound and not self.driven and self.state is not None and not self.state.ended


def runs_in(folder: Path) -> tuple[FoundRun, ...]:
    """Return the runs in a folder of runs, newest first; none if there is no such folder."""
    if not folder.is_dir():
        return ()
    paths = sorted((path.parent for path in folder.glob(f"*/{JOURNAL}")), key=lambda path: path.name, reverse=True)
    return tuple(find_run(path) for path in paths)


def find_run(path: Path) -> FoundRun:
    """Read one run's folder. A journal that cannot be read at all is a problem of the run, not an error."""
    try:
        found = read_journal(path / JOURNAL)
    except JournalError as error:
        return FoundRun(path, None, (JournalProblem(1, "unreadable", str(error)),), is_driven(path))
    return FoundRun(path, found.state, found.problems, is_driven(path))


def held_locks(folder: Path, except_run: str = "") -> dict[str, str]:
    """Return the locks of live runs that have not ended, with words for who holds each."""
    held: dict[str, str] = {}
    for run in runs_in(folder):
        state = run.state
        if state is None or state.ended or state.mode == "dry" or run.run_id == except_run:
            continue
        for lock in state.plan.locks:
            try:
                name = clean(resolve(lock, run_context(state, state.last_at)))
            except ExpressionError:
                continue
            held.setdefault(name, f"run {run.run_id} of {state.operator}")
    return held
