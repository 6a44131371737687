"""An operator at the full screen: reads what pyte shows and presses keys as a person would."""

import re
import time
from collections.abc import Callable

from support.terminal import Terminal

HEADING = re.compile(r"│ (.+?) — (?:.+ \u203a )?(\d+)/(\d+) (.+?)\s*│")  # the branch stands before the step's number
RESTORE_POINT = "restore point"
DEAF = 0.55  # seconds in which a dialog throws keys away, and a little more


class ScreenOperator:
    """Answers every dialog of a run, taking what is recommended, else the first that is possible.

    Attributes:
        seen: headings of the dialogs, in order.
    """

    def __init__(self, terminal: Terminal, look: Callable[[str], None] = lambda _text: None) -> None:
        """Prepare to operate.

        Args:
            terminal: where the cockpit runs, on its watch screen.
            look: called with the screen whenever it may show something new, before anything is answered.
        """
        self.terminal = terminal
        self.seen: list[str] = []
        self._look = look

    def open_plan(self, title: str) -> None:
        """Go from the watch screen to the detail of the plan that fits best; `title` is how it has to begin."""
        self.terminal.press("p")
        self.terminal.wait(title[:40])
        self.terminal.settle()
        self.terminal.press("enter")
        self.terminal.wait("enter start")
        self.terminal.settle()

    def start_plan(self, title: str, environment: str) -> None:
        """Go from the watch screen to a live run: take the plan and its defaults, arm."""
        self.open_plan(title)
        self.terminal.press("enter")
        self.terminal.wait("Live run")
        self.terminal.settle()
        self.terminal.press("tab", "tab", "enter")
        self.terminal.wait("Arm this cockpit")
        self._settle()
        self.terminal.press(*environment, "enter")
        self.terminal.wait("step 1/", timeout=60)

    def finish(self, timeout: float) -> str:
        """Answer dialogs until the run has ended; return the last screen."""
        end = time.monotonic() + timeout
        answered = ""
        while time.monotonic() < end:
            self.terminal.pump()
            text = self.terminal.text
            if "ENDED: " in text:
                self.terminal.settle()
                return self.terminal.text
            found = HEADING.search(text)
            if found is None:
                if "Enter chooses" in text and answered != RESTORE_POINT:
                    self._restore_point()
                    answered = RESTORE_POINT
                self._look(text)
                continue
            heading = found.group(0)
            if heading == answered:
                continue
            self._settle()
            self._look(self.terminal.text)
            self._answer(found.group(1), heading)
            self.seen.append(heading)
            answered = heading
        message = f"the run has not ended after {timeout} s; the screen is:\n{self.terminal.text}"
        raise AssertionError(message)

    def _settle(self) -> None:
        """Wait out the time in which a dialog is deaf."""
        end = time.monotonic() + DEAF
        while time.monotonic() < end:
            self.terminal.pump()

    def _answer(self, kind: str, heading: str) -> None:
        terminal = self.terminal
        if kind == "Check":
            self._tick_all()
        elif kind == "Choose":
            self._choose()
        elif kind == "Tell somebody":
            terminal.press(*"pager", "enter")
        elif kind == "Status text":
            terminal.press(*"status.example.org", "enter")
            terminal.settle()
            terminal.press("enter")
        elif kind == "Approve":
            phrase = re.search(r"Type (\S+) to approve", terminal.text)
            assert phrase is not None, terminal.text
            terminal.press(*phrase.group(1), "enter", *"Bo Second", "enter")
        elif kind == "Confirm":
            terminal.press("c")
        elif kind == "Type a value":
            terminal.press("tab", "enter")  # what is offered; the focus starts on Cancel
        else:
            raise AssertionError(f"nobody knows how to answer {heading}:\n{terminal.text}")

    def _tick_all(self) -> None:
        """Tick every item; the cursor moves on by itself, and from the last one to the button."""
        self.terminal.press("down")  # the focus starts on Cancel: mashing Enter decides nothing
        self.terminal.wait("▸[ ]")
        while "▸[ ]" in self.terminal.text:
            before = _below_strip(self.terminal)
            self.terminal.press("space")
            self.terminal.wait(lambda _text, before=before: _below_strip(self.terminal) != before)
            self.terminal.settle(0.1)
            self.terminal.wait(lambda text: "▸[ ]" in text or "▸" not in text)
        self.terminal.press("enter")

    def _choose(self) -> None:
        """Take what is recommended, else the first that is possible: that one has the cursor at first."""
        self.terminal.press("down")
        self.terminal.wait("▸")
        self.terminal.settle()
        lines = [line for line in self.terminal.lines if re.match("│ [▸ ][○●\u00d7] ", line)]
        possible = [index for index, line in enumerate(lines) if "\u00d7 " not in line]
        recommended = [index for index, line in enumerate(lines) if "recommended" in line]
        wanted = (recommended or possible)[0]
        self.terminal.press(*["down"] * possible.index(wanted), "enter")  # the cursor passes over what is not possible
        self.terminal.settle()
        if "Reason:" in self.terminal.text:
            self.terminal.press(*"test of the whole procedure", "enter")
            self.terminal.settle()
        self.terminal.press("enter")

    def _restore_point(self) -> None:
        self._settle()
        self.terminal.settle()
        self._look(self.terminal.text)
        self.terminal.press("enter")
        self.terminal.wait("Choose this restore point?")
        self._settle()
        self.terminal.press("c")
        self.terminal.wait(lambda text: "Choose this restore point?" not in text)


def _below_strip(terminal: Terminal) -> list[str]:
    """Return the screen without the strip, whose clocks tick."""
    return terminal.lines[6:]
