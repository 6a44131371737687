"""Where commands arrive: answers go to the prompt that waits, pause and abort to the runner, the rest is refused.

Everything here runs in the engine's loop, one command at a time, each recorded when it is taken.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime

from pydantic import JsonValue

from cockpit.engine import commands as c
from cockpit.engine import records as r
from cockpit.engine.admission import refusal
from cockpit.engine.context import iso
from cockpit.engine.prompts import Prompt
from cockpit.engine.run_log import RunLog
from cockpit.engine.state import StepState
from cockpit.model.text import clean


@dataclass(frozen=True, slots=True)
class Closed:
    """The driver goes away; the run stays as it is and can be resumed."""


Interruption = c.Abort | c.Skip | Closed


class Desk:
    """Commands of one driven run."""

    def __init__(self, log: RunLog) -> None:
        self._log = log
        self._prompt: Prompt | None = None
        self._answer: asyncio.Future[c.StepCommand] | None = None
        self._unpaused = asyncio.Event()
        self._unpaused.set()
        self._interrupted = asyncio.Event()
        self._interruption: Interruption | None = None
        self._stop_at_next_wait: c.Abort | None = None
        self._undoing = False
        self._quiet = asyncio.Event()
        self._quiet.set()

    def take(self, command: c.Command) -> None:
        """Take one command from a face.

        Raises:
            JournalError: it could not be recorded; it then had no effect.
        """
        if self._log.state().ended or isinstance(self._interruption, Closed):
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
        """Record a prompt and wait for the command that answers it."""
        if self._stop_at_next_wait is not None:
            self._interrupt(self._stop_at_next_wait)
            self.checkpoint()
        self._log.append(r.Prompted(step=step, attempt=attempt, prompt=prompt))
        self._prompt = prompt
        self._answer = asyncio.get_running_loop().create_future()
        try:
            return await self._answer
        finally:
            self._prompt = self._answer = None

    async def unpaused(self) -> None:
        """Wait until the run is not paused, or interrupted."""
        while not self._unpaused.is_set() and self._interruption is None:
            waits = [asyncio.ensure_future(event.wait()) for event in (self._unpaused, self._interrupted)]
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            for wait in waits:
                wait.cancel()

    async def interrupted(self) -> None:
        """Wait until the work in hand is to be given up."""
        await self._interrupted.wait()

    @property
    def interruption(self) -> Interruption | None:
        """Return what gave up the work in hand; None if nothing did."""
        return self._interruption

    @property
    def is_closed(self) -> bool:
        """Tell whether the driver goes away."""
        return isinstance(self._interruption, Closed)

    @property
    def pending_stop(self) -> c.Abort | None:
        """Return the abort that lets the step in hand end first; None if there is none."""
        return self._stop_at_next_wait

    def take_interruption(self) -> Interruption | None:
        """Return the interruption and be ready for the next one; going away stays."""
        taken = self._interruption
        if not isinstance(taken, Closed):
            self._interruption = None
            self._interrupted.clear()
        return taken

    def begin_undo(self) -> None:
        """From here on an abort only ends the undoing."""
        self._undoing = True
        self._stop_at_next_wait = None
        self.take_interruption()

    def close(self) -> None:
        """Give up the work in hand because the driver goes away."""
        self._interrupt(Closed())

    def checkpoint(self) -> None:
        """Refuse to begin anything once the work in hand is given up.

        Raises:
            asyncio.CancelledError: it is.
        """
        if self._interruption is not None:
            raise asyncio.CancelledError

    @contextmanager
    def call_in_flight(self) -> Iterator[None]:
        """Mark the time in which a mutation is under way: its end is waited for whatever is commanded."""
        self._quiet.clear()
        try:
            yield
        finally:
            self._quiet.set()

    async def quiet(self) -> None:
        """Wait until no mutation is under way."""
        await self._quiet.wait()

    def _interrupt(self, interruption: Interruption) -> None:
        if not isinstance(self._interruption, Closed):
            self._interruption = interruption
        self._interrupted.set()

    def _pause(self, command: c.Pause | c.Resume) -> None:
        paused = self._log.state().paused
        if isinstance(command, c.Pause) and not paused:
            self._log.append(r.Paused())
            self._unpaused.clear()
        elif isinstance(command, c.Resume) and paused:
            self._log.append(r.Resumed())
            self._unpaused.set()

    def hold_if_paused(self) -> None:
        """Take over the pause of a run that is resumed."""
        if self._log.state().paused:
            self._unpaused.clear()

    def _abort(self, command: c.Abort) -> None:
        if self._undoing and command.choice == "undo":
            self._refuse(command, "The run is being undone already; choose leave or stop to end that.")
            return
        self._log.append(r.AbortChosen(choice=command.choice, reason=command.reason))
        waits_for_a_person = self._answer is not None
        if command.choice == "stop" and not waits_for_a_person and self._step_in_hand() is not None:
            self._stop_at_next_wait = command
            self._unpaused.set()
        else:
            self._interrupt(command)

    def _hand_over(self, command: c.HandOver) -> None:
        to = clean(command.to, 64).strip()
        if not to:
            self._refuse(command, "Say to whom the run is handed over.")
            return
        self._log.append(r.HandedOver(by=self._log.state().operator, to=to))
        self.close()

    def _skip(self, command: c.Skip) -> None:
        step = self._step_in_hand()
        words = ""
        if step is None or (step.step, step.attempt) != (command.step, command.attempt):
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
            self._interrupt(command)

    def _step_command(self, command: c.StepCommand) -> None:
        state = self._log.state()
        step = state.steps.get(state.now_step)
        prompt, answer = self._prompt, self._answer
        if prompt is None or answer is None or step is None or answer.done():
            self._refuse(command, "Nothing waits for an answer now.")
        elif (step.step, step.attempt) != (command.step, command.attempt):
            self._refuse(command, "The answer came too late: the run has moved on.")
        elif words := refusal(prompt, command, state.operator):
            self._refuse(command, words)
        else:
            answered = r.Answered(
                step=step.step, attempt=step.attempt, command=_name(command), answer=_content(command)
            )
            self._log.append(answered)
            answer.set_result(command)

    def _refuse(self, command: c.Command | c.StepCommand, why: str) -> None:
        state = self._log.state()
        step, attempt = state.now_step, state.steps[state.now_step].attempt if state.now_step in state.steps else 0
        if isinstance(command, c.StepCommand):
            step, attempt = command.step, command.attempt
        self._log.append(r.Refused(step=step, attempt=attempt, command=_name(command), why=why))

    def _step_in_hand(self) -> StepState | None:
        state = self._log.state()
        step = state.steps.get(state.now_step)
        return step if step is not None and step.step and step.outcome is None else None


def _name(command: c.Command | c.StepCommand) -> str:
    return type(command).__name__


def _content(command: c.StepCommand) -> dict[str, JsonValue]:
    content = asdict(command)
    kept = {key: value for key, value in content.items() if key not in ("step", "attempt")}
    return {key: iso(value) if isinstance(value, datetime) else value for key, value in kept.items()}
