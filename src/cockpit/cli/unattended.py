"""A run in plain lines that nobody sits at: prompts and their answers are printed as they come."""

from typing import TextIO

from cockpit.cli.line_mode import FINISHED, NOT_FINISHED
from cockpit.engine.answers import Answers
from cockpit.engine.commands import Note
from cockpit.engine.handle import RunHandle
from cockpit.engine.records import Answered, Entry, Prompted
from cockpit.engine.state import RunState
from cockpit.engine.unattended import Unattended
from cockpit.report.plain import prose
from cockpit.report.prompt_lines import prompt_lines
from cockpit.report.record_words import record_words
from cockpit.report.run_lines import run_lines
from cockpit.report.state_lines import state_lines


def attend(run: RunHandle, answers: Answers, shown: TextIO) -> int:
    """Answer and print until the run ends; return the exit code: 0 only if it finished and every answer was used.

    KeyboardInterrupt and the like pass through, and OSError when nobody can read what is printed any more.
    """

    def show(entry: Entry, state: RunState) -> None:
        record = entry.record
        if isinstance(record, Prompted):
            _print(shown, *prompt_lines(record.prompt, state))
        elif isinstance(record, Answered):
            _print(shown, f"> {record_words(record)}")
        else:
            _print(shown, *run_lines(entry, state))

    operator = Unattended(run, answers, show)
    _print(shown, *state_lines(run.state()))
    run.send(Note("Nobody sits at this run: prompts are answered from a file."))
    state = operator.attend()
    for trouble in operator.troubles:
        _print(shown, *prose(f"UNATTENDED: {trouble}"))
    for step in operator.unused():
        _print(shown, *prose(f"UNATTENDED: the answer for {step} was never used."))
    if not state.ended:
        _print(shown, run.stopped())
    return FINISHED if state.ended == "finished" and not operator.unused() else NOT_FINISHED


def _print(shown: TextIO, *lines: str) -> None:
    for line in lines:
        print(line, file=shown)
    shown.flush()
