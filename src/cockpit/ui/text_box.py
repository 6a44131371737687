"""A box with a text to read or to select with the terminal's own means."""

from collections.abc import Iterable

from rich.text import Text
from textual.widget import Widget
from textual.widgets import Static

from cockpit.model.text import clean_block
from cockpit.ui.dialog import Dialog


class TextBox(Dialog[None]):
    """Shows one text.

    Args:
        heading: what it is.
        text: the text; cleaned of everything a terminal would obey.
        note: what is to be known about it.
    """

    cancel_label = "Close"

    def __init__(self, heading: str, text: str, note: str = "") -> None:
        super().__init__()
        self.heading = heading
        self._text = text
        self._note = note

    def compose_content(self) -> Iterable[Widget]:
        """Yield note and text."""
        if self._note:
            yield Static(Text(clean_block(self._note) + "\n"))
        yield Static(Text(clean_block(self._text)), classes="boxed-text")
