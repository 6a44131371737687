"""The run screen: steps left, the step in hand right, time and data loss above, what is still halted below (DESIGN 9).

Nothing here blocks: records arrive as one coalescing message, commands are handed over and come back as records.
"""

from collections.abc import Callable, Iterable

from rich.text import Text
from textual import on
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from cockpit.engine.commands import Abort, HandOver, Pause, Resume, Skip
from cockpit.engine.fold import PREFLIGHT
from cockpit.engine.handle import RunHandle
from cockpit.engine.records import Entry
from cockpit.engine.state import RunState
from cockpit.report.record_words import entry_line
from cockpit.ui.actions import Act, actions
from cockpit.ui.base import CockpitScreen
from cockpit.ui.run.asides import AbortDialog, hand_over_dialog, note_dialog, note_from, skip_dialog
from cockpit.ui.run.copying import copy_from
from cockpit.ui.run.desk import Desk
from cockpit.ui.run.dialogs import dialog_for
from cockpit.ui.run.journal import JournalScreen
from cockpit.ui.run.prompts.base import PromptDialog
from cockpit.ui.run.step_list import StepList
from cockpit.ui.run.step_rows import END, StepRow, current_key, row_of
from cockpit.ui.run.step_view import latest_confirmation, step_view, time_line
from cockpit.ui.run.strip import RunStrip
from cockpit.ui.run.strip_view import WIDE, halted_line
from cockpit.ui.run.whole_views import end_view, heading_view, in_hand_view, preflight_view
from cockpit.ui.session import CockpitSession
from cockpit.ui.table import RowTable

TAIL_LINES = 8
_COMMANDS = frozenset({"note", "pause", "skip", "abort", "hand_over"})


class RunChanged(Message, bubble=False):
    """The run has new records. What is new is read from the handle, so the newest message is enough."""

    def can_replace(self, message: Message) -> bool:
        """Replace an older notice of the same."""
        return isinstance(message, RunChanged)


