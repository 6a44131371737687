"""What every CodeDeploy deployment does in time: lifecycle events, alarms, stop and rollback. What it deploys is apart.

Where AWS's documentation leaves the semantics open, these were chosen (docs/simulator-deployments.md): a rollback that
CodeDeploy makes by itself does not look at alarms, a deployment that a user makes does (E-09).
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from cockpit.sim.codedeploy_model import CodeDeployModel, Deployment, Event
from cockpit.sim.story import Story, tell

POLL_SECONDS = 5.0
QUEUE_SECONDS = 2.0
EVENT_SECONDS = 1.0
ALL = 100

AlarmState = Callable[[str, str], str | None]


class Ended(Exception):
    """The deployment cannot go on.

    Attributes:
        status: Stopped or Failed.
        rollback: the auto-rollback event that fits, for example DEPLOYMENT_STOP_ON_ALARM.
    """

    def __init__(self, status: str, code: str, message: str, rollback: str) -> None:
        super().__init__(message)
        self.status, self.code, self.rollback = status, code, rollback


class Runner(ABC):
    """Runs the deployments of one compute platform.

    Attributes:
        alarm_state: (alarm name, region) → state; None if there is no such alarm.
    """

    def __init__(self, model: CodeDeployModel, alarm_state: AlarmState) -> None:
        self._model = model
        self._world = model.world
        self._alarm_state = alarm_state

    @abstractmethod
    def refresh(self, deployment: Deployment) -> None:
        """Bring what a running deployment knows of its target up to date."""

    @abstractmethod
    def _event_names(self, deployment: Deployment) -> list[str]:
        """Return the lifecycle events of a deployment."""

    @abstractmethod
    def _deploy(self, deployment: Deployment) -> Story:
        """Tell what a deployment does, from start to end."""

    @abstractmethod
    def _give_back(self, rollback: Deployment, original: Deployment) -> Story:
        """Tell how a rollback gives the traffic back to what served it before."""

    def start(self, deployment: Deployment) -> None:
        """Let a new deployment run."""
        tell(self._world, self._run(deployment, self._deploy(deployment)))

    def _run(self, deployment: Deployment, story: Story) -> Story:
        """Tell a deployment's story and end it one way or the other."""
        try:
            yield from story
        except Ended as end:
            self._finish(deployment, end.status, (end.code, str(end)))
            if deployment.creator == "user" and (deployment.roll_back_asked or deployment.rolls_back_on(end.rollback)):
                self._roll_back(deployment)
        else:
            self._finish(deployment, "Succeeded", None)

    def _begin(self, deployment: Deployment) -> None:
        deployment.started_at = self._world.now()
        deployment.status = deployment.target_status = "InProgress"
        deployment.events = [Event(name) for name in self._event_names(deployment)]

    def _finish(self, deployment: Deployment, status: str, error: tuple[str, str] | None) -> None:
        self.refresh(deployment)
        now = self._world.now()
        deployment.status, deployment.completed_at, deployment.error = status, now, error
        deployment.waits_for_termination = False
        for event in deployment.events:
            if event.status == "InProgress":
                event.status, event.ended_at = "Failed", now
            elif event.status == "Pending":
                event.status = "Skipped"
        if deployment.target_status != "Succeeded":
            deployment.target_status = "Succeeded" if status == "Succeeded" else "Failed"
        original = self._model.deployments.get(deployment.rollback_of)
        if original:
            word = "succeeded" if status == "Succeeded" else "failed"
            message = f"The rollback of deployment {original.deployment_id} by {deployment.deployment_id} {word}."
            original.rollback_message = deployment.rollback_message = message

    # A rollback is a deployment of its own, made by CodeDeploy, that gives the traffic back.

    def _roll_back(self, original: Deployment) -> None:
        rollback = Deployment(
            self._model.new_id(),
            original.region,
            original.application,
            original.group,
            original.routing_name,
            {"description": f"Rollback of deployment {original.deployment_id}"},
            original.previous,
            original.revision,
            self._world.now(),
            creator="codeDeployRollback",
            rollback_of=original.deployment_id,
        )
        original.rolled_back_by = rollback.deployment_id
        message = f"Deployment {original.deployment_id} is being rolled back by {rollback.deployment_id}."
        original.rollback_message = rollback.rollback_message = message
        original.group.deployments.append(rollback)
        self._model.deployments[rollback.deployment_id] = rollback
        tell(self._world, self._run(rollback, self._give_back(rollback, original)))

    # The parts of a story.

    def _wait(self, deployment: Deployment, seconds: float) -> Story:
        """Wait, but not longer than the deployment may go on: look for a stop and for alarms every few seconds."""
        end = self._world.now() + timedelta(seconds=seconds)
        while True:
            self._check(deployment)
            left = (end - self._world.now()).total_seconds()
            if left <= 0:
                return
            yield min(left, POLL_SECONDS)

    def _check(self, deployment: Deployment) -> None:
        if deployment.stop_asked:
            message = "The deployment has been stopped by the user."
            raise Ended("Stopped", "MANUAL_STOP", message, "DEPLOYMENT_STOP_ON_REQUEST")
        firing = [name for name in deployment.alarm_names() if self._alarm_state(name, deployment.region) == "ALARM"]
        if firing:
            message = (
                "One or more alarms have been activated according to the Amazon CloudWatch metrics you selected, "
                f"and the affected deployments have been stopped. Activated alarms: <{', '.join(firing)}>"
            )
            raise Ended("Stopped", "ALARM_ACTIVE", message, "DEPLOYMENT_STOP_ON_ALARM")

    def _brief(self, deployment: Deployment, name: str) -> Story:
        """Pass one lifecycle event that has no hook, if the deployment has it."""
        if any(event.name == name for event in deployment.events):
            with self._under_way(deployment, name):
                yield from self._wait(deployment, EVENT_SECONDS)

    @contextmanager
    def _under_way(self, deployment: Deployment, name: str) -> Iterator[None]:
        """Mark a lifecycle event as going on, and as succeeded if the block ends well."""
        event = next(each for each in deployment.events if each.name == name)
        event.status, event.started_at = "InProgress", self._world.now()
        yield
        event.status, event.ended_at = "Succeeded", self._world.now()
