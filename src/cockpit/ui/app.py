"""The application: opens an environment after the first paint, and keeps what all screens share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from threading import Thread
from typing import TYPE_CHECKING

from textual import events, on
from textual.app import App
from textual.driver import Driver
from textual.widget import Widget

from cockpit.model.clock import Clock, SystemClock
from cockpit.model.scope import Scope
from cockpit.ui.actions import Act, actions
from cockpit.ui.base import CockpitScreen
from cockpit.ui.driver import CockpitDriver
from cockpit.ui.ending import Ending
from cockpit.ui.handed_over import HandedOver
from cockpit.ui.keyline import KeyNow, keys_now
from cockpit.ui.messages import OpeningFailed, PlansRead, RunFollowed, RunMoved, SessionOpened, SnapshotArrived
from cockpit.ui.session import CannotOpen, CockpitSession
from cockpit.ui.theme import COCKPIT_THEME, NAME
from cockpit.ui.watch.screen import WatchScreen

if TYPE_CHECKING:
    from cockpit.engine.handle import RunHandle
    from cockpit.engine.records import Entry
    from cockpit.engine.state import RunState
    from cockpit.feeds.snapshot import Snapshot
    from cockpit.plans.catalogue import LoadedPlan
    from cockpit.plans.match import Match
    from cockpit.ui.watch.view import WatchView

Opener = Callable[[], CockpitSession]


class CockpitApp(App[int]):
    """The cockpit on a terminal.

    Args:
        opening: the open session, or a function that opens one; that runs in a thread after the first paint.
        title: words of the header until then.
    """

    ENABLE_COMMAND_PALETTE = False
    ESCAPE_TO_MINIMIZE = False
    BINDINGS = actions(
        "app",
        Act("help", "question_mark", "help", "What every key does here.", key_name="?"),
        Act("palette", "colon", "commands", "Find an action by its words.", shown=False, key_name=":"),
        Act(
            "suspend_process",
            "ctrl+z",
            "suspend",
            "Back to the shell; `fg` returns. What AWS was asked to do goes on; the run waits.",
            shown=False,
        ),
        Act(
            "leave",
            "ctrl+c,ctrl+q",
            "leave",
            "Leave the cockpit. A run is not aborted by it.",
            shown=False,
            priority=True,
        ),
    )

    def __init__(self, opening: CockpitSession | Opener, *, title: str = "cockpit") -> None:
        super().__init__()
        self.register_theme(COCKPIT_THEME)
        self.theme = NAME
        self.title = title
        self.session: CockpitSession | None = None
        self.snapshot: Snapshot | None = None
        self.view: WatchView | None = None
        self.plans: tuple[LoadedPlan, ...] | None = None
        self.matches: tuple[Match, ...] | None = None
        self.resumable = 0
        self.failed_because = ""
        self.run_handle: RunHandle | None = None
        self._opening = opening
        self._ending = Ending(self)
        self._hand_over = HandedOver(self)
        self._unsubscribe: Callable[[], None] | None = None
        self._leave_run: Callable[[], None] | None = None

    @property
    def clock(self) -> Clock:
        """Return the session's clock; the machine's until there is a session."""
        return self.session.clock if self.session else SystemClock()

    @property
    def armed(self) -> str:
        """Return the name of the environment this cockpit may change now; empty while it only reads."""
        if self.run_handle is None:
            return ""
        state = self.run_handle.state()
        return state.scope.environment if state.armed and not state.ended else ""

    # -- opening -------------------------------------------------------------------------------------------------

    def get_default_screen(self) -> WatchScreen:
        """Return the screen that is always at the bottom."""
        return WatchScreen(id="watch")

    def on_mount(self) -> None:
        """Open the environment once something is on the screen."""
        if not self.is_headless:
            self._ending.follow_signals()
        self.app_resume_signal.subscribe(self, self._paint_all)
        if isinstance(self._opening, CockpitSession):
            self.call_after_refresh(self.adopt, self._opening)
        else:
            self.call_after_refresh(self._in_thread, "opening", self._open)

    def _in_thread(self, name: str, work: Callable[[], None]) -> None:
        Thread(target=work, name=f"cockpit-{name}", daemon=True).start()

    def _open(self) -> None:
        opener = self._opening
        if isinstance(opener, CockpitSession):
            return
        try:
            session = opener()
        except CannotOpen as problem:
            self.post_message(OpeningFailed(str(problem), problem.exit_code))
        except Exception as problem:  # noqa: BLE001 - a sentence and an exit code instead of a traceback over the screen
            self.post_message(OpeningFailed(f"The cockpit could not be opened: {problem!r}", 2))
        else:
            if not self.post_message(SessionOpened(session)) and session.close:
                session.close()

    def _handle_exception(self, error: Exception) -> None:
        """End with a sentence: Textual's own words would be a traceback with the values of all variables."""
        from cockpit.report.fault import FAULT, note_fault  # noqa: PLC0415 - needed by nothing that goes well

        self.failed_because = note_fault(error)
        super()._handle_exception(error)
        self._return_code = FAULT
        self._exit_renderables.clear()

    @on(SessionOpened)
    def _session_opened(self, message: SessionOpened) -> None:
        self.adopt(message.session)

    @on(OpeningFailed)
    def _opening_failed(self, message: OpeningFailed) -> None:
        self.failed_because = message.words
        self.exit(message.exit_code, return_code=message.exit_code)

    def adopt(self, session: CockpitSession) -> None:
        """Take over an open session: follow its feeds, read its plans."""
        self.session = session
        if session.hub is not None:
            self._unsubscribe = session.hub.subscribe(self._snapshot_from_thread)
            session.hub.start()
            self.snapshot = session.hub.snapshot()
            self._snapshot_from_thread(self.snapshot)
            self._learn_scope(self.snapshot)
        self._in_thread("plans", self._read_plans)
        self._renew_screen()

    def _read_plans(self) -> None:
        session = self.session
        if session is None:
            return
        plans = session.load_plans()
        resumable = sum(run.can_resume for run in session.list_runs())
        self.post_message(PlansRead(plans, self._match(plans, self.view), resumable))

    def _match(self, plans: tuple[LoadedPlan, ...], view: WatchView | None) -> tuple[Match, ...]:
        from cockpit.plans.match import matching  # noqa: PLC0415 - after the first paint
        from cockpit.ui.watch.view import WatchView, firing  # noqa: PLC0415 - after the first paint

        view = view or WatchView()
        names = self.session.environment.names if self.session and self.session.environment else {}
        sound = [loaded.plan for loaded in plans if loaded.plan is not None]
        return matching(sound, firing(view), view.deployments, names)

    @on(PlansRead)
    def _plans_read(self, message: PlansRead) -> None:
        self.plans, self.matches, self.resumable = message.plans, message.matches, message.resumable
        if isinstance(self.screen, CockpitScreen):
            self.screen.plans_read()

    def _renew_screen(self) -> None:
        if isinstance(self.screen, CockpitScreen):
            self.screen.renew_header()
            self.screen.renew()

    def _paint_all(self, app: App[int]) -> None:
        """Paint everything anew: back from the shell the terminal holds nothing of it."""
        del app
        self.screen.refresh(layout=True)
        for widget in self.screen.walk_children():
            if isinstance(widget, Widget):
                widget.refresh()

    def close_session(self) -> None:
        """Stop driving the current run and end feeds and simulator; called once, after the screen is gone."""
        self.let_run_go()
        if self._unsubscribe is not None:
            self._unsubscribe()
        if self.session is not None and self.session.close is not None:
            self.session.close()

    # -- readings ------------------------------------------------------------------------------------------------

    def _snapshot_from_thread(self, snapshot: Snapshot) -> None:
        from cockpit.ui.watch.view import watch_view  # noqa: PLC0415 - after the first paint

        view, plans = watch_view(snapshot), self.plans
        self.post_message(SnapshotArrived(snapshot, view, None if plans is None else self._match(plans, view)))

    @on(SnapshotArrived)
    def _snapshot_arrived(self, message: SnapshotArrived) -> None:
        self.snapshot, self.view = message.snapshot, message.view
        if message.matches is not None:
            self.matches = message.matches
        self._learn_scope(message.snapshot)
        if isinstance(self.screen, CockpitScreen):
            self.screen.snapshot_changed()

    def _learn_scope(self, snapshot: Snapshot) -> None:
        identity, session = snapshot.identity.value, self.session
        if identity is None or session is None or not session.regions:
            return
        scope = Scope(session.environment_name, session.kind, identity.account, session.regions[0], identity.arn)
        if scope != session.scope:
            self.session = replace(session, scope=scope)
            if isinstance(self.screen, CockpitScreen):
                self.screen.renew_header()

    # -- the current run -----------------------------------------------------------------------------------------

    def hold_run(self, handle: RunHandle) -> None:
        """Make a run the current one: the watch screen's strip and the header follow it."""
        self.let_run_go()
        self.run_handle = handle
        self._leave_run = handle.subscribe(self._moved_from_thread)
        self._renew_screen()

    def _moved_from_thread(self, entry: Entry, state: RunState) -> None:
        del entry, state  # the newest state is read when the message is handled
        self.post_message(RunMoved())

    def begin_run(self, handle: RunHandle) -> None:
        """Hold a run that was just opened or taken up, and show its screen on top of the watch screen."""
        while len(self.screen_stack) > 1:
            self.pop_screen()
        self.hold_run(handle)
        self.show_run()

    def observe_run(self, handle: RunHandle) -> None:
        """Show a run that another process drives; nothing can be answered here."""
        from cockpit.ui.run.screen import RunScreen  # noqa: PLC0415 - after the first paint

        if self.session is not None:
            self.push_screen(RunScreen(handle, self.session), lambda _: handle.close())

    @property
    def run_is_on(self) -> bool:
        """Tell whether this cockpit drives a run that has not ended."""
        return self.run_handle is not None and not self.run_handle.state().ended and not self.run_handle.stopped()

    def let_run_go(self) -> None:
        """Stop following the current run and stop driving it; remote work goes on, the run can be resumed."""
        if self._leave_run is not None:
            self._leave_run()
        if self.run_handle is not None:
            self.run_handle.close()
        self.run_handle, self._leave_run = None, None

    @on(RunMoved)
    def _run_moved(self) -> None:
        if isinstance(self.screen, CockpitScreen):
            self.screen.renew_header()
            self.screen.run_moved()
        self._hand_over.look()

    @on(RunFollowed)
    def _run_followed(self, message: RunFollowed) -> None:
        self._hand_over.followed(message)

    # -- keys ----------------------------------------------------------------------------------------------------

    async def on_event(self, event: events.Event) -> None:
        """Throw away what is typed into a dialog in its first half second; later, let typing begin in its field."""
        if isinstance(event, events.Key | events.Paste | events.MouseDown) and not event.is_forwarded:
            screen = self.screen if self.screen_stack else None
            # Asked by name: the code of dialogs is read after the first paint.
            if getattr(screen, "deaf", False):
                return
            if lead_typing := getattr(screen, "lead_typing", None):
                lead_typing(event)
        await super().on_event(event)

    def action_leave(self) -> None:
        """Leave; while a run is on, say first that leaving is not aborting."""
        if not isinstance(self.screen, CockpitScreen):
            self.simulate_key("escape")
        elif self.run_handle is not None and self.run_is_on:
            from cockpit.ui.leave import LeaveDialog  # noqa: PLC0415 - after the first paint

            self.push_screen(LeaveDialog(self.run_handle.state()), lambda sure: self.exit(0) if sure else None)
        else:
            self.exit(0)

    def action_help(self) -> None:
        """Show what every key does on this screen."""
        from cockpit.ui.help import HelpDialog  # noqa: PLC0415 - after the first paint

        if isinstance(self.screen, CockpitScreen):
            self.push_screen(HelpDialog(keys_now(self.screen)))

    async def action_palette(self) -> None:
        """Find an action of this screen by its words."""
        from cockpit.ui.help import PaletteDialog  # noqa: PLC0415 - after the first paint

        if not isinstance(self.screen, CockpitScreen):
            return
        await self.push_screen(PaletteDialog(keys_now(self.screen)), self._run_chosen)

    async def _run_chosen(self, chosen: KeyNow | None) -> None:
        if chosen is not None:
            await self.run_action(chosen.action, chosen.node)

    def copy(self, text: str) -> None:
        """Copy a text, and say truthfully whether that is sure to have worked."""
        from cockpit.ui.clipboard import copy  # noqa: PLC0415 - after the first paint

        copy(self, text)

    def open_plans(self) -> None:
        """Show the plans, those that match first."""
        from cockpit.ui.plans.screen import PlansScreen  # noqa: PLC0415 - after the first paint

        if self.session is not None:
            self.push_screen(PlansScreen())

    def open_runs(self) -> None:
        """Show the runs on this machine."""
        from cockpit.ui.runs import RunsScreen  # noqa: PLC0415 - after the first paint

        if self.session is not None:
            self.push_screen(RunsScreen(self.session))

    def open_calls(self) -> None:
        """Show the calls made to AWS."""
        from cockpit.ui.calls import CallsScreen  # noqa: PLC0415 - after the first paint

        if self.session is not None:
            self.push_screen(CallsScreen(self.session))

    def show_run(self) -> None:
        """Show the current run's screen."""
        from cockpit.ui.run.screen import RunScreen  # noqa: PLC0415 - after the first paint

        if self.run_handle is not None and self.session is not None:
            self.push_screen(RunScreen(self.run_handle, self.session))

    # -- the line ------------------------------------------------------------------------------------------------

    def get_driver_class(self) -> type[Driver]:
        """Return the driver that survives what lines and shells do to a terminal."""
        return CockpitDriver

    def action_suspend_process(self) -> None:
        """Stop the whole job, as a terminal does on Ctrl-Z."""
        if isinstance(self._driver, CockpitDriver):
            self._suspend_signal()
            self._driver.suspend_job()

    def line_lost(self) -> None:
        """Leave because the terminal has hung up; safe from any thread."""
        self._ending.line_lost()
