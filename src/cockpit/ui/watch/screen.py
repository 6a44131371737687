"""Watch: what is. The screen at the bottom of the stack; its first paint is the program's first paint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cockpit.ui.actions import Act, actions
from cockpit.ui.base import CockpitScreen
from cockpit.ui.keyline import KeyLine

if TYPE_CHECKING:
    from cockpit.ui.watch.board import Board


class WatchScreen(CockpitScreen[None]):
    """Alarms, deployments and restores of the environment, and the current run."""

    BINDINGS = actions(
        "watch",
        Act("plans", "p", "plans", "Recovery plans, those that match what is going on first."),
        Act("show_run", "o", "run", "The current run's own screen."),
        Act("runs", "u", "runs", "Runs on this machine; interrupted ones can be resumed."),
        Act("refresh", "r", "refresh", "Read everything now instead of at the next sweep.", shown=False),
        Act("calls", "at", "calls", "The calls made to AWS, as `aws` commands.", shown=False, key_name="@"),
        Act("quit", "q", "quit", "Leave the cockpit. Quitting does not abort a run."),
    )
    AUTO_FOCUS = None
    board: Board | None = None

    def on_mount(self) -> None:
        """Paint first, then bring the panes."""
        self.call_after_refresh(self._bring_board)

    async def _bring_board(self) -> None:
        from cockpit.ui.watch.board import Board  # noqa: PLC0415 - after the first paint

        if not self.is_attached:
            return  # left within the first moment
        board = Board()
        await self.mount(board, before=self.query_one(KeyLine))
        self.board = board

    def renew(self) -> None:
        """Show everything that is known now."""
        if self.board is not None:
            self.board.renew()

    def snapshot_changed(self) -> None:
        """Show what the feeds found."""
        self.renew()

    def run_moved(self) -> None:
        """Show where the run is."""
        if self.board is not None:
            self.board.show_strip()

    def plans_read(self) -> None:
        """Show which plans match."""
        self.run_moved()

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
