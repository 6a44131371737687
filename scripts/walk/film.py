"""A terminal that keeps what it showed: every screen that stood still long enough for a person to see."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from pyte.screens import Char

from support.terminal import Terminal

STANDS = 0.1  # seconds without a byte after which a screen is whole
MARGIN = 8


@dataclass(frozen=True, slots=True)
class Frame:
    """One screen.

    Attributes:
        number: of the frame, from 1.
        at: seconds since the program was started.
        lines: the rows as text.
        cells: the rows as characters with their styles.
        beyond: what the program wrote beyond the edges.
    """

    number: int
    at: float
    lines: tuple[str, ...]
    cells: Sequence[Sequence[Char]]
    beyond: str

    @property
    def text(self) -> str:
        """Return the rows as one text."""
        return "\n".join(self.lines)


class Film(Terminal):
    """Hands over each frame that differs from the one before, be it only in a style."""

    def __init__(self, *args: Any, taken: Callable[[Frame], None], **named: Any) -> None:
        """Start the program; `taken` gets the frames, everything else is as for `Terminal`."""
        super().__init__(*args, **named, margin=MARGIN)
        self._taken = taken
        self._began = self._changed = time.monotonic()
        self._pending = False
        self._last: Sequence[Sequence[Char]] = ()
        self.frames = 0

    def pump(self, seconds: float = 0.05) -> None:
        """Take in what the program writes within that time; keep the screen if it stands still."""
        before = self.received
        super().pump(seconds)
        now = time.monotonic()
        if self.received != before:
            self._changed, self._pending = now, True
        elif self._pending and now - self._changed >= STANDS:
            self._pending = False
            self._keep(now)

    def _keep(self, now: float) -> None:
        cells = self.cells
        if cells == self._last:
            return
        self._last = cells
        self.frames += 1
        self._taken(Frame(self.frames, now - self._began, tuple(self.lines), cells, self.beyond))
