"""What every part of a driven run shares."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from pydantic import JsonValue

from cockpit.aws.port import AwsPort, ReadFailed
from cockpit.config.schema import Host
from cockpit.engine.brakes import Brakes
from cockpit.engine.call_book import CallBook
from cockpit.engine.context import run_context
from cockpit.engine.desk import Desk
from cockpit.engine.one_read import make_read
from cockpit.engine.pace import pause
from cockpit.engine.run_log import RunLog
from cockpit.engine.state import RunState
from cockpit.model.clock import Clock
from cockpit.model.reading import FaultKind
from cockpit.plans.probe import Read

T = TypeVar("T")

_PATIENCE = 60.0
_TRIES = 5
_PASSING = (FaultKind.THROTTLED, FaultKind.UNREACHABLE, FaultKind.SERVICE, FaultKind.CREDENTIALS)


@dataclass(frozen=True, slots=True)
class RunCore:
    """A run in the hands of its driver: its log, its door to AWS, its commands, its folder."""

    log: RunLog
    port: AwsPort
    desk: Desk
    book: CallBook
    folder: Path
    expected_account: str | None
    hosts: Mapping[str, Host] = field(default_factory=dict)

    @property
    def clock(self) -> Clock:
        """Return the run's clock."""
        return self.log.clock

    @property
    def state(self) -> RunState:
        """Return the state after the latest record."""
        return self.log.state()

    @property
    def brakes(self) -> Brakes:
        """Return what holds the work in hand back or gives it up."""
        return self.desk.brakes

    @property
    def dry(self) -> bool:
        """Tell whether nothing may be changed."""
        return self.state.mode == "dry"

    def context(self, extra: Mapping[str, JsonValue] | None = None) -> dict[str, JsonValue]:
        """Return what expressions see now."""
        return {**run_context(self.state, self.clock.now()), **(extra or {})}

    async def read_once(self, read: Read, extra: Mapping[str, JsonValue] | None = None) -> dict[str, JsonValue]:
        """Fill a read and make it, without patience of its own. What AWS says is absent is an empty answer.

        Raises:
            ExpressionError: a parameter has no value.
            ReadFailed: no answer.
        """
        return await make_read(self.port, read, self.context(extra), self.state.scope.region)

    async def read(self, read: Read, extra: Mapping[str, JsonValue] | None = None) -> dict[str, JsonValue]:
        """Do the same with patience for what passes by itself: throttling, a line that is down, expired credentials.

        Raises:
            ExpressionError: a parameter has no value.
            ReadFailed: no answer after a minute and five tries, or a fault that does not pass.
        """
        return await self.patiently(lambda: self.read_once(read, extra))

    async def patiently(self, read: Callable[[], Awaitable[T]]) -> T:
        """Make a read again while its fault is one that passes.

        Raises:
            ReadFailed: as `read` says.
        """
        began, tries, wait = self.clock.now(), 0, 1.0
        while True:
            try:
                return await read()
            except ReadFailed as failure:
                tries += 1
                waited = (self.clock.now() - began).total_seconds()
                if failure.fault.kind not in _PASSING or (tries >= _TRIES and waited >= _PATIENCE):
                    raise
            await pause(self.clock, wait)
            wait = min(wait * 2, 15.0)
