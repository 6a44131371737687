"""Where commands arrive: answers go to the prompt that waits, pause and abort to the runner, the rest is refused.

Everything here runs in the engine's loop, one command at a time, each recorded when it is taken.
"""

import asyncio
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TypeGuard

from pydantic import JsonValue

from cockpit.engine import commands as c
from cockpit.engine import records as r
from cockpit.engine.admission import refusal
from cockpit.engine.brakes import Brakes, Closed, Decided
from cockpit.engine.context import iso
from cockpit.engine.fold import PREFLIGHT
from cockpit.engine.prompts import Prompt
from cockpit.engine.run_log import RunLog
from cockpit.engine.state import StepState
from cockpit.model.text import clean

_TURNS = 50  # several times what it takes from an answer through the action and its step to what follows them


@dataclass(frozen=True, slots=True)
class _Question:
    """The one question that is open."""

    step: str
    attempt: int
    prompt: Prompt
    answer: asyncio.Future[c.StepCommand]


class Desk:
    """Commands of one driven run. There is one operator: questions come one at a time, in the order asked.

    Attributes:
        brakes: what commands do to the work in hand.
    """

    def __init__(self, log: RunLog) -> None:
        self._log = log
        self.brakes = Brakes()
        self._turn = asyncio.Lock()
        self._asking = 0
        self._question: _Question | None = None
        self._undoing = False

    def take(self, command: c.Command) -> None:
        """Take one command from a face.

        Raises:
            JournalError: it could not be recorded; it then had no effect.
        """
        if self._log.state().ended or self.brakes.is_closed:
            return
        if isinstance(command, c.Note):
            self._log.append(r.NoteTaken(text=command.text))
        elif isinstance(command, c.Pause | c.Resume):
            self._pause(command)
        elif isinstance(command, c.Abort):
            self._abort(command)
        elif isinstance(command, c.HandOver):
            self._hand_over(command)
        elif isinstance(command, c.Skip):
            self._skip(command)
        else:
            self._step_command(command)

    async def ask(self, step: str, attempt: int, prompt: Prompt) -> c.StepCommand:
        """Record a prompt when its turn has come, and wait for the command that answers it."""
        self.brakes.before_asking(step)
        others = self._asking > 0
        if others:
            self._log.append(r.Queued(step=step, attempt=attempt))
        self._asking += 1
        try:
            async with self._turn:  # hands itself on in the order asked
                if others:
                    await _let_the_answer_before_take_effect()
                self.brakes.before_asking(step)
                self._log.append(r.Prompted(step=step, attempt=attempt, prompt=prompt))
                answer: asyncio.Future[c.StepCommand] = asyncio.get_running_loop().create_future()
                self._question = _Question(step, attempt, prompt, answer)
                try:
                    return await answer
                finally:
                    self._question = None
        finally:
            self._asking -= 1

    def let_end(self, by: c.Abort | Decided) -> None:
        """Let the steps in hand come to their end and begin none; one that asks, or would, is given up."""
        self.brakes.begin_nothing_new(by)
        if self._question is not None:
            self.brakes.give_up(self._question.step, by)

    def begin_undo(self) -> None:
        """From here on an abort only ends the undoing."""
        self._undoing = True
        self.brakes.begin_undo()

    def close(self) -> None:
        """Give up the work in hand because the driver goes away."""
        self.brakes.give_up_all(Closed())

    def hold_if_paused(self) -> None:
        """Take over the pause of a run that is resumed."""
        if self._log.state().paused:
            self.brakes.pause()

    def _pause(self, command: c.Pause | c.Resume) -> None:
        paused = self._log.state().paused
        if isinstance(command, c.Pause) and not paused:
            self._log.append(r.Paused())
            self.brakes.pause()
        elif isinstance(command, c.Resume) and paused:
            self._log.append(r.Resumed())
            self.brakes.go_on()

    def _abort(self, command: c.Abort) -> None:
        if self._undoing and command.choice == "undo":
            self._refuse(command, "The run is being undone already; choose leave or stop to end that.")
            return
        self._log.append(r.AbortChosen(choice=command.choice, reason=command.reason))
        asking = self._question.step if self._question else None
        working = [step for step in self._log.state().in_hand if step not in (PREFLIGHT, asking)]
        if command.choice == "stop" and working:
            self.let_end(command)
        else:
            self.brakes.give_up_all(command)

    def _hand_over(self, command: c.HandOver) -> None:
        to = clean(command.to, 64).strip()
        if not to:
            self._refuse(command, "Say to whom the run is handed over.")
            return
        self._log.append(r.HandedOver(by=self._log.state().operator, to=to))
        self.close()

    def _skip(self, command: c.Skip) -> None:
        step = self._step_in_hand(command)
        words = ""
        if step is None:
            words = "That step is not in hand any more."
        elif not step.undoing and not self._log.state().plan.step(step.step).skippable:
            words = "The plan does not allow to skip this step."
        elif not command.reason.strip():
            words = "Skipping needs a reason."
        elif any(call.is_unknown for call in step.calls):
            words = "A call of this step is under way or its outcome unknown: find out first."
        if words:
            self._refuse(command, words)
        else:
            self.brakes.give_up(command.step, command)

    def _step_command(self, command: c.StepCommand) -> None:
        asked = self._question
        if asked is None or asked.answer.done():
            self._refuse(command, "Nothing waits for an answer now.")
        elif (asked.step, asked.attempt) != (command.step, command.attempt):
            self._refuse(command, "The answer came too late: the run has moved on.")
        elif words := refusal(asked.prompt, command, self._log.state().operator):
            self._refuse(command, words)
        else:
            self._log.append(
                r.Answered(step=asked.step, attempt=asked.attempt, command=_name(command), answer=_content(command))
            )
            asked.answer.set_result(command)
            if self._ends_the_run(command):
                self._abort(c.Abort("leave", command.reason))

    def _ends_the_run(self, command: c.StepCommand) -> TypeGuard[c.SolveTrouble]:
        """Tell whether abort was chosen at a trouble prompt. Before the first step, and in undoing, it means less."""
        way_out = isinstance(command, c.SolveTrouble) and command.way == "abort"
        return way_out and command.step != PREFLIGHT and not self._undoing

    def _refuse(self, command: c.Command | c.StepCommand, why: str) -> None:
        state = self._log.state()
        step, attempt = state.now_step, state.steps[state.now_step].attempt if state.now_step in state.steps else 0
        if isinstance(command, c.StepCommand):
            step, attempt = command.step, command.attempt
        self._log.append(r.Refused(step=step, attempt=attempt, command=_name(command), why=why))

    def _step_in_hand(self, command: c.StepCommand) -> StepState | None:
        """Return the step that a command names, if that attempt of it is in hand; the preflight is no step."""
        state = self._log.state()
        step = state.steps[command.step] if command.step and command.step in state.in_hand else None
        return step if step is not None and step.attempt == command.attempt else None


async def _let_the_answer_before_take_effect() -> None:
    """Let the loop turn until what an answer brings about is on record: its call's intent, or the end of the run."""
    for _ in range(_TURNS):
        await asyncio.sleep(0)


def _name(command: c.Command | c.StepCommand) -> str:
    return type(command).__name__


def _content(command: c.StepCommand) -> dict[str, JsonValue]:
    content = asdict(command)
    kept = {key: value for key, value in content.items() if key not in ("step", "attempt")}
    return {key: iso(value) if isinstance(value, datetime) else value for key, value in kept.items()}
