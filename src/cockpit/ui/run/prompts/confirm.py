"""Confirm a mutation: what will happen, where, what it costs; then stay until it is known what became of it."""

from collections.abc import Iterable

from rich.text import Text
from textual import on
from textual.containers import VerticalScroll
from textual.widget import Widget
from textual.widgets import Button, Input, Static

from cockpit.engine.commands import Confirm
from cockpit.engine.prompts import ConfirmPrompt
from cockpit.engine.state import CallState
from cockpit.model.text import clean
from cockpit.report.record_words import short_json
from cockpit.ui import theme
from cockpit.ui.actions import Act, actions
from cockpit.ui.field import Field
from cockpit.ui.run.desk import Asked, Desk
from cockpit.ui.run.prompts.base import PromptDialog, field_row, words
from cockpit.ui.run.step_view import append_call, call_fate

LINGER_SECONDS = 1.5
"""How long the good outcome stays before the dialog closes by itself; anything else stays until it is closed."""


class Fate(Static):
    """What became of the calls: the last of the content, brought into view whenever it grows."""

    DEFAULT_CSS = "Fate { height: auto; width: 100%; display: none; }"

    def show(self, words: Text) -> None:
        """Show what is known now."""
        self.display = bool(words)
        self.update(words)

    def on_resize(self) -> None:
        """Scroll to it; only now, after the layout, is it known how far."""
        if self.display and isinstance(self.parent, VerticalScroll):
            self.parent.scroll_end(animate=False, immediate=True)


class ConfirmDialog(PromptDialog):
    """`mutate`: a key; `destructive`: the resource's name, typed."""

    BINDINGS = actions(
        "confirm", Act("confirm", "c", "confirm", "Send the calls shown; only where no name is asked for.")
    )
    title_words = "Confirm"

    def __init__(self, desk: Desk, asked: Asked, prompt: ConfirmPrompt) -> None:
        self.prompt = prompt
        self.go_label = "Confirm (c)" if not prompt.type_this else "Confirm with the name typed"
        if prompt.type_this:
            self.title_words = "Confirm what is DESTRUCTIVE"
            self.typing_into = "#confirm-type"
        super().__init__(desk, asked)
        step = desk.state().steps.get(asked.step)
        self._calls_before = len(step.calls) if step else 0
        self._sent = False
        self._settled = False

    def compose_content(self) -> Iterable[Widget]:
        """Yield place, cost, calls, and later what became of them."""
        yield words(self._words())
        yield Fate(markup=False)

    def compose_foot(self) -> Iterable[Widget]:
        """Yield the field for the name, where one is asked for."""
        if self.prompt.type_this and not self.desk.observing:
            line = Text("Type ").append(clean(self.prompt.type_this), style=theme.BOLD).append(" to confirm: ")
            yield field_row(line, Field(id="confirm-type"))

    def _words(self) -> Text:
        scope, prompt = self.state.scope, self.prompt
        text = Text.assemble(("on ", theme.NOTE))
        text.append(f"{scope.kind.value.upper()} {clean(scope.environment, 40)}", style=theme.BOLD)
        regions = ", ".join(dict.fromkeys(call.region for call in prompt.calls)) or scope.region
        text.append(f"  account {scope.account}, {regions}")
        text.append("  DRY RUN: nothing is sent\n" if self.state.mode == "dry" else "\n", style=theme.NOTE)
        targets = tuple(dict.fromkeys(clean(call.target, 200) for call in prompt.calls if call.target))
        for target in targets:
            text.append("target: ", style=theme.NOTE).append(f"{target}\n", style=theme.BOLD)
        if prompt.point_of_no_return:
            text.append("POINT OF NO RETURN: after this there is no way back by this plan.\n", style=theme.BAD)
        for name, value in (("data", prompt.data_cost), ("time", prompt.time_cost), ("undo", prompt.undo)):
            text.append(f"{name}: ", style=theme.NOTE).append(f"{clean(value, 1000) or 'not stated'}\n")
        for note in prompt.notes:
            text.append(f"note: {clean(note, 1000)}\n")
        for call in prompt.calls:
            append_call(text, call)
            text.append(f"  parameters {short_json(call.params, 20_000)}\n", style=theme.DIM)
        text.rstrip()
        return text

    def action_confirm(self) -> None:
        """Confirm by key, where a key is enough."""
        if not self.prompt.type_this and not self.desk.observing:
            self.go_on()

    @on(Input.Submitted, "#confirm-type")
    def _typed(self, event: Input.Submitted) -> None:
        event.stop()
        self.go_on()

    def go_on(self) -> None:
        """Send the confirmation, once; a wrong name is said here and sends nothing."""
        if self._sent:
            return
        typed = self.field("confirm-type") if self.prompt.type_this else ""
        if typed != self.prompt.type_this:
            self.say(
                f"Nothing was sent: type exactly {self.prompt.type_this} (typed: {clean(typed, 80) or 'nothing'})."
            )
            return
        self._sent = True
        self._show_ways(there=False)
        self._label_cancel("Hide, the call goes on").focus()
        self.send(Confirm(self.asked.step, self.asked.attempt, typed=typed))

    def follow(self) -> bool:
        """Show what becomes of the calls; close only when it is known and good."""
        asked = self.desk.asked()
        if asked is not None and asked.seq == self.asked.seq:
            if self.state.refused and self._sent:
                self._reopen()
            return False
        # Another branch may ask meanwhile; what became of this call is shown first.
        moved_on = asked is not None and asked.step == self.asked.step
        if self._settled:
            return moved_on
        calls = self._calls()
        self._show(calls)
        ended = moved_on or self._step_ended() or len(calls) >= len(self.prompt.calls)
        if not ended or any(call.end is None for call in calls):
            return False
        self._settled = True
        self._label_cancel("Close")
        if all(call.took_effect for call in calls):
            self.say("")
            self.set_timer(LINGER_SECONDS, self.close_if_open)
            return False
        # The question what to do about it comes next and tells the evidence.
        return moved_on

    def close_if_open(self) -> None:
        """Close, if this is still the dialog on top."""
        if self.is_active:
            self.dismiss(None)

    def _label_cancel(self, words: str) -> Button:
        """Write other words on the first button, which takes the room they need."""
        button = self.query_one("#dialog-cancel", Button)
        button.label = Text(f"[ {words} ]")
        button.refresh(layout=True)
        return button

    def _show_ways(self, *, there: bool) -> None:
        """Show the field and the button that confirm, or take them away."""
        self.query_one("#dialog-foot").display = there
        self.query_one("#dialog-go", Button).display = there

    def _reopen(self) -> None:
        self._sent = False
        self._show_ways(there=True)
        self._label_cancel("Cancel")
        self.say(f"Not taken: {clean(self.state.refused, 500)}")

    def _calls(self) -> tuple[CallState, ...]:
        step = self.state.steps.get(self.asked.step)
        return step.calls[self._calls_before :] if step else ()

    def _step_ended(self) -> bool:
        step = self.state.steps.get(self.asked.step)
        return step is None or step.outcome is not None or step.attempt != self.asked.attempt

    def _show(self, calls: tuple[CallState, ...]) -> None:
        fates = Text("\n").join(call_fate(call) for call in calls)
        self.query_one(Fate).show(fates)
        bad = any(call.end is not None and not call.took_effect for call in calls)
        known = sum(call.end is not None for call in calls)
        self.say("" if bad or not calls else f"{known} of {len(self.prompt.calls)} calls answered \u2026")
