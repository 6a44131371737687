"""Commands that may be typed at any time in line mode: a colon, a word, and what it needs. Pure."""

from collections.abc import Callable
from typing import Literal

from cockpit.engine import commands as c
from cockpit.engine.state import RunState

HELP = (
    ":note WORDS            put a note into the journal",
    ":skip REASON           skip the step in hand, if the plan allows it; of several: :skip STEP REASON",
    ":pause, :resume        take no further step, go on",
    ":abort leave REASON    end the run now, everything stays as it is",
    ":abort stop REASON     end the run after the step in hand",
    ":abort undo REASON     take back what was done, last step first",
    ":handover NAME         give the run to NAME, who takes it up with: cockpit runs resume",
    ":state                 where the run stands",
    ":quit                  leave; the run stays as it is and can be resumed",
)


def aside(line: str, state: RunState) -> c.Command | str:
    """Return the command that a line beginning with a colon means, or words for what is wrong with it."""
    word, _, rest = line.removeprefix(":").strip().partition(" ")
    make = _COMMANDS.get(word)
    return f"There is no command :{word}. Type :help" if make is None else make(rest.strip(), state)


def _note(words: str, _state: RunState) -> c.Command | str:
    return c.Note(words) if words else "A note needs words."


def _skip(words: str, state: RunState) -> c.Command | str:
    named, _, reason = words.partition(" ")
    if named in state.in_hand:
        return c.Skip(named, state.steps[named].attempt, reason=reason.strip())
    if len(state.in_hand) > 1:
        return f"Several steps are in hand. Say which: :skip STEP REASON, with one of {', '.join(state.in_hand)}."
    step = state.steps.get(state.now_step)
    return c.Skip(state.now_step, step.attempt, reason=words) if step else "No step is in hand."


def _abort(words: str, _state: RunState) -> c.Command | str:
    choice, _, reason = words.partition(" ")
    for known in _CHOICES:
        if choice == known:
            return c.Abort(known, reason.strip())
    return "Say how: :abort leave, :abort stop, or :abort undo, each with a reason."


_CHOICES: tuple[Literal["leave", "stop", "undo"], ...] = ("leave", "stop", "undo")
_COMMANDS: dict[str, Callable[[str, RunState], c.Command | str]] = {
    "note": _note,
    "skip": _skip,
    "pause": lambda _words, _state: c.Pause(),
    "resume": lambda _words, _state: c.Resume(),
    "abort": _abort,
    "handover": lambda words, _state: c.HandOver(words) if words else "Say to whom: :handover NAME",
}
