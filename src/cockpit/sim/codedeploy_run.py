"""What a CodeDeploy deployment to ECS does in time: blue/green with lifecycle events, traffic steps, stop and rollback.

Where AWS's documentation leaves the semantics open, these were chosen (docs/simulator-deployments.md): the deployment
stays InProgress until the original task set is terminated, while its target is Succeeded as soon as all traffic has
moved (github.com/aws/containers-roadmap issue 269); alarms are watched until the end of that wait; a rollback that
CodeDeploy makes by itself does not look at alarms, a deployment that a user makes does (E-09).
"""

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from datetime import timedelta

from cockpit.sim.codedeploy_group import event_names, look, other_target_group, place, ready_option, termination_minutes
from cockpit.sim.codedeploy_model import CodeDeployModel, Deployment, Event, Revision, TaskSetSeen
from cockpit.sim.ecs_model import EcsModel, Service, TaskSet
from cockpit.sim.story import Story, tell

POLL_SECONDS = 5.0
QUEUE_SECONDS = 2.0
EVENT_SECONDS = 1.0
DRAIN_SECONDS = 30.0
ALL = 100

AlarmState = Callable[[str, str], str | None]
TaskDefinitionExists = Callable[[str, str], bool]


class _Ended(Exception):
    """The deployment cannot go on.

    Attributes:
        status: Stopped or Failed.
        rollback: the auto-rollback event that fits, for example DEPLOYMENT_STOP_ON_ALARM.
    """

    def __init__(self, status: str, code: str, message: str, rollback: str) -> None:
        super().__init__(message)
        self.status, self.code, self.rollback = status, code, rollback


