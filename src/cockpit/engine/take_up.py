"""What forbids to take up a run that nobody drives, and why somebody does: before its journal gets another record."""

from collections.abc import Sequence
from pathlib import Path

from cockpit.engine import records as r
from cockpit.engine.errors import StartRefused
from cockpit.engine.records import Entry
from cockpit.engine.run_list import held_locks, locks_of
from cockpit.engine.state import RunState
from cockpit.engine.undo import restorable


def of_present_driver(entries: Sequence[Entry]) -> Sequence[Entry]:
    """Return the records since the run was last taken up (or started)."""
    taken = (number for number, entry in enumerate(entries) if isinstance(entry.record, r.DriverTookOver))
    return entries[max(taken, default=0) :]


def refuse_ended(state: RunState) -> None:
    """Refuse to resume a run that has ended, or that was cut off before it began.

    Raises:
        StartRefused: it has, or was.
    """
    if state.ended:
        raise StartRefused(f"The run has ended ({state.ended}); there is nothing to resume.")
    if any(name not in state.inputs for name in state.plan.inputs):
        raise StartRefused("The run was cut off before its inputs were recorded: nothing was done. Start it anew.")


def refuse_nothing_halted(state: RunState) -> None:
    """Refuse to put back what a run left halted if it goes on, or left nothing that its plan can put back.

    Raises:
        StartRefused: so it is; what has to be put back by hand is listed.
    """
    if not state.ended:
        raise StartRefused(
            "The run has not ended. Resume it; `:abort undo` there takes back what was done, or go on to its end."
        )
    if not state.still_halted:
        raise StartRefused("Nothing is halted any more: there is nothing to put back.")
    if state.mode == "dry":
        raise StartRefused("It was a dry run: nothing was changed, and there is nothing to put back.")
    if not restorable(state):
        raise StartRefused(
            "The plan says no way to put it back; do it by hand:",
            *(f"  {halt.what} (was {halt.value})" for halt in state.still_halted),
        )


def refuse_renamed(path: Path, state: RunState) -> None:
    """Refuse a folder that does not bear its run's name.

    Raises:
        StartRefused: it does not.
    """
    if path.resolve().name != state.run_id:
        raise StartRefused(
            f"This folder is called {path.name}, but the run in it is {state.run_id}: it is a copy or was renamed. "
            "A run is driven only from the folder of its own name; a copy may be read."
        )


def refuse_locked(path: Path, state: RunState) -> None:
    """Refuse if another run that has not ended works on what this one would touch.

    Raises:
        StartRefused: one does.
    """
    held = held_locks(path.parent, state.scope, except_run=path.name)
    for lock in locks_of(state):
        if lock in held:
            raise StartRefused(f"{held[lock]} has not ended and works on {lock}: end it first. Nothing was changed.")


def why_taken_up(
    state: RunState, entries: Sequence[Entry], operator: str, *, put_back: bool, plan_now: str = ""
) -> str:
    """Return why somebody begins to drive, for its record: resumed, handed over by whom to whom, or putting back.

    A run keeps the plan it began with; if the plan's file says something else by now (`plan_now`, its digest; empty if
    not known), whoever takes it up is told.
    """
    words = _reason(state, entries, operator, put_back=put_back)
    if plan_now in ("", state.plan_digest):
        return words
    return f"{words}; the plan's file has changed since the run began: it goes on by the plan it began with"


def _reason(state: RunState, entries: Sequence[Entry], operator: str, *, put_back: bool) -> str:
    if put_back:
        return "puts back what is still halted"
    if not state.handed_to:
        return "resumed"
    by = next((e.record.by for e in reversed(entries) if isinstance(e.record, r.HandedOver)), "")
    words = f"handed over by {by} to {state.handed_to}"
    return words if operator == state.handed_to else f"{words}; {operator} took it up"
