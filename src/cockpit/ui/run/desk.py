"""What every screen of one run shares: its handle, its clock, and what the run waits for."""

from dataclasses import dataclass
from datetime import datetime

from cockpit.engine.commands import Command
from cockpit.engine.handle import RunHandle
from cockpit.engine.prompts import Prompt
from cockpit.engine.records import Prompted
from cockpit.engine.state import RunState
from cockpit.model.clock import Clock


@dataclass(frozen=True, slots=True)
class Asked:
    """One question of the engine. `seq` is its record's number: the same question never comes twice."""

    seq: int
    step: str
    attempt: int
    prompt: Prompt


@dataclass(frozen=True, slots=True)
class Desk:
    """One run on screen."""

    handle: RunHandle
    clock: Clock

    @property
    def observing(self) -> bool:
        """Tell whether nothing can be sent: somebody else drives the run, or nobody any more."""
        return bool(self.handle.stopped())

    def state(self) -> RunState:
        """Return the state after the latest record."""
        return self.handle.state()

    def now(self) -> datetime:
        """Return the time of the run's clock, UTC."""
        return self.clock.now()

    def send(self, command: Command) -> bool:
        """Hand a command to the engine; False if it takes none here (`RunHandle.stopped` says why)."""
        if self.observing:
            return False
        self.handle.send(command)
        return True

    def asked(self) -> Asked | None:
        """Return the question the run waits with; None if it waits for nobody."""
        prompt = self.handle.state().prompt
        if prompt is None:
            return None
        for entry in reversed(self.handle.entries()):
            record = entry.record
            if isinstance(record, Prompted):
                return Asked(entry.seq, record.step, record.attempt, record.prompt)
        return None