class RunScreen(CockpitScreen[None]):
    """One run, driven here or watched: then everything is shown and nothing can be answered.

    Args:
        handle: the run.
        session: the open session, for its clock.
    """

    BINDINGS = actions(
        "run",
        Act("answer", "enter", "answer", "Open what the run waits for."),
        Act("journal", "l", "log", "Every record of the run in words."),
        Act("note", "n", "note", "Write a note into the journal."),
        Act("pause", "p", "pause", "Take no further step until resumed; a call in flight goes on. Again: resume."),
        Act("skip", "s", "skip", "Skip the step looked at, if it is in hand, with a reason, where the plan allows it."),
        Act("abort", "x", "abort", "End the run early: leave, stop or undo. Asks first."),
        Act("hand_over", "h", "hand over", "Give the run to somebody else, by name; this screen then only watches."),
        Act("copy", "y", "copy", "Copy the aws command of the step shown."),
        Act("current", "full_stop", "current", "Back to the step in hand.", shown=False, key_name="."),
        Act("close", "escape", "watch", "Back to the watch screen; the run goes on."),
    )
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (60, "-normal"), (WIDE, "-wide")]  # noqa: RUF012 - Textual's own
    DEFAULT_CSS = """
    RunScreen #run-body { height: 1fr; border-top: solid $border; border-bottom: solid $border; }
    RunScreen #steps { width: 32; height: 100%; }
    RunScreen #run-right { width: 1fr; border-left: solid $border; padding-left: 1; }
    RunScreen #step-scroll { height: 1fr; scrollbar-size-vertical: 1; }
    RunScreen #step-words { height: auto; width: 100%; }
    RunScreen #step-time { height: 1; width: 100%; }
    RunScreen #in-hand { height: auto; width: 100%; }
    RunScreen #journal-tail { display: none; height: 9; border-top: solid $border; }
    RunScreen #journal-tail, RunScreen #halted { text-wrap: nowrap; text-overflow: ellipsis; }
    RunScreen #step-time, RunScreen #in-hand { text-wrap: nowrap; text-overflow: ellipsis; }
    RunScreen #halted { height: 1; }
    RunScreen.-narrow #steps { display: none; }
    RunScreen.-wide #steps { width: 50; }
    RunScreen.-wide #journal-tail { display: block; }
    """

    def __init__(self, handle: RunHandle, session: CockpitSession) -> None:
        super().__init__()
        self.desk = Desk(handle, session.clock)
        self._unsubscribe: Callable[[], None] | None = None
        self._dialog: PromptDialog | None = None
        self._put_aside: set[int] = set()
        self._offered: bool | None = None
        self._shown: dict[str, Text] = {}

    def compose_body(self) -> Iterable[Widget]:
        """Yield strip, steps, the step in hand, journal tail, and what is halted."""
        yield RunStrip(self.desk)
        with Horizontal(id="run-body"):
            yield StepList(len(self.desk.state().plan.steps))
            with Vertical(id="run-right"):
                with VerticalScroll(id="step-scroll"):
                    yield Static(id="step-words", markup=False)
                yield Static(id="step-time", markup=False)
                yield Static(id="in-hand", markup=False)
                yield Static(id="journal-tail", markup=False)
        yield Static(id="halted", markup=False)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer no key that can do nothing: a run that has ended, or that is not driven here, takes no command."""
        del parameters
        if action == "answer":
            return not self.desk.state().ended
        return action not in _COMMANDS or self._takes_commands()

    def _takes_commands(self) -> bool:
        return not (self.desk.state().ended or self.desk.observing)

    def on_mount(self) -> None:
        """Follow the run."""
        self._unsubscribe = self.desk.handle.subscribe(self._record_arrived)
        self.query_one(StepList).focus()
        self.renew()
        self.set_interval(1.0, self._tick)

    def on_unmount(self) -> None:
        """Stop following; the run goes on."""
        if self._unsubscribe is not None:
            self._unsubscribe()

    def _record_arrived(self, entry: Entry, state: RunState) -> None:
        # On the engine's thread: it must not wait for a terminal that has stalled.
        del entry, state
        self.post_message(RunChanged())

    @on(RunChanged)
    def _run_changed(self) -> None:
        if self.is_active:
            self.renew_header()
            self.renew()
        self._look()

    def _tick(self) -> None:
        if self.is_active:
            self._follow()
            self._show_step()
        self._look()

    # -- showing ---------------------------------------------------------------------------------------------------

    def renew(self) -> None:
        """Show the state after the latest record."""
        state = self.desk.state()
        self._follow()
        self._put("#halted", halted_line(state))
        tail = self.desk.handle.entries()[-TAIL_LINES:]
        self._put("#journal-tail", Text("\n".join(entry_line(entry, state.plan) for entry in tail)))
        self._show_step()
        for strip in self.query(RunStrip):
            strip.renew()
        self.call_after_refresh(self._look)

    def _follow(self) -> None:
        self.query_one(StepList).follow(self.desk.state(), self.desk.now())
        if self._offered != self._takes_commands():
            self._offered = self._takes_commands()
            self.refresh_bindings()

    def _show_step(self) -> None:
        row = self.query_one(StepList).current
        state, entries = self.desk.state(), self.desk.handle.entries()
        key = row.key if row is not None else current_key(state)
        if row is not None and row.heading is not None:
            words = heading_view(state, row.heading, self.desk.now())
        elif key == PREFLIGHT:
            words = preflight_view(state, entries)
        elif key == END:
            words = end_view(state)
        else:
            words = step_view(state, key, latest_confirmation(entries, key))
        self._put("#step-words", words, layout=True)
        times = time_line(state, key, self.desk.now())
        self.query_one("#step-time").display = bool(times.plain)
        self._put("#step-time", times)
        others = in_hand_view(state, key, self.desk.now())
        self.query_one("#in-hand").display = bool(others.plain)
        self._put("#in-hand", others, layout=True)

    def _put(self, selector: str, words: Text, *, layout: bool = False) -> None:
        """Show words if they changed; a new layout only where their height may have changed with them."""
        before = self._shown.get(selector)
        if words == before:
            return
        self._shown[selector] = words
        grown = before is None or len(before.plain.splitlines()) != len(words.plain.splitlines())
        self.query_one(selector, Static).update(words, layout=layout and (grown or len(before or "") != len(words)))

    @on(RowTable.Moved)
    def _step_looked_at(self, event: RowTable.Moved) -> None:
        event.stop()
        row: StepRow | None = event.item
        steps = self.query_one(StepList)
        if row is not None and row.key == row_of(steps.rows, current_key(self.desk.state())):
            steps.following = True
        self._show_step()
        self.query_one("#step-scroll", VerticalScroll).scroll_home(animate=False)

    # -- prompts ---------------------------------------------------------------------------------------------------

    def _look(self) -> None:
        """Bring the open dialog up to date, or open the one that the run waits for."""
        dialog = self._dialog
        if dialog is not None:
            if dialog.is_mounted:
                dialog.renew_strip()
                if dialog.follow() and dialog.is_active:
                    dialog.dismiss(None)
            return
        asked = self.desk.asked()
        if asked is not None and self.is_active and asked.seq not in self._put_aside:
            self._dialog = dialog_for(self.desk, asked)
            self.app.push_screen(self._dialog, self._dialog_closed)

    def _dialog_closed(self, _result: None) -> None:
        dialog, self._dialog = self._dialog, None
        asked = self.desk.asked()
        if dialog is not None and asked is not None and asked.seq == dialog.asked.seq:
            self._put_aside.add(asked.seq)
        self.call_after_refresh(self.renew)

    @on(RowTable.Opened)
    def _row_opened(self, event: RowTable.Opened) -> None:
        event.stop()
        self.action_answer()

    def action_answer(self) -> None:
        """Open what the run waits for."""
        asked = self.desk.asked()
        if asked is None:
            self.notify("The run waits for nobody now.", markup=False, timeout=3)
            return
        self._put_aside.discard(asked.seq)
        self.query_one(StepList).following = True
        self.renew()

    # -- commands --------------------------------------------------------------------------------------------------

    def _may_command(self) -> bool:
        state = self.desk.state()
        why = "The run has ended." if state.ended else self.desk.handle.stopped()
        if why:
            self.notify(why, markup=False, severity="warning")
        return not why

    def action_pause(self) -> None:
        """Pause, or go on."""
        if self._may_command():
            self.desk.send(Resume() if self.desk.state().paused else Pause())

    def action_note(self) -> None:
        """Ask for a note."""
        if self._may_command():
            self.app.push_screen(note_dialog(), self._note_taken)

    def _note_taken(self, line: str | None) -> None:
        if line:
            self.desk.send(note_from(line))

    def action_skip(self) -> None:
        """Ask why the step is skipped, if it can be."""
        if not self._may_command():
            return
        state, row = self.desk.state(), self.query_one(StepList).current
        # The run may move on while the reason is typed: the command is for the step that the dialog names.
        step = row.key if row is not None and row.key in state.in_hand else state.now_step
        dialog, why = skip_dialog(state, step)
        if dialog is None:
            self.notify(why, markup=False, severity="warning")
            return
        attempt = state.steps[step].attempt
        self.app.push_screen(dialog, lambda reason: self._skip_given(Skip(step, attempt, reason or "")))

    def _skip_given(self, command: Skip) -> None:
        if command.reason:
            self.desk.send(command)

    def action_abort(self) -> None:
        """Ask how to end the run early."""
        if self._may_command():
            self.app.push_screen(AbortDialog(self.desk.state()), self._abort_chosen)

    def _abort_chosen(self, command: Abort | None) -> None:
        if command is not None:
            self.desk.send(command)

    def action_hand_over(self) -> None:
        """Ask to whom the run is handed over."""
        if self._may_command():
            self.app.push_screen(hand_over_dialog(self.desk.state()), self._handed_over)

    def _handed_over(self, name: str | None) -> None:
        if name and self._may_command():
            self.desk.send(HandOver(name))

    # -- looking around --------------------------------------------------------------------------------------------

    def action_journal(self) -> None:
        """Show every record."""
        self.app.push_screen(JournalScreen(self.desk))

    def action_current(self) -> None:
        """Follow the run again."""
        self.query_one(StepList).following = True
        self.renew()

    def action_copy(self) -> None:
        """Copy the aws commands of the step shown."""
        row = self.query_one(StepList).current
        shown = latest_confirmation(self.desk.handle.entries(), row.key) if row else None
        if shown is None:
            self.notify("This step has shown no command yet.", markup=False, severity="warning")
        else:
            copy_from(self, "\n".join(call.command for call in shown.calls))

    def action_close(self) -> None:
        """Back to the watch screen."""
        self.dismiss(None)
