"""A button of one line."""

from rich.text import Text
from textual.widgets import Button


def button(label: str, name: str) -> Button:
    """Return a button of that id, its label in brackets, so that it reads as one without colours.

    Textual's effect of a press gives it a border for a moment: of one line nothing would be left to see.
    """
    made = Button(Text(f"[ {label} ]"), id=name, compact=True)
    made.active_effect_duration = 0
    return made
