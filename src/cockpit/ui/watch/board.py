"""The panes and the strip. Made after the first paint, so that the first paint is not late."""

from __future__ import annotations

from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical

from cockpit.model.text import clean
from cockpit.ui.actions import Act, actions
from cockpit.ui.base import CockpitScreen, cockpit_of
from cockpit.ui.table import RowTable
from cockpit.ui.theme import NOTE, WARN
from cockpit.ui.watch.alarms import ALARMS
from cockpit.ui.watch.deployments import DEPLOYMENTS
from cockpit.ui.watch.pane import Pane
from cockpit.ui.watch.restores import RESTORES
from cockpit.ui.watch.strip import Strip, match_words, run_clock_words, run_words

THREE_PANES_FROM = 18
TWO_PANES_FROM = 13
"""Rows of the window from which so many panes have room; below, only the one with the focus is shown."""


class Board(Vertical):
    """Alarms, deployments, restores, and the strip. Hidden panes do no work."""

    BINDINGS = actions(
        "board",
        # With priority: an Enter that arrives in one piece with the Tab must find the focus moved.
        Act("pane(1)", "tab", "pane", "The next pane.", priority=True),
        Act("pane(-1)", "shift+tab", "previous pane", "The pane before.", shown=False, priority=True),
        Act("pane(1)", "right", "pane", "The next pane.", shown=False, key_name="→"),
        Act("pane(-1)", "left", "previous pane", "The pane before.", shown=False, key_name="←"),
        Act("show_all", "escape", "show all", "Take the filter away.", shown=False),
    )
    DEFAULT_CSS = """
    Board { height: 1fr; width: 100%; }
    """

    def __init__(self) -> None:
        super().__init__(id="board")
        self.panes = (Pane(ALARMS, id="alarms"), Pane(DEPLOYMENTS, id="deployments"), Pane(RESTORES, id="restores"))
        self.strip = Strip()
        self._active = 0

    def compose(self) -> ComposeResult:
        """Lay out the panes and the strip."""
        yield from self.panes
        yield self.strip

    def on_mount(self) -> None:
        """Begin to follow the time."""
        self.panes[0].table.focus()
        self.set_interval(1.0, self._tick)
        self.renew()

    def on_resize(self) -> None:
        """Drop panes that have no room."""
        self._arrange()
        self.show_strip()
        if self.screen.focused is None:  # a window too small for anything took the focus away
            self.panes[self._active].table.focus()

    def _arrange(self) -> None:
        for index, pane in enumerate(self.panes):
            pane.display = index in self._visible()

    def _visible(self) -> tuple[int, ...]:
        """Return which panes there is room for; the one with the focus always is."""
        rows = self.app.size.height
        if rows >= THREE_PANES_FROM:
            return (0, 1, 2)
        return (0, self._active or 1) if rows >= TWO_PANES_FROM else (self._active,)

    # -- content -------------------------------------------------------------------------------------------------

    def renew(self) -> None:
        """Show everything that is known now."""
        view = cockpit_of(self).view
        if view is not None:
            for index in self._visible():
                self.panes[index].show(view)
        self.show_strip()

    def _tick(self) -> None:
        session = cockpit_of(self).session
        if session is None or not self.screen.is_current:
            return
        if session.hub is not None:
            cockpit_of(self).snapshot = session.hub.snapshot()  # a sweep that saw nothing new moves only the times
        for index in self._visible():
            self.panes[index].tick()
        self.show_strip()

    def show_strip(self) -> None:
        """Show the current run, else the plans that match and a hint."""
        cockpit = cockpit_of(self)
        if cockpit.session is None:
            self.strip.say(Text(), Text())
        elif cockpit.run_handle is not None:
            state, now = cockpit.run_handle.state(), cockpit.clock.now()
            self.strip.say(Text.assemble(("o ", NOTE), run_words(state)), run_clock_words(state, now))
        else:
            hint = Text(clean(cockpit.session.hint, 200), NOTE)
            if cockpit.resumable and not hint.plain:
                runs = "1 interrupted run" if cockpit.resumable == 1 else f"{cockpit.resumable} interrupted runs"
                hint = Text.assemble((f"{runs} here can be resumed  ", WARN), ("u", NOTE))
            self.strip.say(match_words(cockpit.matches), hint)

    # -- keys ----------------------------------------------------------------------------------------------------

    @on(events.DescendantFocus)
    def _focus_moved(self) -> None:
        for index, pane in enumerate(self.panes):
            if pane.has_focus_within:
                self._active = index

    @on(RowTable.Opened)
    def _open_detail(self, event: RowTable.Opened) -> None:
        session = cockpit_of(self).session
        for pane in self.panes:
            if pane.table is event.table and session is not None:
                screen: CockpitScreen[None] = pane.spec.detail(session, event.item)
                self.app.push_screen(screen)

    def action_pane(self, step: int) -> None:
        """Move the focus to another pane."""
        self._active = (self._active + step) % len(self.panes)
        self._arrange()
        self.renew()
        self.screen.set_focus(self.panes[self._active].table)

    def action_show_all(self) -> None:
        """Take the filter of the focused pane away."""
        if self.panes[self._active].clear_filter():
            self.renew()
