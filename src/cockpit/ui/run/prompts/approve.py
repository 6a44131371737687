"""Take responsibility by typing a phrase; where data is lost, with the data-loss window in full."""

from collections.abc import Iterable

from rich.text import Text
from textual import on
from textual.widget import Widget
from textual.widgets import Input

from cockpit.engine.commands import Approve
from cockpit.engine.prompts import ApprovePrompt
from cockpit.model.text import clean, clean_block
from cockpit.ui import theme
from cockpit.ui.field import Field
from cockpit.ui.run.desk import Asked, Desk
from cockpit.ui.run.loss_view import loss_block, window_now
from cockpit.ui.run.prompts.base import PromptDialog, field_row, words


class ApproveDialog(PromptDialog):
    """The phrase has to be typed to the letter, and a second person named where the plan wants one."""

    title_words = "Approve"
    go_label = "Approve"
    typing_into = "#approve-phrase"

    def __init__(self, desk: Desk, asked: Asked, prompt: ApprovePrompt) -> None:
        super().__init__(desk, asked)
        self.prompt = prompt

    def compose_content(self) -> Iterable[Widget]:
        """Yield the statement and the window."""
        yield words(clean_block(self.prompt.statement))
        if self.prompt.accepts_loss:
            yield words("")
            yield words(self._loss())

    def compose_foot(self) -> Iterable[Widget]:
        """Yield the fields for phrase and second person."""
        phrase = Text("Type ").append(clean(self.prompt.phrase), style=theme.BOLD)
        phrase.append(" to approve: ")
        yield field_row(phrase, Field(id="approve-phrase", disabled=self.desk.observing))
        if self.prompt.second_person:
            second = Field(id="approve-second", disabled=self.desk.observing)
            yield field_row("Second person who agrees (not you): ", second)

    def _loss(self) -> Text:
        window, _ = window_now(self.state, self.desk.now())
        text = Text.assemble(("THIS DATA IS LOST\n", theme.BAD))
        if window is None:
            return text.append("The data-loss window is not measured.", style=theme.WARN)
        return text.append_text(loss_block(window))

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if event.input.id == "approve-phrase" and self.prompt.second_person and not self.field("approve-second"):
            self.query_one("#approve-second", Input).focus()
            return
        self.go_on()

    def go_on(self) -> None:
        """Send the approval, if phrase and second person are there."""
        typed = self.field("approve-phrase")
        second = self.field("approve-second") if self.prompt.second_person else ""
        if typed != self.prompt.phrase.strip():
            self.say(f"Nothing was sent: type exactly {self.prompt.phrase} (typed: {clean(typed, 80) or 'nothing'}).")
        elif self.prompt.second_person and not second:
            self.say("Nothing was sent: a second person has to agree; type the name.")
            self.query_one("#approve-second", Input).focus()
        elif second and second.casefold() == self.state.operator.casefold():
            self.say("Nothing was sent: the second person must be somebody else.")
        else:
            self.send(Approve(self.asked.step, self.asked.attempt, typed=typed, second_person=second))
