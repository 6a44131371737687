"""A terminal for tests: the real program in a pseudo-terminal, its screen read by pyte as a person would."""

import os
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Self

import pexpect
import pyte

KEYS = {
    "enter": "\r",
    "escape": "\x1b",
    "tab": "\t",
    "space": " ",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "right": "\x1b[C",
    "left": "\x1b[D",
    "backspace": "\x7f",
    "shift+tab": "\x1b[Z",
    "f7": "\x1b[18~",
    "ctrl+e": "\x05",
    "ctrl+u": "\x15",
}


def as_from_a_desk() -> None:
    """Let a program follow the signals of a terminal, also where the tests run in the background or under nohup."""
    for number in (signal.SIGHUP, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)


class ScreenTimeoutError(AssertionError):
    """The screen did not show what was waited for; the message holds the screen."""


class Terminal:
    """One program in a pseudo-terminal of fixed size.

    Attributes:
        received: number of bytes the program has written.
        raw: those bytes.
        columns, rows: what the program is told about its size.
    """

    def __init__(
        self, argv: Sequence[str], env: Mapping[str, str], columns: int = 80, rows: int = 24, margin: int = 0
    ) -> None:
        """Start the program.

        Args:
            argv: its arguments.
            env: what to add to the environment variables.
            columns: width of the terminal.
            rows: its height.
            margin: so many more columns and rows are kept, in which nothing may ever be written (`beyond`).
        """
        self.columns, self.rows = columns, rows
        self._screen = pyte.Screen(columns + margin, rows + margin)
        self._stream = pyte.ByteStream(self._screen)
        self.received = 0
        self.raw = bytearray()
        environ = {
            **os.environ,
            "TERM": "xterm-256color",
            "LANG": "C.UTF-8",
            "COLUMNS": str(columns),
            "LINES": str(rows),
            **env,
        }
        self._child = pexpect.spawn(
            argv[0], list(argv[1:]), env=environ, dimensions=(rows, columns), timeout=5, preexec_fn=as_from_a_desk
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def pid(self) -> int:
        """Return the process id of the program."""
        return int(self._child.pid)

    @property
    def lines(self) -> list[str]:
        """Return the screen as it is now, one string a row."""
        return [line.rstrip() for line in self._screen.display[: self.rows]]

    @property
    def cells(self) -> list[list[pyte.screens.Char]]:
        """Return the screen as it is now, one list of characters with their styles a row."""
        buffer = self._screen.buffer
        return [[buffer[row][column] for column in range(self.columns)] for row in range(self.rows)]

    @property
    def beyond(self) -> str:
        """Return what is written in the margin, beyond the edges of the terminal."""
        display = self._screen.display
        written = [line[self.columns :] for line in display] + [line[: self.columns] for line in display[self.rows :]]
        return " ".join(" ".join(written).split())

    @property
    def text(self) -> str:
        """Return the screen as one text."""
        return "\n".join(self.lines)

    def pump(self, seconds: float = 0.05) -> None:
        """Take in what the program writes within that time."""
        try:
            data = self._child.read_nonblocking(65_536, timeout=seconds)
        except (pexpect.TIMEOUT, pexpect.EOF):
            return
        self.received += len(data)
        self.raw += data
        self._stream.feed(data)

    def settle(self, quiet: float = 0.2, timeout: float = 5.0) -> None:
        """Read until the program has been silent for `quiet` seconds: the screen is then whole."""
        end = time.monotonic() + timeout
        silent_since = time.monotonic()
        while time.monotonic() - silent_since < quiet and time.monotonic() < end:
            before = self.received
            self.pump(0.05)
            if self.received != before:
                silent_since = time.monotonic()

    def wait(self, wanted: str | Callable[[str], bool], timeout: float = 20.0) -> str:
        """Read until the screen shows a text (or satisfies a condition); return the screen.

        Raises:
            ScreenTimeoutError: it did not within `timeout` seconds.
        """
        shows = (lambda text: wanted in text) if isinstance(wanted, str) else wanted
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            self.pump()
            if shows(self.text):
                return self.text
            if not self._child.isalive():
                self._drain()
                break
        if shows(self.text):
            return self.text
        message = f"waited {timeout} s for {wanted!r}; the screen is:\n{self.text}"
        raise ScreenTimeoutError(message)

    def press(self, *keys: str) -> None:
        """Press keys: names from KEYS, or text that is typed as it is; between two there is a short pause."""
        for key in keys:
            self.send(key)
            self.pump(0.03)

    def send(self, key: str) -> None:
        """Send one key, or text in one piece, and return at once."""
        self._child.send(KEYS.get(key, key))

    def resize(self, columns: int, rows: int) -> None:
        """Change the size of the terminal, as a window manager does."""
        self.columns, self.rows = columns, rows
        self._screen.resize(rows, columns)
        self._child.setwinsize(rows, columns)

    def exit_code(self, timeout: float = 20.0) -> int:
        """Wait for the program's end and return its exit code; minus the signal's number if a signal ended it.

        Raises:
            ScreenTimeoutError: it still runs after `timeout` seconds.
        """
        deadline = time.monotonic() + timeout
        while self._child.isalive():
            self.pump()
            if time.monotonic() > deadline:
                message = f"the program still runs after {timeout} s; the screen is:\n{self.text}"
                raise ScreenTimeoutError(message)
        self._drain()
        self._child.close()
        return -self._child.signalstatus if self._child.exitstatus is None else self._child.exitstatus

    def _drain(self) -> None:
        """Take in what an ended program has left in the pseudo-terminal."""
        before = -1
        while before != self.received:
            before = self.received
            self.pump()

    def close(self) -> None:
        """End the program, if it still runs."""
        self._child.close(force=True)
