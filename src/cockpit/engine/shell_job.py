"""A program that outlives whoever asked for it, found again by its name: beside the cockpit, or on another host."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

KEPT_OUTPUT = 200_000  # bytes of each stream that are read back


class CannotStart(Exception):
    """The program was not started, for certain; the text says why."""


class LineDown(Exception):
    """The host could not be asked, so nobody knows how the program stands.

    Attributes:
        passing: it may well be reached later; False: somebody has to mend something first (a key, a name).
    """

    def __init__(self, words: str, *, passing: bool = True) -> None:
        super().__init__(words)
        self.passing = passing


@dataclass(frozen=True, slots=True)
class Order:
    """A program to run.

    Attributes:
        stdin: what it reads on standard input.
        env: added to PATH, HOME and LANG of the host; nothing else is handed on.
        timeout: seconds after which the host ends it, whether or not anybody is there.
    """

    argv: tuple[str, ...]
    cwd: str
    env: Mapping[str, str]
    timeout: float
    stdin: str = ""


@dataclass(frozen=True, slots=True)
class JobView:
    """How a program stands.

    Attributes:
        state: ``absent``: it was never started; ``vanished``: it was, and neither it nor its end is to be found.
        exit: exit status, if it ended by itself.
        error: why it has no proper end: not to be started, or ended at its time limit.
        output, complaint: what it has written to stdout and stderr, at most the last `KEPT_OUTPUT` bytes.
    """

    state: Literal["absent", "running", "ended", "vanished"]
    exit: int | None = None
    error: str = ""
    output: str = ""
    complaint: str = ""


class Job(Protocol):
    """One run of one program, in a folder of its own."""

    async def start(self, order: Order) -> None:
        """Start the program, unless it has been started before: to order it twice does no harm.

        Raises:
            CannotStart: it did not start.
            LineDown: nobody knows whether it did.
        """

    async def look(self, patience: float) -> JobView:
        """Return how it stands, at once if it has ended, else after at most `patience` seconds (real ones).

        Raises:
            LineDown: nobody knows.
        """

    async def settle(self) -> JobView:
        """Return how it stands now; if it was never started, an order that is still on its way comes to nothing.

        Raises:
            LineDown: nobody knows.
        """

    async def forget(self) -> None:
        """Remove what is left of it, if the host can be reached; only for what has ended."""
