"""Type a value."""

import re
from collections.abc import Iterable

from rich.text import Text
from textual import on
from textual.widget import Widget
from textual.widgets import Input

from cockpit.engine.commands import Answer
from cockpit.engine.prompts import TextPrompt
from cockpit.model.text import clean
from cockpit.ui import theme
from cockpit.ui.field import Field
from cockpit.ui.run.desk import Asked, Desk
from cockpit.ui.run.prompts.base import PromptDialog, field_row, words


class TextDialog(PromptDialog):
    """What is offered stands in the field and is taken only by Enter in the field or the button."""

    title_words = "Type a value"
    go_label = "Take it"

    def __init__(self, desk: Desk, asked: Asked, prompt: TextPrompt) -> None:
        super().__init__(desk, asked)
        self.prompt = prompt

    def compose_content(self) -> Iterable[Widget]:
        """Yield the question."""
        yield words(Text(clean(self.prompt.question, 2000), style=theme.BOLD))
        if self.prompt.pattern:
            yield words(Text(f"must match {clean(self.prompt.pattern)}", style=theme.DIM))

    def compose_foot(self) -> Iterable[Widget]:
        """Yield the field, with what is offered in it."""
        offered = clean(self.prompt.offered)
        yield field_row("Value: ", Field(value=offered, id="text-value", disabled=self.desk.observing))

    @on(Input.Submitted, "#text-value")
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.go_on()

    def go_on(self) -> None:
        """Send the value, if it is one."""
        value = self.field("text-value")
        if not value:
            self.say("Nothing was sent: the field is empty.")
        elif self.prompt.pattern and not re.fullmatch(self.prompt.pattern, value):
            self.say(f"Nothing was sent: the value does not match {self.prompt.pattern}.")
        else:
            self.send(Answer(self.asked.step, self.asked.attempt, value=value))
