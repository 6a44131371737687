"""Tell somebody: the words, and how it was done."""

from collections.abc import Iterable

from rich.text import Text
from textual import on
from textual.widget import Widget
from textual.widgets import Input

from cockpit.engine.commands import Answer
from cockpit.engine.prompts import NotifyPrompt
from cockpit.model.text import clean, clean_block
from cockpit.ui import theme
from cockpit.ui.field import Field
from cockpit.ui.run.desk import Asked, Desk
from cockpit.ui.run.prompts.base import PromptDialog, field_row, words


class NotifyDialog(PromptDialog):
    """The operator tells them by the means there are, and says how."""

    title_words = "Tell somebody"
    go_label = "They have been told"
    typing_into = "#notify-how"

    def __init__(self, desk: Desk, asked: Asked, prompt: NotifyPrompt) -> None:
        super().__init__(desk, asked)
        self.prompt = prompt

    def compose_content(self) -> Iterable[Widget]:
        """Yield whom to tell, and the words."""
        text = Text.assemble(("to: ", theme.NOTE)).append(f"{clean(self.prompt.to, 500)}\n\n", style=theme.BOLD)
        yield words(text.append(clean_block(self.prompt.text)))

    def compose_foot(self) -> Iterable[Widget]:
        """Yield the field for how it was done."""
        label = Text("How were they told (call, chat, mail)? ", style=theme.NOTE)
        yield field_row(label, Field(id="notify-how", disabled=self.desk.observing))

    @on(Input.Submitted, "#notify-how")
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.go_on()

    def go_on(self) -> None:
        """Send how it was done."""
        how = self.field("notify-how")
        if not how:
            self.say("Nothing was sent: say how they were told.")
            return
        self.send(Answer(self.asked.step, self.asked.attempt, value=how))
