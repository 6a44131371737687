"""Leaving while a run is on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from rich.text import Text
from textual.widget import Widget
from textual.widgets import Static

from cockpit.model.text import clean
from cockpit.ui.dialog import Dialog
from cockpit.ui.theme import BOLD, WARN

if TYPE_CHECKING:
    from cockpit.engine.state import RunState


class LeaveDialog(Dialog[bool]):
    """Says that quitting is not aborting, and what stays halted. Its result is True if the operator leaves."""

    heading = "A run is on. Quitting is not aborting."
    go_label = "Quit, leave the run"
    cancel_label = "Stay"

    def __init__(self, state: RunState) -> None:
        super().__init__()
        self._state = state

    def compose_content(self) -> Iterable[Widget]:
        """Yield what goes on and what stays as it is."""
        state = self._state
        words = Text.assemble(
            "What AWS was asked to do goes on. No further step is taken.\n",
            "Take it up again with ",
            (f"cockpit runs resume {state.run_id}", BOLD),
            " or with u on the watch screen.\n",
        )
        for halt in state.still_halted:
            words.append(f"still halted: {clean(halt.what)}\n", WARN)
        yield Static(words)

    def go_on(self) -> None:
        """Leave."""
        self.dismiss(True)