class Runner:
    """Runs deployments.

    Attributes:
        alarm_state: (alarm name, region) → state; None if there is no such alarm.
        exists: (region, task definition) → whether ECS knows it.
    """

    def __init__(
        self, model: CodeDeployModel, ecs: EcsModel, alarm_state: AlarmState, exists: TaskDefinitionExists
    ) -> None:
        self._model = model
        self._ecs = ecs
        self._world = model.world
        self._alarm_state = alarm_state
        self._exists = exists

    def start(self, deployment: Deployment) -> None:
        """Let a new deployment run."""
        tell(self._world, self._run(deployment, self._deploy(deployment)))

    def refresh(self, deployment: Deployment) -> None:
        """Bring the counts of a running deployment's task sets up to date."""
        service = self._ecs.find(deployment.region, *place(deployment.group))
        if deployment.is_running and service:
            look(service, deployment)

    def _run(self, deployment: Deployment, story: Story) -> Story:
        """Tell a deployment's story and end it one way or the other."""
        try:
            yield from story
        except _Ended as end:
            self._finish(deployment, end.status, (end.code, str(end)))
            if deployment.creator == "user" and (deployment.roll_back_asked or deployment.rolls_back_on(end.rollback)):
                self._roll_back(deployment)
        else:
            self._finish(deployment, "Succeeded", None)

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

    # What a deployment does, from start to end.

    def _deploy(self, deployment: Deployment) -> Story:
        yield from self._wait(deployment, QUEUE_SECONDS)
        self._begin(deployment)
        service, revision = self._service(deployment), self._revision(deployment)
        blue = service.primary
        for left_over in [each for each in service.task_sets if each.status == "ACTIVE"]:
            self._ecs.drain(service, left_over)
        self._show(deployment, service, "Blue", blue)
        yield from self._brief(deployment, "BeforeInstall")
        green = yield from self._install(deployment, service, blue, revision)
        for name in ("AfterInstall", "AllowTestTraffic", "AfterAllowTestTraffic"):
            yield from self._brief(deployment, name)
        yield from self._wait_until_continued(deployment)
        yield from self._brief(deployment, "BeforeAllowTraffic")
        yield from self._shift(deployment, service, green)
        yield from self._brief(deployment, "AfterAllowTraffic")
        deployment.target_status = "Succeeded"
        yield from self._terminate(deployment, service, blue)

    def _begin(self, deployment: Deployment) -> None:
        deployment.started_at = self._world.now()
        deployment.status = deployment.target_status = "InProgress"
        deployment.events = [Event(name) for name in event_names(deployment.group)]

    def _install(
        self, deployment: Deployment, service: Service, blue: TaskSet, revision: Revision
    ) -> Generator[float, None, TaskSet]:
        """Start the new task set and wait for its tasks; return it."""
        with self._under_way(deployment, "Install"):
            group = other_target_group(deployment.group, blue.target_group)
            green = self._ecs.add_task_set(
                service, revision.task_definition, external_id=deployment.deployment_id, target_group=group
            )
            self._show(deployment, service, "Green", green)
            while not service.is_steady(green):
                yield from self._wait(deployment, POLL_SECONDS)
        return green

    def _wait_until_continued(self, deployment: Deployment) -> Story:
        """Wait for ContinueDeployment, if the group asks for that before traffic moves."""
        option = ready_option(deployment.group)
        if option.get("actionOnTimeout") != "STOP_DEPLOYMENT":
            return
        deployment.status = "Ready"
        end = self._world.now() + timedelta(minutes=option.get("waitTimeInMinutes", 0))
        while "READY_WAIT" not in deployment.go_on_asked:
            if self._world.now() >= end:
                message = "The deployment was not continued before its wait time ended."
                raise _Ended("Stopped", "TIMEOUT", message, "DEPLOYMENT_FAILURE")
            yield from self._wait(deployment, POLL_SECONDS)
        deployment.status = "InProgress"

    def _shift(self, deployment: Deployment, service: Service, green: TaskSet) -> Story:
        """Move the traffic, step by step."""
        routing = self._model.routings[deployment.routing_name]
        with self._under_way(deployment, "AllowTraffic"):
            for percent in routing.steps():
                if percent == ALL:
                    self._ecs.make_primary(service, green)
                    yield from self._wait(deployment, EVENT_SECONDS)
                else:
                    self._ecs.shift_traffic(service, green, percent)
                    yield from self._wait(deployment, routing.minutes * 60)

    def _terminate(self, deployment: Deployment, service: Service, blue: TaskSet) -> Story:
        """Keep the old task set for the group's time, in which a stop brings it back in seconds; then end it."""
        end = self._world.now() + timedelta(minutes=termination_minutes(deployment.group))
        deployment.waits_for_termination = True
        while self._world.now() < end and "TERMINATION_WAIT" not in deployment.go_on_asked:
            left = (end - self._world.now()).total_seconds()
            yield from self._wait(deployment, min(POLL_SECONDS, left))
        deployment.waits_for_termination = False
        self._ecs.drain(service, blue)
        yield DRAIN_SECONDS

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

    def _give_back(self, rollback: Deployment, original: Deployment) -> Story:
        yield QUEUE_SECONDS
        self._begin(rollback)
        service = self._service(rollback)
        present = {each.task_set_id: each for each in service.task_sets}
        here = {seen.label: present[seen.task_set_id] for seen in original.task_sets if seen.task_set_id in present}
        for label, task_set in here.items():
            self._show(rollback, service, label, task_set)
        for event in rollback.events:
            if event.name not in ("BeforeAllowTraffic", "AllowTraffic", "AfterAllowTraffic"):
                event.status = "Skipped"  # the original task set is still there: nothing is installed
                continue
            with self._under_way(rollback, event.name):
                yield EVENT_SECONDS
                if event.name == "AllowTraffic" and "Blue" in here:
                    self._ecs.make_primary(service, here["Blue"])
                    yield POLL_SECONDS
        if "Green" in here:
            self._ecs.drain(service, here["Green"])
            yield DRAIN_SECONDS

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
            raise _Ended("Stopped", "MANUAL_STOP", message, "DEPLOYMENT_STOP_ON_REQUEST")
        firing = [name for name in deployment.alarm_names() if self._alarm_state(name, deployment.region) == "ALARM"]
        if firing:
            message = (
                "One or more alarms have been activated according to the Amazon CloudWatch metrics you selected, "
                f"and the affected deployments have been stopped. Activated alarms: <{', '.join(firing)}>"
            )
            raise _Ended("Stopped", "ALARM_ACTIVE", message, "DEPLOYMENT_STOP_ON_ALARM")

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

    def _service(self, deployment: Deployment) -> Service:
        """Return the service that the group deploys to."""
        cluster, name = place(deployment.group)
        service = self._ecs.find(deployment.region, cluster, name)
        if service is None or service.deleted or service.controller != "CODE_DEPLOY":
            message = f"The ECS service {name} in cluster {cluster} does not exist or is not under CodeDeploy."
            raise _Ended("Failed", "INVALID_ECS_SERVICE", message, "DEPLOYMENT_FAILURE")
        return service

    def _revision(self, deployment: Deployment) -> Revision:
        """Return the revision, if ECS knows its task definition."""
        revision = deployment.revision
        if revision is None or not self._exists(deployment.region, revision.task_definition):
            message = f"The ECS task definition {revision and revision.task_definition} does not exist."
            raise _Ended("Failed", "ECS_UPDATE_ERROR", message, "DEPLOYMENT_FAILURE")
        return revision

    def _show(self, deployment: Deployment, service: Service, label: str, task_set: TaskSet) -> None:
        deployment.task_sets.append(TaskSetSeen(label, task_set.task_set_id, task_set.target_group))
        look(service, deployment)
