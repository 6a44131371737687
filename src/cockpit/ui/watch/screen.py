"""Watch: what is."""

from __future__ import annotations

from collections.abc import Iterable

from rich.text import Text
from textual import events, on
from textual.containers import Vertical
from textual.widget import Widget

from cockpit.model.text import clean
from cockpit.ui.actions import Act, actions
from cockpit.ui.base import CockpitScreen
from cockpit.ui.table import RowTable
from cockpit.ui.theme import DIM, NOTE, WARN
from cockpit.ui.watch.alarms import ALARMS
from cockpit.ui.watch.deployments import DEPLOYMENTS
from cockpit.ui.watch.pane import Pane
from cockpit.ui.watch.restores import RESTORES
from cockpit.ui.watch.strip import Strip, match_words, run_clock_words, run_words

THREE_PANES_FROM = 18
TWO_PANES_FROM = 13


class WatchScreen(CockpitScreen[None]):
    """Alarms, deployments and restores of the environment, and the current run. Hidden panes do no work."""

    BINDINGS = actions(
        "watch",
        Act("plans", "p", "plans", "Recovery plans, those that match what is going on first."),
        Act("show_run", "o", "run", "The current run's own screen."),
        Act("runs", "u", "runs", "Runs on this machine; interrupted ones can be resumed."),
        Act("refresh", "r", "refresh", "Read everything now instead of at the next sweep."),
        Act("calls", "at", "calls", "The calls made to AWS, as `aws` commands.", shown=False, key_name="@"),
        Act("pane(1)", "tab,right", "pane", "The next pane.", key_name="tab"),
        Act("pane(-1)", "shift+tab,left", "previous pane", "The pane before.", shown=False),
        Act("show_all", "escape", "show all", "Take the filter away.", shown=False),
        Act("quit", "q", "quit", "Leave the cockpit. Quitting does not abort a run."),
    )
    DEFAULT_CSS = """
    WatchScreen > #panes { height: 1fr; width: 100%; margin-bottom: 2; }
    """
    AUTO_FOCUS = None

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self.panes = (Pane(ALARMS, id="alarms"), Pane(DEPLOYMENTS, id="deployments"), Pane(RESTORES, id="restores"))
        self._active = 0
        self._rows = 24

    def compose_body(self) -> Iterable[Widget]:
        """Yield the panes and the strip."""
        yield Vertical(*self.panes, id="panes")
        yield Strip()

    def on_mount(self) -> None:
        """Begin to follow the time."""
        self.panes[0].table.focus()
        self.set_interval(1.0, self._tick)

    def on_resize(self, event: events.Resize) -> None:
        """Drop panes that have no room."""
        super().on_resize(event)
        self._rows = event.size.height
        self._arrange()
        self._show_strip()

    def _arrange(self) -> None:
        for index, pane in enumerate(self.panes):
            pane.display = index in self._visible()

    def _visible(self) -> tuple[int, ...]:
        """Return which panes there is room for; the one with the focus always is."""
        if self._rows >= THREE_PANES_FROM:
            return (0, 1, 2)
        if self._rows >= TWO_PANES_FROM:
            return (0, self._active or 1)
        return (self._active,)

    # -- content -------------------------------------------------------------------------------------------------

    def renew(self) -> None:
        """Show everything that is known now."""
        view = self.cockpit.view
        for index in self._visible():
            self.panes[index].show(view)
        self._show_strip()

    def snapshot_changed(self) -> None:
        """Show what the feeds found."""
        self.renew()

    def run_moved(self) -> None:
        """Show where the run is."""
        self._show_strip()

    def plans_read(self) -> None:
        """Show which plans match."""
        self._show_strip()

    def _tick(self) -> None:
        if not self.is_current or self.cockpit.session is None:
            return
        hub = self.cockpit.session.hub
        if hub is not None:
            self.cockpit.snapshot = hub.snapshot()  # a sweep that saw nothing new moves only the times
        for index in self._visible():
            self.panes[index].tick()
        self._show_strip()

    def _show_strip(self) -> None:
        cockpit = self.cockpit
        if cockpit.session is None:
            self.query_one(Strip).say(Text("opening …", DIM), Text())
            return
        hint = Text(clean(cockpit.session.hint, 200), NOTE)
        if cockpit.run_handle is not None:
            state, now = cockpit.run_handle.state(), cockpit.clock.now()
            first = Text.assemble(("o ", NOTE), run_words(state))
            self.query_one(Strip).say(first, run_clock_words(state, now))
            return
        if cockpit.resumable and not cockpit.session.hint:
            hint = Text(f"{cockpit.resumable} interrupted run(s) here can be resumed: u", WARN)
        self.query_one(Strip).say(match_words(cockpit.matches), hint)

    # -- keys ----------------------------------------------------------------------------------------------------

    @on(events.DescendantFocus)
    def _focus_moved(self) -> None:
        for index, pane in enumerate(self.panes):
            if pane.has_focus_within:
                self._active = index

    @on(RowTable.Opened)
    def _open_detail(self, event: RowTable.Opened) -> None:
        session = self.cockpit.session
        for pane in self.panes:
            if pane.table is event.table and session is not None:
                self.app.push_screen(pane.spec.detail(session, event.item))

    def action_pane(self, step: int) -> None:
        """Move the focus to another pane."""
        self._active = (self._active + step) % len(self.panes)
        self._arrange()
        self.renew()
        self.panes[self._active].table.focus()

    def action_show_all(self) -> None:
        """Take the filter of the focused pane away."""
        if self.panes[self._active].clear_filter():
            self.renew()

    def action_refresh(self) -> None:
        """Read everything now."""
        session = self.cockpit.session
        if session is not None and session.hub is not None:
            session.hub.refresh()

    def action_plans(self) -> None:
        """Open the plans."""
        self.cockpit.open_plans()

    def action_runs(self) -> None:
        """Open the list of runs."""
        self.cockpit.open_runs()

    def action_show_run(self) -> None:
        """Go back to the current run's screen."""
        self.cockpit.show_run()

    def action_calls(self) -> None:
        """Show the calls made."""
        self.cockpit.open_calls()

    def action_quit(self) -> None:
        """Leave, and say first what that means while a run is on."""
        self.cockpit.action_leave()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer the run's screen only while there is a run."""
        del parameters
        return self.cockpit.run_handle is not None if action == "show_run" else True
