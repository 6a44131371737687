"""A run in plain lines: prints what happens, asks on standard input. A face over `RunHandle`, like the screens."""

import queue
import sys
import threading
from collections import deque
from typing import TextIO

from cockpit.engine.handle import RunHandle
from cockpit.engine.records import Entry, Prompted, Refused
from cockpit.engine.state import RunState
from cockpit.engine.take_up import of_present_driver
from cockpit.report.aside import HELP, aside
from cockpit.report.conversation import Conversation, Question, conversation
from cockpit.report.run_lines import run_lines
from cockpit.report.state_lines import state_lines

FINISHED, NOT_FINISHED = 0, 1
_LOOK = 1.0


class LineMode:
    """Drives the eyes and fingers of one operator until the run ends or the operator leaves."""

    def __init__(self, run: RunHandle, typed: TextIO, shown: TextIO) -> None:
        self._run = run
        self._typed = typed
        self._shown = shown
        self._events: queue.SimpleQueue[tuple[Entry, RunState] | str | None] = queue.SimpleQueue()
        self._lines: deque[str] = deque()
        self._no_more_lines = False
        self._talk: Conversation | None = None
        self._seen = -1

    def drive(self) -> int:
        """Show and ask until the run ends; return the exit code.

        KeyboardInterrupt and the like pass through, and OSError when nobody can read what is printed any more.
        """
        leave = self._run.subscribe(lambda entry, state: self._events.put((entry, state)))
        threading.Thread(target=self._read_lines, name="line-mode-input", daemon=True).start()
        try:
            self._begin()
            return self._loop()
        finally:
            leave()

    def _begin(self) -> None:
        """Show where the run stands, then what this driver has recorded already: after a crash, what is unknown.

        Records that come from now on arrive as events.
        """
        state = self._run.state()
        self._seen = state.last_seq
        self._print(*state_lines(state), "Type :help for what can be typed at any time.")
        for entry in of_present_driver(self._run.entries()):
            if entry.seq <= self._seen:
                self._show(entry, state)
        self._open_prompt(state)

    def _loop(self) -> int:
        while True:
            state = self._run.state()
            if not self._take_lines():
                return NOT_FINISHED
            if self._run.stopped() and self._events.empty():
                self._print(*(() if state.ended else (self._run.stopped(),)))
                return FINISHED if state.ended == "finished" else NOT_FINISHED
            try:
                event = self._events.get(timeout=_LOOK)
            except queue.Empty:
                continue
            if event is None:
                self._no_more_lines = True
            elif isinstance(event, str):
                self._lines.append(event)
            elif event[0].seq > self._seen:
                self._entry(*event)

    def _entry(self, entry: Entry, state: RunState) -> None:
        self._show(entry, state)
        record = entry.record
        if isinstance(record, Prompted) or (isinstance(record, Refused) and state.prompt is not None):
            self._open_prompt(state)
        elif state.prompt is None:
            self._talk = None

    def _show(self, entry: Entry, state: RunState) -> None:
        self._print(*run_lines(entry, state))

    def _open_prompt(self, state: RunState) -> None:
        prompt, step = state.prompt, state.steps.get(state.now_step)
        if prompt is None or step is None:
            return
        self._talk = conversation(prompt, step.step, step.attempt, state)
        self._ask(next(self._talk))

    def _take_lines(self) -> bool:
        """Use the typed lines that can be used now; False if the operator leaves."""
        while self._lines and (self._talk is not None or self._lines[0].startswith(":")):
            line = self._lines.popleft()
            if line in (":quit", ":q"):
                return False
            if line.startswith(":"):
                self._aside(line)
            else:
                self._answer(line)
        return not (self._no_more_lines and self._talk is not None and not self._lines)

    def _answer(self, line: str) -> None:
        talk = self._talk
        if talk is None:
            return
        try:
            self._ask(talk.send(line))
        except StopIteration as done:
            self._talk = None
            self._run.send(done.value)

    def _aside(self, line: str) -> None:
        state = self._run.state()
        if line == ":help":
            self._print(*HELP)
        elif line == ":state":
            self._print(*state_lines(state))
        else:
            command = aside(line, state)
            if isinstance(command, str):
                self._print(command)
            else:
                self._run.send(command)

    def _ask(self, question: Question) -> None:
        self._print(*question.lines)
        if question.question:
            self._print(f"? {question.question}:")

    def _print(self, *lines: str) -> None:
        for line in lines:
            print(line, file=self._shown)
        self._shown.flush()

    def _read_lines(self) -> None:
        try:
            for line in self._typed:
                self._events.put(line.rstrip("\r\n"))
        except OSError:
            pass  # the terminal has hung up: nothing more will be typed
        finally:
            self._events.put(None)


def printable(stream: TextIO) -> TextIO:
    """Make a stream take any text: what its encoding lacks is shown as an escape instead of ending the program."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="backslashreplace")
    return stream


def standard_streams() -> tuple[TextIO, TextIO]:
    """Return standard input and output, made fit for foreign text."""
    return sys.stdin, printable(sys.stdout)
