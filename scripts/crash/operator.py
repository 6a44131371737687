"""An operator at plain lines who knows the answers: reads what is asked in the journal and types it."""

import re
import time
from collections.abc import Callable, Mapping

from cockpit.engine.answering import Place, answer_to
from cockpit.engine.answers import Answers
from cockpit.engine.commands import Abort, Command
from cockpit.engine.context import run_context
from cockpit.engine.prompts import TroublePrompt
from cockpit.engine.records import Entry, Prompted
from crash.endpoint import Endpoint
from crash.program import Program
from crash.typing_lines import typed_lines
from crash.witness import way_out
from support.watched_run import WatchedRun

LONGEST = 200.0  # real seconds for one life
_LOOK = 0.05  # real seconds between two looks while nothing is printed
_ARMS = re.compile(r"\? Type the environment's name, (\S+), to arm")
_TIMES = 3  # the same question so often is one that no answer satisfies


class Operator:
    """Answers every program of one run.

    Args:
        instead: what is typed at a step instead of its first answer, by step: ``:handover Bo``.
    """

    def __init__(self, endpoint: Endpoint, run: WatchedRun, answers: Answers, instead: Mapping[str, str]) -> None:
        self._endpoint = endpoint
        self._run = run
        self._answers = answers
        self._instead = dict(instead)
        self._asked = -1
        self._lines: list[str] = []
        self._times = 0

    def sit(self, program: Program, look: Callable[[], bool] = lambda: False) -> None:
        """Answer until the program ends.

        Args:
            program: what asks.
            look: called now and then; True: nothing more is typed, and the program is killed.

        Raises:
            AssertionError: it asked something that has no answer, or took too long.
        """
        self._asked, self._lines = -1, []
        end = time.monotonic() + LONGEST
        while (heard := program.hear(_LOOK)) is not None:
            for line in heard:
                if line.startswith("? "):
                    self._answer(program, line)
            if look():
                program.kill()
            if time.monotonic() > end:
                program.end()
                raise AssertionError(f"not ended after {LONGEST:g} s: " + "\n".join(program.said[-30:]))

    def _answer(self, program: Program, question: str) -> None:
        if arms := _ARMS.match(question):
            program.type(arms.group(1))
            return
        self._run.read_on()
        entry = _latest_prompt(self._run.entries)
        if entry.seq != self._asked:
            self._asked, self._times, self._lines = entry.seq, 0, []
        if not self._lines:
            self._times += 1
            self._lines = self._lines_for(entry)
        if self._times > _TIMES:
            program.end()
            raise AssertionError("the same question comes again: " + "\n".join(program.said[-30:]))
        program.type(self._lines.pop(0))

    def _lines_for(self, entry: Entry) -> list[str]:
        record = entry.record
        if not isinstance(record, Prompted):
            raise TypeError(record.kind)
        if record.step in self._instead and not isinstance(record.prompt, TroublePrompt):
            return [self._instead.pop(record.step)]
        return typed_lines(record.prompt, self._command(record, entry))

    def _command(self, record: Prompted, entry: Entry) -> Command:
        state, given = self._run.state, self._answers.at_step(record.step)
        if state is None:
            raise LookupError("there is no run")
        if isinstance(record.prompt, TroublePrompt):
            return way_out(record, given, self._run.entries, self._endpoint)
        if given.abort and not state.aborting:
            return Abort(given.abort, given.reason)
        context = run_context(state, entry.at)
        return answer_to(record.prompt, Place(record.step, record.attempt, given, self._answers.second_person, context))


def _latest_prompt(entries: tuple[Entry, ...]) -> Entry:
    return next(entry for entry in reversed(entries) if isinstance(entry.record, Prompted))
