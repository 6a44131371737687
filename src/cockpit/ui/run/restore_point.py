"""Choose the second to restore to: a cursor on the timeline, the data-loss window moving with it (DESIGN 8, RQ-18)."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta

from rich.markup import escape
from rich.text import Text
from textual import events, on
from textual.widget import Widget
from textual.widgets import Input, Static

from cockpit.engine.commands import ChooseRestorePoint
from cockpit.engine.loss import PromptWindows
from cockpit.engine.prompts import RestorePointPrompt
from cockpit.model.text import clean, utc, utc_time
from cockpit.report.count_words import write_words
from cockpit.ui import theme
from cockpit.ui.actions import Act, actions
from cockpit.ui.dialog import Dialog
from cockpit.ui.field import Field
from cockpit.ui.run import timeline_view as view
from cockpit.ui.run.desk import Asked, Desk
from cockpit.ui.run.loss_view import growing, loss_block, rpo_words
from cockpit.ui.run.prompts.base import PromptDialog, words

KEYS = "\u2190\u2192 1 s  [ ] 1 min  n p event  g time  0 proposal  + - zoom  Enter chooses"


class TimelineAxis(Static, can_focus=True):
    """The axis. It has the focus, so that keys move the cursor and Enter asks whether this second it is."""

    DEFAULT_CSS = "TimelineAxis { height: auto; width: 100%; }"


class RestorePointDialog(PromptDialog):
    """The cursor starts on the proposal; what cannot be restored is refused in words."""

    BINDINGS = actions(
        "restore_point",
        Act("move(-1)", "left", "-1 s", "One second earlier.", key_name="←"),
        Act("move(1)", "right", "+1 s", "One second later.", key_name="→"),
        Act("move(-60)", "left_square_bracket,shift+left", "-1 min", "One minute earlier.", key_name="["),
        Act("move(60)", "right_square_bracket,shift+right", "+1 min", "One minute later.", key_name="]"),
        Act("event(-1)", "p", "previous", "To the second before the previous event."),
        Act("event(1)", "n", "next", "To the second before the next event."),
        Act("proposal", "0", "proposal", "Back to the proposal."),
        Act("go_to", "g", "type a time", "Type a time, UTC."),
        Act("zoom(-1)", "plus,equals_sign", "closer", "Show less time around the cursor.", key_name="+"),
        Act("zoom(1)", "minus", "wider", "Show more time around the cursor.", key_name="-"),
        Act("choose", "enter", "choose", "Ask whether this second it is; nothing is restored by it."),
    )
    DEFAULT_CSS = """
    RestorePointDialog #dialog-heading { display: none; }
    RestorePointDialog #time-typed { display: none; }
    RestorePointDialog.-typing #time-typed { display: block; }
    RestorePointDialog #point-words { height: auto; text-wrap: nowrap; text-overflow: ellipsis; }
    RestorePointDialog #point-more { height: auto; }
    """
    title_words = "Restore point"
    go_label = "Choose this second"

    def __init__(self, desk: Desk, asked: Asked, prompt: RestorePointPrompt) -> None:
        super().__init__(desk, asked)
        self.prompt = prompt
        self._windows = PromptWindows(prompt)
        self._events = view.events(prompt)
        # Without a proposal the cursor starts as early as it can: never on the latest second.
        self.cursor = prompt.proposal or prompt.earliest.replace(microsecond=0) + view.SECOND
        self._zoom = view.fitting_zoom(prompt, self.cursor)

    def compose_content(self) -> Iterable[Widget]:
        """Yield the axis, what the cursor means, and the field for a typed time."""
        yield TimelineAxis(markup=False)
        yield Static(id="point-words", markup=False)
        yield Static(id="point-more", markup=False)

    def compose_foot(self) -> Iterable[Widget]:
        """Yield the keys and the field for a typed time."""
        yield words(KEYS)
        yield Field(placeholder="HH:MM:SS or 2026-01-31 HH:MM:SS, UTC; Enter goes there", id="time-typed")

    def on_mount(self) -> None:
        """Give the axis the focus: Enter there opens a dialog, it chooses nothing."""
        title = f"Restore point of {clean(self.prompt.table, 255)}: nothing is restored by choosing"
        self.query_one("#dialog").border_title = escape(title)
        self.call_later(self.query_one(TimelineAxis).focus)
        self.show_cursor()

    def on_resize(self, event: events.Resize) -> None:
        """Fit the axis to the new width."""
        del event
        self.call_after_refresh(self.show_cursor)

    def show_cursor(self) -> None:
        """Show axis, cursor and window anew."""
        axis_widget = self.query_one(TimelineAxis)
        width = (axis_widget.size.width or self.app.size.width - 4) - view.LABEL_WIDTH
        axis = view.axis_around(self.cursor, view.ZOOMS[self._zoom], width)
        axis_widget.update(view.timeline(self.prompt, self.cursor, axis))
        self.query_one("#point-words", Static).update(self.point_words())
        self.query_one("#point-more", Static).update(self.more_words())
        self.say(view.refusal(self.prompt, self.cursor))

    def point_words(self) -> Text:
        """Return the cursor, its data-loss window and its neighbours in words, one line each."""
        window = growing(self._windows.at(self.cursor), self.desk.now())
        text = Text.assemble(("cursor   ", theme.NOTE)).append_text(view.cursor_words(self.prompt, self.cursor))
        text.append("\nLOSS     ", style=theme.BAD)
        text.append(f"{view.span_words(window.duration)}  {write_words(window.writes)}  ", style=theme.BOLD)
        text.append(*rpo_words(window))
        text.append("\nuntil    ", style=theme.NOTE).append(f"{utc_time(window.end)}  {window.end_basis.value}")
        before, after = view.neighbours(self.prompt, self.cursor)
        for name, mark in (("before", before), ("after", after)):
            text.append(f"\n{name:<9}", style=theme.NOTE)
            text.append_text(view.mark_words(mark, self.cursor) if mark else Text("no event"))
        text.append("\nproposed ", style=theme.NOTE).append(view.proposal_words(self.prompt))
        return text

    def more_words(self) -> Text:
        """Return what the picture rests on, and what is missing from it."""
        text = Text()
        for gap in self.prompt.gaps:
            text.append("missing  ", style=theme.WARN).append(f"{clean(gap, 300)}\n")
        text.append(f"can be restored: {utc(self.prompt.earliest)} to {utc(self.prompt.latest)}", style=theme.DIM)
        if self.prompt.basis:
            text.append(f"\nwrites counted: {clean(self.prompt.basis, 300)}", style=theme.DIM)
        return text

    def action_move(self, seconds: int) -> None:
        """Move the cursor; at a bound of the restorable window it stops and says so."""
        self._move_to(self.cursor + timedelta(seconds=seconds))

    def _move_to(self, moment: datetime) -> None:
        why = view.refusal(self.prompt, moment)
        if not why:
            self.cursor = moment
        self.show_cursor()
        if why:
            self.say(why)

    def action_event(self, direction: int) -> None:
        """Move the cursor to the next or previous event's last second before it."""
        at_or_before = bisect_right(self._events, self.cursor)
        place = at_or_before if direction > 0 else bisect_left(self._events, self.cursor) - 1
        if 0 <= place < len(self._events):
            self._move_to(self._events[place])
        else:
            self.say(f"There is no {'later' if direction > 0 else 'earlier'} event that can be restored to.")

    def action_proposal(self) -> None:
        """Move the cursor to the proposal."""
        if self.prompt.proposal is None:
            self.say(view.proposal_words(self.prompt))
        else:
            self._move_to(self.prompt.proposal)

    def action_zoom(self, step: int) -> None:
        """Show more or less time around the cursor."""
        self._zoom = max(0, min(self._zoom + step, len(view.ZOOMS) - 1))
        self.show_cursor()

    def action_go_to(self) -> None:
        """Ask for a time to go to."""
        self.add_class("-typing")
        field = self.query_one("#time-typed", Input)
        field.value = ""
        field.focus()

    @on(Input.Submitted, "#time-typed")
    def _time_typed(self, event: Input.Submitted) -> None:
        event.stop()
        moment = typed_moment(event.value, self.cursor)
        if moment is None:
            self.say(f"{clean(event.value, 60) or 'Nothing'} is no time: type HH:MM:SS or 2026-01-31 HH:MM:SS, in UTC.")
            return
        self.remove_class("-typing")
        self.query_one(TimelineAxis).focus()
        self._move_to(moment)

    def action_cancel(self) -> None:
        """Leave the field for a time, or close."""
        if self.has_class("-typing"):
            self.remove_class("-typing")
            self.query_one(TimelineAxis).focus()
        else:
            super().action_cancel()

    def action_choose(self) -> None:
        """Ask whether the cursor's second is the one."""
        self.go_on()

    def go_on(self) -> None:
        """Ask whether the cursor's second is the one."""
        why = view.refusal(self.prompt, self.cursor)
        if self.desk.observing or why:
            self.say(why or self.desk.handle.stopped())
            return
        self.app.push_screen(ConfirmPointDialog(self.prompt, self.cursor, self._block()), self._chosen)

    def _block(self) -> Text:
        return loss_block(growing(self._windows.at(self.cursor), self.desk.now()))

    def _chosen(self, moment: datetime | None) -> None:
        if moment is not None:
            self.send(ChooseRestorePoint(self.asked.step, self.asked.attempt, moment))


