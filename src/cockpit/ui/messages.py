"""Messages from other threads. Those that come in bursts coalesce: only the newest of a kind is handled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from cockpit.engine.handle import RunHandle
    from cockpit.feeds.snapshot import Snapshot
    from cockpit.plans.catalogue import LoadedPlan
    from cockpit.plans.match import Match
    from cockpit.ui.session import CockpitSession
    from cockpit.ui.watch.view import WatchView


class SnapshotArrived(Message):
    """The feeds have something new; sorted, and matched with the plans, in the thread it comes from."""

    def __init__(self, snapshot: Snapshot, view: WatchView, matches: tuple[Match, ...] | None) -> None:
        super().__init__()
        self.snapshot = snapshot
        self.view = view
        self.matches = matches

    def can_replace(self, message: Message) -> bool:
        """Replace an older snapshot that was not handled yet."""
        return isinstance(message, SnapshotArrived)


class RunMoved(Message):
    """The journal of the current run grew."""

    def can_replace(self, message: Message) -> bool:
        """Replace an older notice: the state is read from the handle anyway."""
        return isinstance(message, RunMoved)


class SessionOpened(Message):
    """The environment is open: feeds run, plans can be read."""

    def __init__(self, session: CockpitSession) -> None:
        super().__init__()
        self.session = session


class OpeningFailed(Message):
    """The environment could not be opened."""

    def __init__(self, words: str, exit_code: int) -> None:
        super().__init__()
        self.words = words
        self.exit_code = exit_code


class PlansRead(Message):
    """The plan folders were read, and the runs on this machine counted."""

    def __init__(self, plans: tuple[LoadedPlan, ...], matches: tuple[Match, ...], resumable: int) -> None:
        super().__init__()
        self.plans = plans
        self.matches = matches
        self.resumable = resumable


class RunFollowed(Message):
    """A run that was handed over here is followed from now on; without a handle it cannot be, and `why` says so."""

    def __init__(self, handle: RunHandle | None, why: str = "") -> None:
        super().__init__()
        self.handle = handle
        self.why = why
