"""What the matrix is made over: the plans, each in the outage it is for, and what the world must be like afterwards."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from cockpit.engine.state import RunState
from cockpit.sim.process import Simulator
from crash.cells import Cell, InCall
from support.aftermath import TABLE, Aftermath

_GROUP = {"applicationName": "syncwell-backend", "deploymentGroupName": "syncwell-worker"}
_PREPARED_WITHIN = 120.0  # real seconds
_SOUND = "syncwell-worker:2"

World = Callable[[Simulator, RunState], None]


@dataclass(frozen=True, slots=True)
class Subject:
    """A plan in an outage.

    Attributes:
        speed: seconds of the story per real second. Starting a program costs a real second: where the plan has to
            catch a deployment that is still open, the story goes slower. `in_time` has the speed for a death inside of
            calls that are about something which passes by itself.
        prepare: brings the outage to where the run begins.
        world: raises AssertionError with what is wrong in the world after a run that went to its end.
    """

    name: str
    plan: str
    scenario: str
    speed: float
    prepare: Callable[[Simulator], None]
    world: World
    in_time: Mapping[str, float] = field(default_factory=dict)

    def speed_for(self, cell: Cell | None) -> float:
        """Return the speed of the story for a cell."""
        if isinstance(cell, InCall):
            return self.in_time.get(f"{cell.service}:{cell.operation}", self.speed)
        return self.speed


def _at_once(_simulator: Simulator) -> None:
    """Begin where the scenario opens."""


def _when_the_deployment_is_over(simulator: Simulator) -> None:
    codedeploy = Aftermath.client_of(simulator, "codedeploy")
    deadline = time.monotonic() + _PREPARED_WITHIN
    while codedeploy.list_deployments(**_GROUP, includeOnlyStatuses=["InProgress"])["deployments"]:
        if time.monotonic() > deadline:
            raise TimeoutError("the faulty deployment did not come to its end")
        time.sleep(0.1)


class _PlanG(Aftermath):
    """What Plan G promises, on a story that a slow machine may have let grow old before the run began."""

    def check_window(self) -> None:
        """Check the count to the write, and the end to lie between the last write and the halting call's answer.

        Where nobody has written for ten minutes before the halt, the answer to the halting call is the end.
        """
        loss, halted = self._state.loss, self._state.steps["fence_table"].calls[-1].end_at
        truth = self._simulator.get_json("/_cockpit/truth")["tables"][TABLE]["writes"]
        times = [datetime.fromisoformat(write["time"]).replace(microsecond=0) for write in truth]
        if loss is None or loss.writes is None or halted is None:
            raise AssertionError("no loss was measured")
        lost = [time for time in times if time > loss.start]
        if (loss.writes.at_least, loss.writes.at_most) != (len(lost), len(lost)):
            raise AssertionError(f"{loss.writes} writes shown as lost, {len(lost)} are")
        if not max(lost) <= loss.end <= halted:
            raise AssertionError(f"the window ends at {loss.end}; last write {max(lost)}, halt known at {halted}")


def _plan_g(simulator: Simulator, state: RunState) -> None:
    _PlanG(simulator, state).check()


def _sound_version(simulator: Simulator, _state: RunState) -> None:
    """Check that the sound version alone has the traffic and the tasks, and that no deployment is open."""
    described = Aftermath.client_of(simulator, "ecs").describe_services(
        cluster="syncwell", services=["syncwell-worker"]
    )
    sets = [
        (each["status"], each["taskDefinition"].rpartition("/")[2]) for each in described["services"][0]["taskSets"]
    ]
    if sets != [("PRIMARY", _SOUND)]:
        raise AssertionError(f"task sets are {sets}")
    codedeploy = Aftermath.client_of(simulator, "codedeploy")
    if still := codedeploy.list_deployments(**_GROUP, includeOnlyStatuses=["Created", "InProgress"])["deployments"]:
        raise AssertionError(f"deployments are still open: {still}")


_MANUAL = "syncwell/plan-f-manual-backend-rollback"

SUBJECTS: tuple[Subject, ...] = (
    Subject(
        "corruption",
        "syncwell/plan-g-data-corruption",
        "syncwell-corruption",
        200,
        _at_once,
        _plan_g,
        {"codedeploy:ContinueDeployment": 60},
    ),
    Subject("canary", "syncwell/plan-f-canary-auto-rollback", "syncwell-bad-canary", 240, _at_once, _sound_version),
    Subject("release-open", _MANUAL, "syncwell-bad-release", 8, _at_once, _sound_version),
    Subject("release-over", _MANUAL, "syncwell-bad-release", 100, _when_the_deployment_is_over, _sound_version),
)
BY_NAME = {subject.name: subject for subject in SUBJECTS}
