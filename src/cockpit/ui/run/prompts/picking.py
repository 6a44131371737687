"""Pick one of several: a list where nothing is picked at first, a reason where one is wanted, then a button."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.text import Text
from textual import events, on
from textual.widget import Widget
from textual.widgets import Button, Input

from cockpit.ui import theme
from cockpit.ui.field import Field
from cockpit.ui.run.item_list import ItemList, item_label
from cockpit.ui.run.prompts.base import PromptDialog, field_row


@dataclass(frozen=True, slots=True)
class Pickable:
    """One line of the list.

    Attributes:
        refused: why it cannot be picked; empty if it can.
        reason_wanted: picking it needs a reason.
    """

    label: str
    detail: str = ""
    refused: str = ""
    mark: str = ""
    reason_wanted: bool = False


class PickDialog(PromptDialog):
    """Two motions pick: Enter on a line, then the button. A single key never answers."""

    go_label = "Take it"
    reason_words = "Reason:"

    picks: Sequence[Pickable] = ()
    _picked: int | None = None

    def compose_head(self) -> Iterable[Widget]:
        """Yield what stands above the list."""
        return ()

    def compose_content(self) -> Iterable[Widget]:
        """Yield head and list."""
        yield from self.compose_head()
        items = ItemList(len(self.picks), self._item, id="pick-list")
        items.cursor = next((index for index, pick in enumerate(self.picks) if not pick.refused), 0)
        yield items

    def compose_foot(self) -> Iterable[Widget]:
        """Yield the field for a reason, where one may be wanted."""
        if any(pick.reason_wanted for pick in self.picks) and not self.desk.observing:
            yield field_row(Text(f"{self.reason_words} ", style=theme.NOTE), Field(id="pick-reason"))

    def _item(self, index: int, here: bool) -> tuple[str, Text]:
        pick = self.picks[index]
        text = item_label(pick.label, here=here, dim=bool(pick.refused))
        if index == self._picked:
            text.append("  PICKED", style=theme.NOTE)
        if pick.mark:
            text.append(f"  {pick.mark}", style=theme.GOOD)
        if pick.refused:
            text.append(f"\nnot possible: {pick.refused}", style=theme.WARN)
        if pick.detail:
            text.append(f"\n{pick.detail}")
        return "\u00d7" if pick.refused else ("\u25cf" if index == self._picked else "\u25cb"), text

    @on(ItemList.Picked)
    def _item_picked(self, event: ItemList.Picked) -> None:
        event.stop()
        pick = self.picks[event.index]
        if pick.refused or self.desk.observing:
            self.say(f"This cannot be picked: {pick.refused or self.desk.handle.stopped()}")
            return
        self._picked = event.index
        self.query_one(ItemList).renew()
        self.say("")
        if pick.reason_wanted and not self.field("pick-reason"):
            self.query_one("#pick-reason", Input).focus()
        else:
            self.query_one("#dialog-go", Button).focus()

    @on(Input.Submitted, "#pick-reason")
    def _reason_given(self, event: Input.Submitted) -> None:
        event.stop()
        self.query_one("#dialog-go", Button).focus()

    def on_key(self, event: events.Key) -> None:
        """Let the arrow keys reach the list though the focus starts on Cancel."""
        if event.key in ("up", "down") and isinstance(self.focused, Button):
            self.query_one(ItemList).focus()
            event.stop()
            event.prevent_default()

    def go_on(self) -> None:
        """Answer with what is picked; say what is missing otherwise."""
        if self._picked is None:
            self.say("Nothing is picked yet: choose a line with the arrow keys and Enter.")
            return
        wanted = self.picks[self._picked].reason_wanted
        reason = self.field("pick-reason") if any(pick.reason_wanted for pick in self.picks) else ""
        if wanted and not reason:
            self.say("A reason is wanted: it goes into the journal.")
            self.query_one("#pick-reason", Input).focus()
            return
        self.take(self._picked, reason)

    def take(self, index: int, reason: str) -> None:
        """Send the answer."""
        raise NotImplementedError
