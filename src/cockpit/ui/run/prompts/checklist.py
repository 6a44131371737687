"""Tick off every item by its evidence, or say why one stays open."""

from collections.abc import Iterable

from rich.text import Text
from textual import events, on
from textual.widget import Widget
from textual.widgets import Button, Input

from cockpit.engine.commands import TickOff
from cockpit.engine.prompts import ChecklistPrompt
from cockpit.model.text import clean, clean_block
from cockpit.ui import theme
from cockpit.ui.actions import Act, actions
from cockpit.ui.field import Field
from cockpit.ui.run.desk import Asked, Desk
from cockpit.ui.run.item_list import ItemList, item_label
from cockpit.ui.run.prompts.base import PromptDialog, field_row, words


class ChecklistDialog(PromptDialog):
    """Space ticks the item under the cursor; typing a reason below leaves it open with that reason."""

    BINDINGS = actions(
        "checklist",
        Act("tick", "space", "tick", "Tick or untick the item under the cursor."),
        Act("reason", "o", "leave open", "Leave the item under the cursor open, with a reason."),
    )
    DEFAULT_CSS = """
    ChecklistDialog #dialog-foot { display: none; }
    ChecklistDialog.-reasoning #dialog-foot { display: block; }
    """
    title_words = "Check"
    go_label = "All looked at"

    def __init__(self, desk: Desk, asked: Asked, prompt: ChecklistPrompt) -> None:
        super().__init__(desk, asked)
        self.prompt = prompt
        self._answers: dict[str, bool | str] = {}
        self._reasoning = 0

    def compose_content(self) -> Iterable[Widget]:
        """Yield the items."""
        yield words(Text("space ticks an item, o leaves it open with a reason, Tab: to the buttons", style=theme.DIM))
        yield ItemList(len(self.prompt.items), self._item, id="items")

    def compose_foot(self) -> Iterable[Widget]:
        """Yield the field for why an item stays open."""
        label = Text("Why does it stay open? ", style=theme.NOTE)
        yield field_row(label, Field(id="checklist-reason"))

    def _item(self, index: int, here: bool) -> tuple[str, Text]:
        item = self.prompt.items[index]
        answer = self._answers.get(item.id)
        text = item_label(clean(item.text, 1000), here=here)
        if isinstance(answer, str):
            text.append(f"\nleft open: {answer}", style=theme.WARN)
        for line in clean_block(item.evidence).splitlines():
            text.append(f"\n{line}")
        return "[x]" if answer is True else ("[-]" if answer else "[ ]"), text

    def _set(self, index: int, answer: bool | str) -> None:
        self._answers[self.prompt.items[index].id] = answer
        items = self.query_one(ItemList)
        items.renew()
        self.say("")
        count = len(self.prompt.items)
        onward = [(index + step) % count for step in range(1, count)] if answer else [index]
        still_open = [at for at in (*onward, index) if not self._answers.get(self.prompt.items[at].id)]
        if still_open:
            items.go_to(still_open[0])
        else:
            self.query_one("#dialog-go", Button).focus()

    @property
    def _at(self) -> int | None:
        return None if self.desk.observing else self.query_one(ItemList).cursor

    def action_tick(self) -> None:
        """Tick the item under the cursor, or take the tick away."""
        if self._at is not None:
            item = self.prompt.items[self._at]
            self._set(self._at, self._answers.get(item.id) is not True)

    def action_reason(self) -> None:
        """Ask why the item under the cursor stays open."""
        if self._at is None:
            return
        self._reasoning = self._at
        self.add_class("-reasoning")
        self.query_one("#checklist-reason", Input).focus()

    @on(ItemList.Picked)
    def _picked(self, event: ItemList.Picked) -> None:
        event.stop()
        self.action_tick()

    @on(Input.Submitted, "#checklist-reason")
    def _reason_given(self, event: Input.Submitted) -> None:
        event.stop()
        reason = event.value.strip()
        if not reason:
            self.say("A reason is wanted to leave an item open.")
            return
        event.input.value = ""
        self.remove_class("-reasoning")
        self.query_one(ItemList).focus()
        self._set(self._reasoning, reason)

    def on_key(self, event: events.Key) -> None:
        """Let the arrow keys reach the list though the focus starts on Cancel."""
        if event.key in ("up", "down") and isinstance(self.focused, Button):
            self.query_one(ItemList).focus()
            event.stop()
            event.prevent_default()

    def go_on(self) -> None:
        """Send the list, if every item is ticked or has a reason."""
        open_items = [item for item in self.prompt.items if not self._answers.get(item.id)]
        if open_items:
            self.query_one(ItemList).cursor = self.prompt.items.index(open_items[0])
            first = clean(open_items[0].text, 80).rstrip(".")
            self.say(f"{len(open_items)} not looked at, first: {first}. Tick it (space) or leave it open (o).")
            return
        self.send(TickOff(self.asked.step, self.asked.attempt, items=dict(self._answers)))
