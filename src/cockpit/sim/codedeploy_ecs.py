"""What a CodeDeploy deployment to ECS does in time: blue/green with two task sets.

Where AWS's documentation leaves the semantics open, these were chosen (docs/simulator-deployments.md): the deployment
stays InProgress until the original task set is terminated, while its target is Succeeded as soon as all traffic has
moved (github.com/aws/containers-roadmap issue 269); alarms are watched until the end of that wait.
"""

from collections.abc import Callable, Generator
from datetime import timedelta

from cockpit.sim.codedeploy_group import event_names, look, other_target_group, place, ready_option, termination_minutes
from cockpit.sim.codedeploy_model import CodeDeployModel, Deployment, Revision, TaskSetSeen
from cockpit.sim.codedeploy_run import ALL, EVENT_SECONDS, POLL_SECONDS, QUEUE_SECONDS, AlarmState, Ended, Runner
from cockpit.sim.ecs_model import EcsModel, Service, TaskSet
from cockpit.sim.story import Story

DRAIN_SECONDS = 30.0

TaskDefinitionExists = Callable[[str, str], bool]


class EcsRunner(Runner):
    """Runs deployments to ECS.

    Attributes:
        exists: (region, task definition) → whether ECS knows it.
    """

    def __init__(
        self, model: CodeDeployModel, ecs: EcsModel, alarm_state: AlarmState, exists: TaskDefinitionExists
    ) -> None:
        super().__init__(model, alarm_state)
        self._ecs = ecs
        self._exists = exists

    def refresh(self, deployment: Deployment) -> None:
        """Bring the counts of a running deployment's task sets up to date."""
        service = self._ecs.find(deployment.region, *place(deployment.group))
        if deployment.is_running and service:
            look(service, deployment)

    def _event_names(self, deployment: Deployment) -> list[str]:
        return event_names(deployment.group)

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
                raise Ended("Stopped", "TIMEOUT", message, "DEPLOYMENT_FAILURE")
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

    def _service(self, deployment: Deployment) -> Service:
        """Return the service that the group deploys to."""
        cluster, name = place(deployment.group)
        service = self._ecs.find(deployment.region, cluster, name)
        if service is None or service.deleted or service.controller != "CODE_DEPLOY":
            message = f"The ECS service {name} in cluster {cluster} does not exist or is not under CodeDeploy."
            raise Ended("Failed", "INVALID_ECS_SERVICE", message, "DEPLOYMENT_FAILURE")
        return service

    def _revision(self, deployment: Deployment) -> Revision:
        """Return the revision, if ECS knows its task definition."""
        revision = deployment.revision
        if revision is None or not self._exists(deployment.region, revision.task_definition):
            message = f"The ECS task definition {revision and revision.task_definition} does not exist."
            raise Ended("Failed", "ECS_UPDATE_ERROR", message, "DEPLOYMENT_FAILURE")
        return revision

    def _show(self, deployment: Deployment, service: Service, label: str, task_set: TaskSet) -> None:
        deployment.task_sets.append(TaskSetSeen(label, task_set.task_set_id, task_set.target_group))
        look(service, deployment)
