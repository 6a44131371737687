"""Application load balancers in front of ECS services, as far as somebody looks at them from outside."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from cockpit.sim.ecs_model import EcsModel, Service, Task
from cockpit.sim.simulation import ACCOUNT
from cockpit.sim.world import World

PROVISIONING = timedelta(seconds=90)
FIRST_CHECKS = timedelta(seconds=30)  # a target is `initial` that long after its task has started
ZONE_ID = "Z1H1FL5HABSF5"  # the hosted zone that AWS keeps for load balancers of us-west-2


@dataclass(eq=False)
class TargetGroup:
    """A target group. `settings` are the members of CreateTargetGroup that are only kept and shown."""

    region: str
    name: str
    arn: str
    settings: dict[str, Any]


@dataclass(eq=False)
class Listener:
    """A listener. Only its first default action matters: whatever comes goes to that target group."""

    arn: str
    settings: dict[str, Any]

    @property
    def target_group(self) -> str:
        """Return the ARN of the target group requests go to; empty if they go to none."""
        actions = self.settings.get("DefaultActions") or [{}]
        return str(actions[0].get("TargetGroupArn", ""))


@dataclass(eq=False)
class LoadBalancer:
    """A load balancer.

    Attributes:
        host: where it listens, for whoever wants to talk to it: its DNS name.
    """

    region: str
    name: str
    arn: str
    created_at: datetime
    settings: dict[str, Any]
    host: str = ""
    listeners: list[Listener] = field(default_factory=list)

    def state(self, now: datetime) -> str:
        """Return its state."""
        return "active" if now >= self.created_at + PROVISIONING else "provisioning"


@dataclass(frozen=True, slots=True)
class Target:
    """A task behind a target group, and how its health stands."""

    service: Service
    task: Task
    state: str
    reason: str = ""

    @property
    def address(self) -> str:
        """Return the task's private address, made up from its id."""
        digest = hashlib.sha256(self.task.arn.encode()).digest()
        return f"10.{digest[0] % 16 + 20}.{digest[1]}.{digest[2] % 250 + 4}"


class LoadBalancing:
    """Every load balancer and target group of the world.

    Attributes:
        works: (region, task ARN) → whether the task answers well; set by whoever simulates the application.
    """

    def __init__(self, world: World, ecs: EcsModel) -> None:
        self.world = world
        self._ecs = ecs
        self.balancers: dict[str, LoadBalancer] = {}
        self.groups: dict[str, TargetGroup] = {}
        self.works: Callable[[str, str], bool] = lambda _region, _task: True

    def new_arn(self, region: str, kind: str, name: str) -> str:
        """Return an ARN, the same for the same name and second."""
        digest = hashlib.sha256(f"{region}/{kind}/{name}/{self.world.now()}".encode()).hexdigest()
        return f"arn:aws:elasticloadbalancing:{region}:{ACCOUNT}:{kind}/{name}/{digest[:16]}"

    def targets(self, group_arn: str) -> list[Target]:
        """Return the tasks behind a target group, oldest first."""
        group = self.groups.get(group_arn)
        if group is None:
            return []
        found = [
            (service, task)
            for service in self._ecs.services.values()
            if service.region == group.region and not service.deleted
            for task_set in service.task_sets
            if task_set.target_group == group.name
            for task in task_set.tasks
            if task.started_at is not None
        ]
        return [self._target(service, task) for service, task in found]

    def healthy(self, balancer: LoadBalancer) -> list[Target]:
        """Return the tasks to which a load balancer sends requests."""
        groups = [listener.target_group for listener in balancer.listeners]
        return [target for group in groups for target in self.targets(group) if target.state == "healthy"]

    def _target(self, service: Service, task: Task) -> Target:
        started = task.started_at or task.created_at
        if task.stopping_at:
            return Target(service, task, "draining", "Target.DeregistrationInProgress")
        if self.world.now() < started + FIRST_CHECKS:
            return Target(service, task, "initial", "Elb.InitialHealthChecking")
        if not self.works(service.region, task.arn):
            return Target(service, task, "unhealthy", "Target.ResponseCodeMismatch")
        return Target(service, task, "healthy")
