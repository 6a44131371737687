"""The runs on this machine; interrupted ones can be taken up again."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING

from rich.text import Text
from textual import on
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Static

from cockpit.model.text import clean, duration
from cockpit.ui.actions import Act, actions
from cockpit.ui.base import CockpitScreen
from cockpit.ui.dialog import Dialog
from cockpit.ui.field import Field
from cockpit.ui.session import CannotRun, CockpitSession, RunSummary
from cockpit.ui.table import Cells, Column, RowTable
from cockpit.ui.text_box import TextBox
from cockpit.ui.theme import BAD, BOLD, DIM, GOOD, NOTE, WARN
from cockpit.ui.words import short_time

if TYPE_CHECKING:
    from cockpit.engine.handle import RunHandle


def run_state(run: RunSummary) -> Text:
    """Return by glyph and word how a run stands."""
    if run.problem:
        return Text("✗ unreadable", BAD)
    if run.driven:
        return Text("▶ driven now", NOTE)
    if not run.ended:
        return Text("▶ interrupted", WARN)
    return Text(f"✓ {run.ended}", GOOD) if run.ended == "finished" else Text(f"■ {run.ended}", DIM)


class RunsListed(Message):
    """The journals on this machine were read."""

    def __init__(self, runs: tuple[RunSummary, ...]) -> None:
        super().__init__()
        self.runs = runs


class RunTakenUp(Message):
    """A run was resumed or is followed (`observing`), or could not be."""

    def __init__(self, handle: RunHandle | None, why: str = "", *, observing: bool = False) -> None:
        super().__init__()
        self.handle = handle
        self.why = why
        self.observing = observing


class ResumeDialog(Dialog[str]):
    """Says where a run stood; a live one is armed again. Its result is the typed name (empty for a dry run)."""

    heading = "Take up this run again?"
    go_label = "Resume"

    def __init__(self, run: RunSummary) -> None:
        super().__init__()
        self._run = run
        self.typing_into = "#resume-name" if run.mode == "live" else ""

    def compose_content(self) -> Iterable[Widget]:
        """Yield where it stood."""
        run = self._run
        words = Text.assemble((clean(run.title), BOLD), f"\n{run.run_id}, {run.mode}\nstood at: {clean(run.step)}\n")
        for what in run.still_halted:
            words.append(f"still halted: {clean(what)}\n", WARN)
        words.append(
            "A call whose answer was lost is looked up before anything is repeated. Nothing changes unconfirmed.\n", DIM
        )
        yield Static(words)
        if run.mode == "live":
            yield Static(Text.assemble("Type the environment's name, ", (clean(run.environment), BOLD), ":"))
            yield Field(id="resume-name")

    @on(Input.Submitted, "#resume-name")
    def _entered(self) -> None:
        self.go_on()

    def go_on(self) -> None:
        """Resume; a live run only after its environment was typed, letter for letter."""
        typed = ""
        if self._run.mode == "live":
            field = self.query_one("#resume-name", Input)
            typed = field.value
            if typed != self._run.environment:
                self.say(f"That is not the environment's name. Type {clean(self._run.environment)}, or cancel.")
                field.focus()
                return
        self.dismiss(typed)


class RunsScreen(CockpitScreen[None]):
    """Newest first. Enter takes up an interrupted run, or follows one that another process drives."""

    BINDINGS = actions(
        "runs",
        Act("close", "escape,q", "back", "Back to the watch screen.", key_name="esc"),
        Act("reread", "r", "refresh", "Read the journals again."),
        Act("copy", "y", "copy", "Copy the run's id."),
    )
    DEFAULT_CSS = """
    RunsScreen > #runs-title { height: 1; text-style: bold; }
    """

    def __init__(self, session: CockpitSession) -> None:
        super().__init__()
        self._session = session
        self._table: RowTable[RunSummary] = RowTable(
            (
                Column("state", 14),
                Column("plan", share=2),
                Column("mode", 5),
                Column("begun", 12),
                Column("took", 11, from_width=90),
                Column("stood at", from_width=100, share=2),
                Column("run", 36, from_width=140),
            ),
            self._cells,
            lambda run: run.run_id,
            lambda run: f"{run.title} {run.run_id} {run.mode} {run_state(run).plain}".lower(),
            empty="reading …",
        )

    def _cells(self, run: RunSummary) -> Cells:
        took = duration(run.last_at - run.opened_at) if run.last_at and run.opened_at else ""
        title = Text(clean(run.title))
        if run.still_halted:
            title.append(f"  still halted: {len(run.still_halted)}", WARN)
        begun = short_time(run.opened_at, self.cockpit.clock.now())
        return (run_state(run), title, run.mode, begun, took, Text(clean(run.problem or run.step), DIM), run.run_id)

    def compose_body(self) -> Iterable[Widget]:
        """Yield the list."""
        yield Static(
            "Runs on this machine: Enter takes up an interrupted one, or follows one", id="runs-title", markup=False
        )
        yield self._table

    def on_mount(self) -> None:
        """Read the journals."""
        self._table.focus()
        self.action_reread()

    def action_reread(self) -> None:
        """Read the journals, in a thread."""
        self.run_worker(self._read, thread=True, exit_on_error=False, exclusive=True)

    def _read(self) -> None:
        self.post_message(RunsListed(self._session.list_runs()))

    @on(RunsListed)
    def _listed(self, message: RunsListed) -> None:
        self._table.say_empty("no run yet")
        self._table.show(message.runs)

    @on(RowTable.Opened)
    def _open(self, event: RowTable.Opened) -> None:
        run: RunSummary = event.item
        held = self.cockpit.run_handle
        if held is not None and held.run_id == run.run_id:
            self.cockpit.show_run()
        elif run.problem:
            self.app.push_screen(TextBox(run.run_id, run.problem))
        elif run.ended:
            text = f"{run.title}\n{run.ended}. Read it with: cockpit runs show {run.run_id}"
            self.app.push_screen(TextBox(run.run_id, text))
        elif run.driven:
            self.run_worker(lambda: self._follow(run), thread=True, exit_on_error=False)
        elif self.cockpit.run_is_on:
            self.notify("Another run is on; leave that one first.", markup=False)
        else:
            self.app.push_screen(ResumeDialog(run), partial(self._resume, run))

    def _resume(self, run: RunSummary, typed: str | None) -> None:
        if typed is not None:
            self.run_worker(lambda: self._take_up(run, typed), thread=True, exit_on_error=False)

    def _take_up(self, run: RunSummary, typed: str) -> None:
        if self._session.resume_run is None:
            return
        try:
            self.post_message(RunTakenUp(self._session.resume_run(run.path, typed)))
        except CannotRun as problem:
            self.post_message(RunTakenUp(None, str(problem)))
        except Exception as problem:  # noqa: BLE001 - said on screen; nothing was changed
            self.post_message(RunTakenUp(None, f"The run could not be resumed: {problem!r}. Nothing was changed."))

    def _follow(self, run: RunSummary) -> None:
        if self._session.follow_run is None:
            return
        try:
            self.post_message(RunTakenUp(self._session.follow_run(run.path), observing=True))
        except CannotRun as problem:
            self.post_message(RunTakenUp(None, str(problem)))

    @on(RunTakenUp)
    def _taken_up(self, message: RunTakenUp) -> None:
        if message.handle is None:
            self.app.push_screen(TextBox("The run cannot be shown", message.why))
        elif message.observing:
            self.cockpit.observe_run(message.handle)
        else:
            self.cockpit.begin_run(message.handle)

    def action_copy(self) -> None:
        """Copy the id under the cursor."""
        run = self._table.current
        if run is not None:
            self.cockpit.copy(run.run_id)

    def action_close(self) -> None:
        """Go back."""
        self.dismiss(None)
