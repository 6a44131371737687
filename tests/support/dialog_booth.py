"""A program that asks one question after the other on the run screen, and writes down the commands it is given.

    python -m support.dialog_booth QUESTIONS ANSWERS

QUESTIONS is a file with a JSON list of prompts; ANSWERS gets one command a line, as Python writes it.
"""

import sys
import threading
import time
from pathlib import Path

from pydantic import TypeAdapter

from cockpit.engine import records as r
from cockpit.engine.prompts import Prompt
from cockpit.ui.app import CockpitApp
from cockpit.ui.run.screen import RunScreen
from support.fake_run import FakeRun, opened, session_of

STEP = "check"
_LOOK = 0.02  # seconds


class Booth(CockpitApp):
    """The cockpit with a run on top that waits for the questions to be answered."""

    def __init__(self, run: FakeRun, prompts: list[Prompt], answers: Path) -> None:
        super().__init__(session_of(run))
        self._run = run
        self._prompts = prompts
        self._answers = answers

    def on_mount(self) -> None:
        """Show the run, and begin to ask."""
        self.hold_run(self._run)
        self.push_screen(RunScreen(self._run, session_of(self._run)))
        threading.Thread(target=self._ask_all, daemon=True).start()

    def _ask_all(self) -> None:
        for number, prompt in enumerate(self._prompts, 1):
            self._run.ask(STEP, prompt)
            while len(self._run.sent) < number:
                time.sleep(_LOOK)
            with self._answers.open("a", encoding="utf-8") as file:
                file.write(f"{self._run.sent[-1]!r}\n")
            self._run.write(r.Answered(step=STEP, attempt=1, command="answer"))
        self.call_from_thread(self.exit)


if __name__ == "__main__":
    questions, answers = Path(sys.argv[1]), Path(sys.argv[2])
    asked = TypeAdapter(list[Prompt]).validate_json(questions.read_bytes())
    Booth(opened(), asked, answers).run()
