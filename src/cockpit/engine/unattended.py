"""A run without a person: an operator that answers prompts from a file, else the plain way. For tests and drills.

It can do what a person at a face can, and nothing else: it reads prompts and sends commands. The plain way is: confirm
by typing what is asked for, tick every item, take the recommended option, else the first that is possible and goes on,
the offered value of a question, the proposed restore point; post and tell as it stands. Trouble ends the run.
"""

import queue
from collections.abc import Callable

from cockpit.engine import commands as c
from cockpit.engine import prompts as p
from cockpit.engine.answering import NoAnswer, Place, answer_to, words_of
from cockpit.engine.answers import Answers, StepAnswer
from cockpit.engine.context import JsonObject, run_context
from cockpit.engine.handle import RunHandle
from cockpit.engine.records import Answered, Entry, Prompted, Refused, RunEnded
from cockpit.engine.state import RunState
from cockpit.engine.take_up import of_present_driver
from cockpit.plans.expressions import ExpressionError

_LOOK = 0.2  # seconds between looks at whether the run is still driven; records come at once


class NothingHappens(Exception):
    """The run has not moved for longer than whoever waits for it is willing to wait."""


class Unattended:
    """Answers the prompts of a driven run, one after the other.

    Attributes:
        troubles: what went wrong, in words: failed steps, prompts without an answer, refused answers.
    """

    def __init__(self, run: RunHandle, answers: Answers, show: Callable[[Entry, RunState], None] | None = None) -> None:
        """Prepare to answer.

        Args:
            run: a run that this process drives.
            answers: what fits its plan (`answers.load_answers`).
            show: called with every record before it is answered, in the thread that calls `attend`.
        """
        self.troubles: list[str] = []
        self._run = run
        self._answers = answers
        self._show = show or (lambda _entry, _state: None)
        self._used: set[str] = {entry.record.step for entry in run.entries() if isinstance(entry.record, Answered)}
        self._ways_taken: dict[str, int] = {}
        self._given_up = False

    def attend(self, patience: float | None = None) -> RunState:
        """Answer until the run ends or is not driven here any more; return its last state.

        Args:
            patience: real seconds in which something must happen; None waits for ever, as a person would.

        Raises:
            NothingHappens: it did not.
        """
        news: queue.SimpleQueue[tuple[Entry, RunState]] = queue.SimpleQueue()
        leave = self._run.subscribe(lambda entry, state: news.put((entry, state)))
        try:
            seen = -1
            if self._run.state().paused:  # by whoever drove it before: nobody else is there to go on
                self._run.send(c.Resume())
            for entry in of_present_driver(self._run.entries()):
                self._take(entry, self._run.state())
                seen = entry.seq
            waited = 0.0
            while not self._run.state().ended or self._run.state().last_seq > seen:
                try:
                    entry, state = news.get(timeout=_LOOK)
                except queue.Empty:
                    waited += _LOOK
                    if self._run.stopped():
                        break
                    if patience is not None and waited > patience:
                        raise NothingHappens(self._standstill()) from None
                    continue
                waited = 0.0
                if entry.seq > seen:
                    seen = entry.seq
                    self._take(entry, state)
            return self._run.state()
        finally:
            leave()

    def unused(self) -> tuple[str, ...]:
        """Return the steps whose answer was never used; a way out of trouble need not be."""
        conditional = {"trouble", "reason"}
        wanted = (step for step, answer in self._answers.answers.items() if answer.model_fields_set - conditional)
        return tuple(step for step in wanted if step not in self._used)

    def _standstill(self) -> str:
        state = self._run.state()
        return f"Nothing has happened at step {state.now_step or 'preflight'}: {state.steps.get(state.now_step)}"

    def _take(self, entry: Entry, state: RunState) -> None:
        self._show(entry, state)
        record = entry.record
        if isinstance(record, Refused):
            self._give_up(f"{record.step}: the answer was refused: {record.why}")
        elif isinstance(record, Prompted):
            try:
                self._run.send(self._command(record, run_context(state, entry.at)))
            except NoAnswer as error:
                self._give_up(f"{record.step}: {error}")
        elif isinstance(record, RunEnded):
            self._given_up = True

    def _command(self, record: Prompted, context: JsonObject) -> c.Command:
        step, prompt = record.step, record.prompt
        given = self._answers.at_step(step)
        try:
            if isinstance(prompt, p.TroublePrompt):
                return self._way_out(record, prompt, given, context)
            first_time = step not in self._used
            self._used.add(step)
            if given.abort and first_time:
                return c.Abort(given.abort, reason=words_of(given.reason, context))
            place = Place(step, record.attempt, given, self._answers.second_person, context)
            return answer_to(prompt, place)
        except ExpressionError as error:
            raise NoAnswer(f"the answer has no value: {error}") from error

    def _way_out(
        self, record: Prompted, prompt: p.TroublePrompt, given: StepAnswer, context: JsonObject
    ) -> c.SolveTrouble | c.Abort:
        """Take the next of the ways named for the step; when there is none, leave everything as it is."""
        taken = self._ways_taken.get(record.step, 0)
        self._ways_taken[record.step] = taken + 1
        way = given.trouble[taken] if taken < len(given.trouble) else None
        if way is None:
            words = (f"{record.step or 'preflight'}:", prompt.message, prompt.remedy, *prompt.evidence)
            self.troubles.append(" ".join(words))
        reason = words_of(given.reason, context)
        if way == "undo":
            return c.Abort("undo", reason=reason)
        if way is None or way == "leave":
            return c.SolveTrouble(record.step, record.attempt, way="abort", reason=prompt.message)
        return c.SolveTrouble(record.step, record.attempt, way=way, reason=reason)

    def _give_up(self, words: str) -> None:
        self.troubles.append(words)
        if not self._given_up:
            self._given_up = True
            self._run.send(c.Abort("leave", reason=words))
