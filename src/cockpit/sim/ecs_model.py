"""ECS services whose tasks start and stop in time: task sets, desired counts, traffic weights.

A service has task sets (under the ECS controller AWS calls them deployments; they are the same thing here). Whoever
changes a service calls `settle`, which starts and stops tasks until each task set has what it should.
"""

import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from cockpit.sim.world import World

START_SECONDS = (30.0, 45.0)
STOP_SECONDS = (8.0, 25.0)
STOPPED_TASKS_SHOWN = timedelta(hours=1)

Controller = Literal["ECS", "CODE_DEPLOY"]
TaskSetStatus = Literal["PRIMARY", "ACTIVE", "DRAINING"]


@dataclass(eq=False)
class Task:
    """One task. It works from `started_at` until `stopped_at`; a task that is told to stop drains for some seconds."""

    arn: str
    task_definition: str
    task_set_id: str
    created_at: datetime
    started_at: datetime | None = None
    stopping_at: datetime | None = None
    stopped_at: datetime | None = None
    stopped_reason: str = ""

    @property
    def last_status(self) -> str:
        """Return the status as DescribeTasks shows it; a draining task still counts as RUNNING."""
        if self.stopped_at:
            return "STOPPED"
        return "RUNNING" if self.started_at else "PENDING"

    @property
    def desired_status(self) -> str:
        """Return RUNNING until the task is told to stop."""
        return "STOPPED" if self.stopping_at else "RUNNING"


@dataclass(eq=False)
class TaskSet:
    """Tasks of one task definition in a service.

    Attributes:
        weight: share of the traffic, percent.
        external_id: the CodeDeploy deployment that made it; empty if none did.
    """

    task_set_id: str
    task_definition: str
    status: TaskSetStatus
    created_at: datetime
    updated_at: datetime
    weight: float = 0.0
    scale: float = 100.0
    external_id: str = ""
    target_group: str = ""
    tasks: list[Task] = field(default_factory=list)

    @property
    def running(self) -> int:
        """Return how many tasks run, draining ones included."""
        return sum(task.last_status == "RUNNING" for task in self.tasks)

    @property
    def pending(self) -> int:
        """Return how many tasks are about to run."""
        return sum(task.last_status == "PENDING" and not task.stopping_at for task in self.tasks)

    @property
    def live(self) -> list[Task]:
        """Return the tasks that nobody told to stop, oldest first."""
        return [task for task in self.tasks if not task.stopping_at]


@dataclass(eq=False)
class Service:
    """One service. `settings` are the members of CreateService that are only kept and shown."""

    region: str
    cluster: str
    name: str
    controller: Controller
    desired_count: int
    created_at: datetime
    chance: random.Random
    settings: dict[str, Any] = field(default_factory=dict)
    task_sets: list[TaskSet] = field(default_factory=list)
    events: list[tuple[datetime, str]] = field(default_factory=list)
    stopped: list[Task] = field(default_factory=list)
    deleted: bool = False

    @property
    def primary(self) -> TaskSet:
        """Return the task set that serves production traffic."""
        return next(each for each in self.task_sets if each.status == "PRIMARY")

    @property
    def tasks(self) -> list[Task]:
        """Return every task that is not stopped yet."""
        return [task for task_set in self.task_sets for task in task_set.tasks]

    def wanted(self, task_set: TaskSet) -> int:
        """Return how many tasks a task set should run (computedDesiredCount)."""
        return 0 if task_set.status == "DRAINING" else math.ceil(self.desired_count * task_set.scale / 100)

    def is_steady(self, task_set: TaskSet) -> bool:
        """Tell whether a task set runs exactly what it should."""
        return task_set.running == len(task_set.tasks) == self.wanted(task_set)


