"""The base of every prompt on screen: the strip above, the step's name, and one question that stays until answered."""

from collections.abc import Iterable

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widget import Widget
from textual.widgets import Input, Static

from cockpit.engine.commands import Command
from cockpit.engine.state import RunState
from cockpit.model.text import clean
from cockpit.report.branch_words import branch_name
from cockpit.ui.button import button
from cockpit.ui.dialog import Dialog
from cockpit.ui.run.desk import Asked, Desk
from cockpit.ui.run.step_words import number_of
from cockpit.ui.run.strip import RunStrip

LONGEST_LABEL = 40
"""Cells of a label that leave room for what is typed, on the smallest terminal, in the same row."""


class PromptDialog(Dialog[None]):
    """A question of the engine. Closing it answers nothing: the run waits, Enter on the run screen opens it again.

    Attributes:
        title_words: what kind of question it is, in front of the step's name.
    """

    DEFAULT_CSS = """
    PromptDialog { layout: vertical; align: center top; }
    PromptDialog > #dialog { max-width: 100%; height: 1fr; }
    PromptDialog #dialog-body { height: 1fr; scrollbar-size-vertical: 1; }
    PromptDialog #dialog-foot { height: auto; }
    PromptDialog #dialog-foot Input { width: 1fr; }
    PromptDialog #dialog-buttons { margin-top: 0; }
    PromptDialog .prompt-words { height: auto; width: 100%; }
    PromptDialog .prompt-field { height: auto; width: 100%; }
    PromptDialog .prompt-field > Static { width: auto; }
    """
    AUTO_FOCUS = ""
    title_words: str = ""

    def __init__(self, desk: Desk, asked: Asked) -> None:
        super().__init__()
        self.desk = desk
        self.asked = asked
        state = desk.state()
        step = next((step for step in state.plan.steps if step.id == asked.step), None)
        number = number_of(state, asked.step)
        name = f"{number}/{len(state.plan.steps)} {step.title}" if step else "Preflight"
        if branch := branch_name(state.plan, asked.step):
            name = f"{branch} \u203a {name}"
        self.heading = f"{self.title_words or asked.prompt.kind.capitalize()} \u2014 {name}"
        if desk.observing:
            self.heading = f"NOT ANSWERABLE HERE \u2014 {self.heading}"
            self.go_label = ""
            self.cancel_label = "Close"
            self.typing_into = ""

    def compose(self) -> ComposeResult:
        """Lay out the strip, then heading, content that scrolls, fields that stay in view, and buttons."""
        yield RunStrip(self.desk)
        with Vertical(id="dialog"):
            yield Static(Text(clean(self.heading)), id="dialog-heading")
            with VerticalScroll(id="dialog-body", can_focus=False):
                yield from self.compose_content()
            with Vertical(id="dialog-foot"):
                yield from self.compose_foot()
            yield Static(id="dialog-problem", markup=False)
            with Horizontal(id="dialog-buttons"):
                yield button(self.cancel_label, "dialog-cancel")
                if self.go_label:
                    yield button(self.go_label, "dialog-go")
                yield from self.compose_buttons()

    def compose_foot(self) -> Iterable[Widget]:
        """Yield the fields that stay in view while the content scrolls."""
        return ()

    def compose_buttons(self) -> Iterable[Widget]:
        """Yield further buttons."""
        return ()

    @property
    def state(self) -> RunState:
        """Return the state after the latest record."""
        return self.desk.state()

    def send(self, command: Command) -> None:
        """Send the answer. It counts when its record is there; a refusal is shown here."""
        if not self.desk.send(command):
            self.say(f"Nothing was sent. {clean(self.desk.handle.stopped(), 500)}")
            return
        self.say("Sent; waiting for the engine \u2026")

    def follow(self) -> bool:
        """Look at the run after new records; True if this dialog has nothing more to show and may be closed."""
        asked = self.desk.asked()
        if asked is None or asked.seq != self.asked.seq:
            return True
        if self.state.refused:
            self.say(f"Not taken: {clean(self.state.refused, 500)}")
        return False

    def renew_strip(self) -> None:
        """Bring the strip up to date."""
        for strip in self.query(RunStrip):
            strip.renew()

    def field(self, name: str) -> str:
        """Return what stands in a field, without blanks around it."""
        return self.query_one(f"#{name}", Input).value.strip()


def field_row(label: Text | str, field: Input) -> Horizontal | Vertical:
    """Return a field with its label in front, a long one above. With the focus nothing is selected: it stays."""
    field.select_on_focus = False
    text = label if isinstance(label, Text) else Text(label)
    row = Horizontal if text.cell_len <= LONGEST_LABEL else Vertical
    return row(Static(text, markup=False), field, classes="prompt-field")


def words(text: Text | str, classes: str = "prompt-words", name: str | None = None) -> Static:
    """Return text as a widget of that id; markup in it is text."""
    return Static(text if isinstance(text, Text) else Text(text), markup=False, classes=classes, id=name)
