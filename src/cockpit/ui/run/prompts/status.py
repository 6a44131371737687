"""The words for the status page: filled with measured facts, edited, copied, posted by a person, recorded."""

import re
from collections.abc import Iterable

from rich.text import Text
from textual import on
from textual.widget import Widget
from textual.widgets import Button, Input, Static, TextArea

from cockpit.engine.commands import PostStatus
from cockpit.engine.prompts import StatusPrompt
from cockpit.model.text import clean, clean_block
from cockpit.ui import theme
from cockpit.ui.button import button
from cockpit.ui.field import Field
from cockpit.ui.run.copying import copy_from
from cockpit.ui.run.desk import Asked, Desk
from cockpit.ui.run.prompts.base import PromptDialog, field_row, words

# What a value that is not measured yet looks like in a filled text (`plans.expressions.fill_text`).
_GAP = re.compile(r"\[[^\[\]\n]*: not yet known\]")


class StatusDialog(PromptDialog):
    """Nothing is posted by the cockpit: the operator posts, and says where."""

    DEFAULT_CSS = """
    StatusDialog #status-text { height: 1fr; min-height: 4; border: round $border; padding: 0; }
    StatusDialog #status-text { background: $background; }
    StatusDialog #status-gaps { height: auto; }
    """
    title_words = "Status text"
    go_label = "Mark as posted"
    typing_into = "#status-where"

    def __init__(self, desk: Desk, asked: Asked, prompt: StatusPrompt) -> None:
        super().__init__(desk, asked)
        self.prompt = prompt

    def compose_content(self) -> Iterable[Widget]:
        """Yield what the words rest on, and the words."""
        verbatim = self.prompt.basis == "verbatim"
        basis = "VERBATIM from the source" if verbatim else "DRAFT of the cockpit's authors, not in the source"
        head = Text.assemble((f"{clean(self.prompt.title, 200)}  ", theme.BOLD))
        yield words(head.append(basis, style=theme.GOOD if verbatim else theme.WARN))
        yield TextArea(clean_block(self.prompt.text), id="status-text", read_only=self.desk.observing, compact=True)

    def compose_foot(self) -> Iterable[Widget]:
        """Yield what is not measured yet, and the field for where it was posted."""
        yield Static(id="status-gaps", markup=False)
        label = Text("Posted where? ", style=theme.NOTE)
        yield field_row(label, Field(id="status-where", disabled=self.desk.observing))

    def compose_buttons(self) -> Iterable[Widget]:
        """Yield the buttons for copying and for not posting."""
        yield button("Copy", "status-copy")
        if not self.desk.observing:
            yield button("It was not posted", "status-not")

    def on_mount(self) -> None:
        """Show the gaps."""
        self._show_gaps()

    @property
    def text(self) -> str:
        """Return the words as they stand in the editor."""
        return self.query_one("#status-text", TextArea).text

    @on(TextArea.Changed, "#status-text")
    def _show_gaps(self) -> None:
        gaps = _GAP.findall(self.text)
        line = Text(f"{len(gaps)} not measured yet: {', '.join(gaps)}" if gaps else "", style=theme.WARN)
        self.query_one("#status-gaps", Static).update(line)

    @on(Button.Pressed, "#status-copy")
    def _copy(self, event: Button.Pressed) -> None:
        event.stop()
        copy_from(self, self.text)

    @on(Button.Pressed, "#status-not")
    def _not_posted(self, event: Button.Pressed) -> None:
        event.stop()
        where = self.field("status-where")
        self.send(PostStatus(self.asked.step, self.asked.attempt, text=self.text, posted=False, where=where))

    @on(Input.Submitted, "#status-where")
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.query_one("#dialog-go", Button).focus()

    def go_on(self) -> None:
        """Record the text as posted, with where; a text with gaps is not one to post."""
        where = self.field("status-where")
        if gaps := _GAP.findall(self.text):
            self.say(f"Not recorded: fill in or delete what is not measured yet: {', '.join(gaps)}.")
        elif not self.text.strip():
            self.say("Not recorded: the text is empty.")
        elif not where:
            self.say("Not recorded: say where it was posted (status page, mail, chat).")
            self.query_one("#status-where", Input).focus()
        else:
            self.send(PostStatus(self.asked.step, self.asked.attempt, text=self.text, posted=True, where=where))
