"""Runs the branches of one group side by side, and waits for the last of them: the join (RQ-20)."""

import asyncio
from collections.abc import Awaitable, Callable

from cockpit.engine.brakes import Closed, Decided, Interrupted
from cockpit.engine.branches import Group, Lane, branch_states
from cockpit.engine.run_core import RunCore
from cockpit.plans.schema import Step


class GroupRunner:
    """One group of a driven run. A dry run waits for nothing: there one branch follows the other, in the plan's order.

    Args:
        core: the run.
        group: its branches.
        carry_out: brings one step to its end; raises `Interrupted` if the run goes no further.
        stopped_by: tells the decision with which a step that has ended ends the run.
    """

    def __init__(
        self,
        core: RunCore,
        group: Group,
        carry_out: Callable[[Step], Awaitable[None]],
        stopped_by: Callable[[Step], Decided | None],
    ) -> None:
        self._core = core
        self._group = group
        self._carry_out = carry_out
        self._stopped_by = stopped_by
        self._running: set[asyncio.Task[None]] = set()
        self._begun: set[str] = set()
        self._failures: list[BaseException] = []

    async def run(self) -> None:
        """Run every branch once those it comes after have ended, and return after the last one.

        Whatever ends one branch early ends all: their steps in hand come to their end first, as it demands of them.

        Raises:
            Interrupted: the run goes no further.
            JournalError: nothing can be recorded any more.
        """
        self._heed_past_decision()
        while True:
            self._begin_ready()
            if not self._running:
                break
            ended, self._running = await asyncio.wait(self._running, return_when=asyncio.FIRST_COMPLETED)
            self._failures += [error for task in ended if (error := _failure(task)) is not None]
        if self._failures:
            raise min(self._failures, key=_weight)

    def _heed_past_decision(self) -> None:
        """Begin nothing new if a crash came between a decision that ends the run and that end."""
        for step in (step for lane in self._group.lanes for step in lane.steps):
            if decided := self._stopped_by(step):
                self._core.desk.let_end(decided)

    def _begin_ready(self) -> None:
        """Begin every branch that may; after a crash also those that ran, and ended ones for what was cut off."""
        standings = {each.branch.id: each.standing for each in branch_states(self._core.state)}
        for lane in self._group.lanes:
            standing = standings[lane.branch.id]
            if lane.branch.id in self._begun or standing == "waits" or (standing == "ready" and self._failures):
                continue
            if self._core.dry and self._running:
                return
            self._begun.add(lane.branch.id)
            self._running.add(asyncio.create_task(self._branch(lane)))

    async def _branch(self, lane: Lane) -> None:
        try:
            for step in lane.steps:
                await self._carry_out(step)
        except Interrupted as interrupted:
            if isinstance(interrupted.by, Decided):
                self._core.desk.let_end(interrupted.by)
            raise
        except BaseException:
            self._core.desk.close()
            raise


def _failure(task: asyncio.Task[None]) -> BaseException | None:
    return asyncio.CancelledError() if task.cancelled() else task.exception()


def _weight(error: BaseException) -> int:
    """Tell which of several ends counts: a fault, then the driver going away, an abort, and last a decision."""
    if not isinstance(error, Interrupted):
        return 0
    return 1 if isinstance(error.by, Closed) else 3 if isinstance(error.by, Decided) else 2
