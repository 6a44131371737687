"""What a face holds of a run, whoever drives it."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from cockpit.engine.commands import Command
from cockpit.engine.records import Entry
from cockpit.engine.state import RunState

Listener = Callable[[Entry, RunState], None]


class RunHandle(Protocol):
    """A run in this process. Methods return at once and are safe from any thread."""

    @property
    def run_id(self) -> str:
        """Return the run's id."""

    @property
    def folder(self) -> Path:
        """Return the folder that holds its journal."""

    def state(self) -> RunState:
        """Return the state after the latest record."""

    def entries(self) -> tuple[Entry, ...]:
        """Return all records so far."""

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` from the engine's thread after every record; it must not block. Returns the way out."""

    def send(self, command: Command) -> None:
        """Hand a command to the engine. A refusal comes back as a `Refused` record."""

    def stopped(self) -> str:
        """Return why nobody drives the run here any more (ended, closed, journal unwritable); empty if driven."""

    def close(self) -> None:
        """Stop driving: quitting is not aborting. Remote work goes on; the run can be resumed."""