class ConfirmPointDialog(Dialog[datetime]):
    """Is it this second? Choosing restores nothing: the restore is confirmed in a step of its own."""

    BINDINGS = actions("confirm_point", Act("confirm", "c", "choose", "Choose this second."))
    heading = "Choose this restore point?"
    go_label = "Choose it"

    def __init__(self, prompt: RestorePointPrompt, moment: datetime, block: Text) -> None:
        super().__init__()
        self._prompt = prompt
        self._moment = moment
        self._block = block

    def compose_content(self) -> Iterable[Widget]:
        """Yield the second, what it means, and what is lost by it."""
        text = Text.assemble((f"{self._prompt.noun} ", theme.NOTE)).append(
            f"{clean(self._prompt.table, 255)}\n", style=theme.BOLD
        )
        text.append_text(view.cursor_words(self._prompt, self._moment)).append("\n")
        text.append("THIS WOULD BE LOST\n", style=theme.BAD).append_text(self._block)
        yield words(text)
        yield words("Nothing is restored yet: that is confirmed in a step of its own.")

    def action_confirm(self) -> None:
        """Choose by key."""
        self.go_on()

    def go_on(self) -> None:
        """Return the chosen second."""
        self.dismiss(self._moment)


def typed_moment(text: str, near: datetime) -> datetime | None:
    """Return the UTC second that was typed: a time of day (nearest day to `near`), or a date and time; None if neither.

    A trailing ``Z`` is allowed; another offset is converted.
    """
    words_typed = text.strip()
    try:
        at = time.fromisoformat(words_typed.removesuffix("Z"))
    except ValueError:
        pass
    else:
        if at.tzinfo is not None:
            return None
        days = (near.date() + timedelta(days=offset) for offset in (-1, 0, 1))
        return min((datetime.combine(day, at.replace(microsecond=0), UTC) for day in days), key=lambda m: abs(m - near))
    try:
        moment = datetime.fromisoformat(words_typed)
    except ValueError:
        return None
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return moment.replace(microsecond=0)
