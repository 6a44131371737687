"""An operator at the full screen: presses the keys that a person would, answering as a file of answers says.

What is asked it reads in the journal, so that it knows what to look for; it presses nothing before the screen shows it.
"""

import re
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from cockpit.engine import commands as c
from cockpit.engine import records as r
from cockpit.engine.answering import Place, answer_to, words_of
from cockpit.engine.answers import Answers
from cockpit.engine.context import JsonObject, run_context
from cockpit.engine.prompts import RestorePointPrompt, TroublePrompt
from cockpit.engine.records import Entry, Prompted
from cockpit.engine.state import RunState
from support.screen_keys import press_keys
from support.terminal import Terminal
from support.watched_run import WatchedRun

DEAF = 0.55  # seconds in which a dialog throws keys away, and a little more
_SHOWN_WITHIN = 30.0  # seconds from a question in the journal to its dialog, and from the keys to the answer
_AGREEING = Answers(second_person="Bo Second")
_STEP = re.compile(r"step \d+/")
_TITLES = {
    "confirm": "Confirm",
    "choice": "Choose",
    "text": "Type a value",
    "checklist": "Check",
    "approve": "Approve",
    "status": "Status text",
    "notify": "Tell somebody",
}


class ScreenOperator:
    """Answers every dialog of a run: what the answers name, else what is recommended or the first that is possible.

    Attributes:
        seen: headings of the dialogs, in order.
        run: the run, as its journal tells it.
    """

    def __init__(
        self,
        terminal: Terminal,
        state_folder: Path,
        answers: Answers = _AGREEING,
        *,
        look: Callable[[str], None] = lambda _text: None,
        at_dialog: Callable[[Prompted], None] = lambda _asked: None,
    ) -> None:
        """Prepare to operate.

        Args:
            terminal: where the cockpit runs, on its watch screen.
            state_folder: where its runs are kept.
            answers: what to answer where the plain way is not wanted.
            look: called with the screen whenever it may show something new, before anything is answered.
            at_dialog: called when the dialog of a question is there, before a key is pressed.
        """
        self.terminal = terminal
        self.seen: list[str] = []
        self.run = WatchedRun(state_folder)
        self._answers = answers
        self._look = look
        self._at_dialog = at_dialog
        self._answered = -1

    def open_plan(self, title: str) -> None:
        """Go from the watch screen to the detail of the plan whose title begins so."""
        terminal = self.terminal
        terminal.press("p")
        terminal.wait("Plans: Enter shows one")
        terminal.press("/")
        terminal.settle()
        terminal.press(*title[:40].lower())
        terminal.wait(title[:30])
        terminal.settle()
        terminal.press("enter")
        terminal.settle()
        terminal.press("enter")
        terminal.wait("enter start")
        terminal.settle()
        self._look(terminal.text)

    def start_plan(self, title: str, environment: str, fields: Sequence[str | None] = ()) -> None:
        """Go from the watch screen to a live run: open the plan, fill in its fields, arm.

        Args:
            title: how the plan's title begins.
            environment: name of the environment.
            fields: what is typed into the plan's fields, in order; None leaves what is offered.
        """
        terminal = self.terminal
        self.open_plan(title)
        terminal.press("enter")
        terminal.wait("Live run")
        terminal.settle()
        terminal.press("tab", "tab")  # from Back over the dry run to the live run
        if any(fields):
            terminal.press("tab")  # round to the first field
            for words in fields:
                terminal.press(*(["ctrl+e", "ctrl+u", *words] if words is not None else []), "tab")
            terminal.press("tab", "tab", "tab")  # over the region, Back and the dry run
        self._look(terminal.text)
        terminal.press("enter")
        terminal.wait("Arm this cockpit")
        self._settle()
        self._look(terminal.text)
        terminal.press(*environment, "enter")
        terminal.wait(lambda text: _STEP.search(text) is not None, timeout=60)

    def finish(self, timeout: float) -> str:
        """Answer dialogs until the run has ended; return the last screen.

        Raises:
            AssertionError: it has not, or a dialog does not do what it is told.
        """
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            self.terminal.pump()
            self.run.read_on()
            state, entry = self.run.state, self._asked()
            if state is not None and state.ended:
                self.terminal.wait("ENDED: ")
                self.terminal.settle()
                return self.terminal.text
            if state is None or entry is None:
                self._look(self.terminal.text)
            else:
                self._answer(entry, state)
        raise self._failure(f"the run has not ended after {timeout} s")

    def _asked(self) -> Entry | None:
        """Return the question that the run waits with, if it is not answered yet."""
        if self.run.state is None or self.run.state.prompt is None:
            return None
        entry = next(entry for entry in reversed(self.run.entries) if isinstance(entry.record, Prompted))
        return entry if entry.seq > self._answered else None

    def _answer(self, entry: Entry, state: RunState) -> None:
        """Wait for the dialog, let it be looked at, press the keys, and see that the run takes the answer."""
        asked = entry.record
        assert isinstance(asked, Prompted)
        self._wait_for_dialog(asked, state)
        self._settle()
        self.terminal.settle()
        self._look(self.terminal.text)
        self._at_dialog(asked)
        command = self._command(asked, state, run_context(state, entry.at))
        press_keys(self.terminal, asked.prompt, command)
        self._answered = entry.seq
        self._see_taken(entry)

    def _wait_for_dialog(self, asked: Prompted, state: RunState) -> None:
        steps = [step.id for step in state.plan.steps]
        title = state.plan.steps[steps.index(asked.step)].title if asked.step else ""
        number = f"{steps.index(asked.step) + 1}/{len(steps)}" if asked.step else "Preflight"
        self.seen.append(f"{_TITLES.get(asked.prompt.kind, asked.prompt.kind)} \u2014 {number} {title}".strip())
        wanted = _heading(asked, f"{number} {title}")
        deadline = time.monotonic() + _SHOWN_WITHIN
        while not wanted.search(box_words(self.terminal)) or "[ Cancel ]" not in self.terminal.text:
            self.terminal.pump()
            self._look(self.terminal.text)
            if "[ Close ]" in self.terminal.text and time.monotonic() > deadline - _SHOWN_WITHIN / 2:
                self.terminal.press("enter")  # what became of the call before stays until it is read
                self._settle()
            if time.monotonic() > deadline:
                raise self._failure(f"the dialog {self.seen[-1]} does not come")

    def _command(self, asked: Prompted, state: RunState, context: JsonObject) -> c.Command:
        given = self._answers.at_step(asked.step)
        if isinstance(asked.prompt, TroublePrompt):
            return self._way_out(asked, context)
        if given.abort and not state.aborting:
            return c.Abort(given.abort, words_of(given.reason, context))
        return answer_to(asked.prompt, Place(asked.step, asked.attempt, given, self._answers.second_person, context))

    def _way_out(self, asked: Prompted, context: JsonObject) -> c.SolveTrouble | c.Abort:
        """Return the next way that the answers foresee for trouble of this step."""
        given = self._answers.at_step(asked.step)
        records = (entry.record for entry in self.run.entries)
        met = sum(
            isinstance(each, Prompted) and each.step == asked.step and isinstance(each.prompt, TroublePrompt)
            for each in records
        )
        if met > len(given.trouble):
            raise self._failure(f"nobody foresaw this trouble at {asked.step or 'the preflight'}")
        way, reason = given.trouble[met - 1], words_of(given.reason, context)
        if way == "undo":
            return c.Abort("undo", reason)
        return c.SolveTrouble(asked.step, asked.attempt, "abort" if way == "leave" else way, reason)

    def _see_taken(self, asked: Entry) -> None:
        deadline = time.monotonic() + _SHOWN_WITHIN
        while True:
            self.terminal.pump()
            self.run.read_on()
            after = [entry.record for entry in self.run.entries if entry.seq > asked.seq]
            if any(isinstance(record, r.Answered | r.AbortChosen | r.RunEnded) for record in after):
                return
            if time.monotonic() > deadline or any(isinstance(record, r.Refused) for record in after):
                raise self._failure(f"{self.seen[-1]}: the answer is not taken")

    def _settle(self) -> None:
        """Wait out the time in which a dialog is deaf."""
        end = time.monotonic() + DEAF
        while time.monotonic() < end:
            self.terminal.pump()

    def _failure(self, why: str) -> AssertionError:
        return AssertionError(f"{why}; the screen is:\n{self.terminal.text}")


def box_words(terminal: Terminal) -> str:
    """Return what stands in the dialog's frame, its title included, with single blanks; empty if there is none."""
    lines = terminal.lines
    top = next((number for number, line in enumerate(lines) if line.startswith("╭")), len(lines))
    return " ".join(" ".join(line.strip("╭╮╰╯│─ ") for line in lines[top:]).split())


def _heading(asked: Prompted, step: str) -> re.Pattern[str]:
    if isinstance(asked.prompt, RestorePointPrompt):
        return re.compile("^Restore point of ")
    kind = _TITLES.get(asked.prompt.kind, "(FAILED|UNKNOWN OUTCOME)")
    return re.compile(f"^{kind}( what is DESTRUCTIVE)? \u2014 (.+ \u203a )?{re.escape(' '.join(step.split()))}")
