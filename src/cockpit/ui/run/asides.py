"""Dialogs that the operator opens: abort, skip, note, handing the run over."""

from collections.abc import Iterable

from rich.text import Text
from textual import events, on
from textual.widget import Widget
from textual.widgets import Button, Input, Static

from cockpit.engine.commands import Abort, Note
from cockpit.engine.state import RunState
from cockpit.engine.undo import undoable
from cockpit.model.text import clean
from cockpit.ui import theme
from cockpit.ui.dialog import Dialog
from cockpit.ui.field import Field
from cockpit.ui.run.item_list import ItemList, item_label

WAYS = (
    ("leave", "Leave", "End the run now and leave everything as it is. A call in flight is waited for."),
    ("stop", "Stop after this step", "Let the step in hand come to its end, then leave everything as it is."),
    ("undo", "Undo in reverse", "Take back the steps that can be, last one first; each is confirmed."),
)


class AbortDialog(Dialog[Abort]):
    """Three ways to end a run early, and what each leaves halted."""

    AUTO_FOCUS = ""
    heading = "Abort the run?"
    go_label = "Abort this way"
    cancel_label = "Go on with the run"

    def __init__(self, state: RunState) -> None:
        super().__init__()
        self._state = state
        self._picked: int | None = None

    def compose_content(self) -> Iterable[Widget]:
        """Yield what is still halted, the ways, and the field for a reason."""
        yield Static(self._left(), markup=False)
        yield ItemList(len(WAYS), self._item, id="abort-ways")
        yield Static(Text("Reason (kept in the journal):", style=theme.NOTE), markup=False)
        yield Field(id="abort-reason")

    def _left(self) -> Text:
        text = Text()
        for value in self._state.still_halted:
            text.append("STILL HALTED: ", style=theme.WARN).append(f"{clean(value.what, 300)}")
            text.append(f" (was {clean(value.value, 100)})\n", style=theme.DIM)
        if not self._state.still_halted:
            text.append("Nothing is halted.\n")
        titles = "; ".join(step.title for step in undoable(self._state))
        text.append("Undo would take back: ", style=theme.NOTE)
        text.append(f"{titles or 'nothing, no step so far can be taken back'}\n")
        return text

    def _item(self, index: int, here: bool) -> tuple[str, Text]:
        _, label, means = WAYS[index]
        picked = index == self._picked
        text = item_label(label, here=here).append("  PICKED" if picked else "", style=theme.NOTE)
        return "\u25cf" if picked else "\u25cb", text.append(f"\n{means}")

    @on(ItemList.Picked)
    def _way_picked(self, event: ItemList.Picked) -> None:
        event.stop()
        self._picked = event.index
        self.query_one(ItemList).renew()
        self.query_one("#abort-reason", Input).focus()

    @on(Input.Submitted, "#abort-reason")
    def _reason_given(self, event: Input.Submitted) -> None:
        event.stop()
        self.query_one("#dialog-go").focus()

    def on_key(self, event: events.Key) -> None:
        """Let the arrow keys reach the list though the focus starts on the button that goes on with the run."""
        if event.key in ("up", "down") and isinstance(self.focused, Button):
            self.query_one(ItemList).focus()
            event.stop()
            event.prevent_default()

    def go_on(self) -> None:
        """Return the chosen way."""
        reason = self.query_one("#abort-reason", Input).value.strip()
        if self._picked is None:
            self.say("Nothing is picked yet: choose a way with the arrow keys and Enter.")
        elif not reason:
            self.say("A reason is wanted: it goes into the journal.")
        else:
            way = WAYS[self._picked][0]
            self.dismiss(Abort("undo" if way == "undo" else "stop" if way == "stop" else "leave", reason))


class LineDialog(Dialog[str]):
    """Asks for one line of words.

    Args:
        heading: what the words are for.
        explanation: what happens with them.
        go_label: label of the button.
    """

    def __init__(self, heading: str, explanation: str, go_label: str) -> None:
        super().__init__()
        self.heading = heading
        self.go_label = go_label
        self._explanation = explanation

    def compose_content(self) -> Iterable[Widget]:
        """Yield the explanation and the field."""
        yield Static(Text(self._explanation), markup=False)
        yield Field(id="line")

    def on_mount(self) -> None:
        """Type at once: nothing is sent without words."""
        self.call_later(self.query_one("#line", Input).focus)

    @on(Input.Submitted, "#line")
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.go_on()

    def go_on(self) -> None:
        """Return the words."""
        line = self.query_one("#line", Input).value.strip()
        if line:
            self.dismiss(line)
        else:
            self.say("Nothing was typed.")


def note_dialog() -> LineDialog:
    """Return the dialog for a note."""
    return LineDialog("Note", "Your words go into the journal with the time.", "Keep the note")


def note_from(line: str) -> Note:
    """Return the command for a note."""
    return Note(line)


def skip_dialog(state: RunState, step_id: str) -> tuple[LineDialog | None, str]:
    """Return the dialog to skip a step in hand; None and why, if it cannot be skipped."""
    in_hand = step_id if step_id in state.in_hand else ""
    step = next((each for each in state.plan.steps if each.id == in_hand), None)
    if step is None:
        return None, "No step is in hand that could be skipped."
    if not step.skippable:
        return None, f"The plan does not allow to skip “{step.title}”."
    explanation = f"“{step.title}” is left out; later steps may miss what it gives. Why is it skipped?"
    return LineDialog("Skip the step?", explanation, "Skip it"), ""


def hand_over_dialog(state: RunState) -> LineDialog:
    """Return the dialog that asks to whom the run is handed over, and says what happens then."""
    halted = "".join(f"Still halted: {clean(value.what, 300)}\n" for value in state.still_halted)
    explanation = (
        "No further step is taken here. The answer of a call under way is waited for; what AWS was asked to do "
        "goes on. This screen goes on showing the run. It is taken up on this machine with\n"
        f"  cockpit runs resume {state.run_id} --as NAME\n{halted}To whom?"
    )
    return LineDialog("Hand the run over?", explanation, "Hand it over")
