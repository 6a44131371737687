"""Messages from other threads. Those that come in bursts coalesce: only the newest of a kind is handled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from cockpit.feeds.snapshot import Snapshot
    from cockpit.plans.catalogue import LoadedPlan
    from cockpit.ui.session import CockpitSession


class SnapshotArrived(Message):
    """The feeds have something new."""

    def __init__(self, snapshot: Snapshot) -> None:
        super().__init__()
        self.snapshot = snapshot

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
    """The plan folders were read."""

    def __init__(self, plans: tuple[LoadedPlan, ...]) -> None:
        super().__init__()
        self.plans = plans