class EcsModel:
    """Every ECS service of the world, in all regions.

    Attributes:
        on_task_change: called with the service and the task whenever a task has started or stopped.
    """

    def __init__(self, world: World, account: str) -> None:
        self.world = world
        self.account = account
        self.services: dict[tuple[str, str, str], Service] = {}
        self.on_task_change: list[Callable[[Service, Task], None]] = []

    def find(self, region: str, cluster: str, name: str) -> Service | None:
        """Return a service by short names; None if there is none."""
        return self.services.get((region, cluster, name))

    def arn(self, service: Service, kind: str, tail: str = "") -> str:
        """Return an ARN below the service's cluster, for example kind ``service`` or ``task``."""
        return f"arn:aws:ecs:{service.region}:{self.account}:{kind}/{service.cluster}{tail}"

    def create_service(
        self,
        region: str,
        cluster: str,
        name: str,
        task_definition: str,
        desired_count: int,
        *,
        controller: Controller = "ECS",
        target_group: str = "",
        settings: dict[str, Any] | None = None,
    ) -> Service:
        """Create a service with one task set and start its tasks. `task_definition` is an ARN."""
        chance = self.world.random(f"ecs/{region}/{cluster}/{name}")
        service = Service(region, cluster, name, controller, desired_count, self.world.now(), chance, settings or {})
        self.services[region, cluster, name] = service
        first = self.add_task_set(service, task_definition, target_group=target_group, settle=False)
        first.status, first.weight = "PRIMARY", 100.0
        self.settle(service)
        return service

    def set_desired_count(self, service: Service, count: int) -> None:
        """Change the desired count: out of band, it starts no deployment (AWS-FACTS 4)."""
        service.desired_count = count
        self.settle(service)

    def add_task_set(
        self,
        service: Service,
        task_definition: str,
        *,
        external_id: str = "",
        target_group: str = "",
        settle: bool = True,
    ) -> TaskSet:
        """Add an ACTIVE task set without traffic and start its tasks."""
        now = self.world.now()
        number = 9_223_370_000_000_000_000 + service.chance.randrange(10**15)
        task_set = TaskSet(f"ecs-svc/{number}", task_definition, "ACTIVE", now, now)
        task_set.external_id, task_set.target_group = external_id, target_group
        service.task_sets.append(task_set)
        if settle:
            self.settle(service)
        return task_set

    def make_primary(self, service: Service, task_set: TaskSet) -> None:
        """Let a task set serve production traffic; the old primary becomes ACTIVE."""
        for each in service.task_sets:
            if each.status == "PRIMARY":
                each.status = "ACTIVE"
            each.weight = 0.0
        task_set.status, task_set.weight, task_set.updated_at = "PRIMARY", 100.0, self.world.now()

    def shift_traffic(self, service: Service, task_set: TaskSet, percent: float) -> None:
        """Give a task set a share of the traffic and the primary the rest."""
        task_set.weight, task_set.updated_at = percent, self.world.now()
        service.primary.weight = 100.0 - percent

    def drain(self, service: Service, task_set: TaskSet) -> None:
        """Stop a task set's tasks and give its traffic to the primary; it vanishes when the last one has stopped."""
        service.primary.weight += task_set.weight
        task_set.status, task_set.weight, task_set.updated_at = "DRAINING", 0.0, self.world.now()
        self.settle(service)

    def restart(self, service: Service, task_definition: str) -> None:
        """Start a rolling deployment (ECS controller): new tasks first, then the old ones drain."""
        self.make_primary(service, self.add_task_set(service, task_definition, settle=False))
        self.settle(service)

    def settle(self, service: Service) -> None:
        """Start and stop tasks until every task set has what it should; let finished rolling deployments drain."""
        if service.controller == "ECS" and service.is_steady(service.primary):
            for each in service.task_sets:
                each.status = each.status if each.status == "PRIMARY" else "DRAINING"
        for task_set in list(service.task_sets):
            missing = service.wanted(task_set) - len(task_set.live)
            if missing > 0:
                self._start(service, task_set, missing)
            elif missing < 0:
                surplus = task_set.live[missing:]
                self._note(service, f"has stopped {len(surplus)} running tasks")
                for task in surplus:
                    self.stop_task(service, task, "Scaling activity initiated by deployment", settle=False)
            if task_set.status == "DRAINING" and not task_set.tasks:
                service.task_sets.remove(task_set)

    def stop_task(self, service: Service, task: Task, reason: str, *, settle: bool = True) -> None:
        """Tell a task to stop; it drains for some seconds and the service replaces it if it must."""
        if not task.stopping_at:
            now = self.world.now()
            task.stopping_at, task.stopped_reason = now, reason
            delay = service.chance.uniform(*STOP_SECONDS)
            self.world.at(now + timedelta(seconds=delay), lambda: self._stopped(service, task))
        if settle:
            self.settle(service)

    def _start(self, service: Service, task_set: TaskSet, count: int) -> None:
        now = self.world.now()
        for _ in range(count):
            identity = f"{service.chance.getrandbits(128):032x}"
            task = Task(self.arn(service, "task", f"/{identity}"), task_set.task_definition, task_set.task_set_id, now)
            task_set.tasks.append(task)
            moment = now + timedelta(seconds=service.chance.uniform(*START_SECONDS))
            self.world.at(moment, lambda task=task: self._started(service, task))  # type: ignore[misc]  # mypy cannot infer a lambda's default
        self._note(service, f"has started {count} tasks")

    def _started(self, service: Service, task: Task) -> None:
        if task.stopping_at or task.stopped_at:
            return
        task.started_at = self.world.now()
        self._changed(service, task)

    def _stopped(self, service: Service, task: Task) -> None:
        now = self.world.now()
        task.stopped_at = now
        for task_set in service.task_sets:
            if task in task_set.tasks:
                task_set.tasks.remove(task)
        service.stopped = [old for old in service.stopped if _ended(old) > now - STOPPED_TASKS_SHOWN] + [task]
        self._changed(service, task)

    def _changed(self, service: Service, task: Task) -> None:
        for listener in self.on_task_change:
            listener(service, task)
        self.settle(service)
        if all(service.is_steady(task_set) for task_set in service.task_sets):
            self._note(service, "has reached a steady state")

    def _note(self, service: Service, what: str) -> None:
        service.events.insert(0, (self.world.now(), f"(service {service.name}) {what}."))
        del service.events[100:]


def _ended(task: Task) -> datetime:
    return task.stopped_at or task.created_at
