"""Application Auto Scaling: targets and policies that really change the desired count of an ECS service (E-03)."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from cockpit.sim.ecs_model import EcsModel, Service
from cockpit.sim.story import Story, tell
from cockpit.sim.world import World

TICK_SECONDS = 60.0
DEFAULT_COOLDOWN = 300
SCALE_IN_BELOW = 0.9
OUT_WINDOW = timedelta(minutes=3)
IN_WINDOW = timedelta(minutes=15)
SUSPENSIONS = ("DynamicScalingInSuspended", "DynamicScalingOutSuspended", "ScheduledScalingSuspended")

MetricAverage = Callable[[str, dict[str, Any], datetime, datetime], float | None]
"""(region, customized metric specification, start, end) → the metric's statistic; None without data."""


@dataclass(frozen=True, slots=True)
class Activity:
    """One change of capacity."""

    number: int
    description: str
    cause: str
    at: datetime


@dataclass(eq=False)
class Policy:
    """One scaling policy. `params` are the members of PutScalingPolicy."""

    name: str
    created_at: datetime
    params: dict[str, Any]
    last_out: datetime | None = None
    last_in: datetime | None = None

    @property
    def tracking(self) -> dict[str, Any]:
        """Return the target tracking configuration; empty for another kind of policy."""
        return self.params.get("TargetTrackingScalingPolicyConfiguration") or {}


@dataclass(eq=False)
class Target:
    """One scalable target."""

    region: str
    namespace: str
    resource_id: str
    dimension: str
    created_at: datetime
    identity: str
    min_capacity: int = 0
    max_capacity: int = 0
    role_arn: str = ""
    suspended: dict[str, bool] = field(default_factory=lambda: dict.fromkeys(SUSPENSIONS, False))
    policies: dict[str, Policy] = field(default_factory=dict)
    activities: list[Activity] = field(default_factory=list)
    below_since: datetime | None = None
    watched: bool = False
    deregistered: bool = False

    def clip(self, count: int) -> int:
        """Return the nearest count within the target's bounds."""
        return max(self.min_capacity, min(self.max_capacity, count))


class AutoScalingModel:
    """Every scalable target of the world."""

    def __init__(self, world: World, ecs: EcsModel, metric: MetricAverage) -> None:
        self.world = world
        self._ecs = ecs
        self._metric = metric
        self.targets: dict[tuple[str, str, str, str], Target] = {}

    def service(self, target: Target) -> Service | None:
        """Return the ECS service that a target scales; None if it scales something else, or nothing that is there."""
        parts = target.resource_id.split("/")
        if target.dimension != "ecs:service:DesiredCount" or len(parts) != 3:  # noqa: PLR2004 - service/cluster/name
            return None
        service = self._ecs.find(target.region, parts[1], parts[2])
        return None if service is None or service.deleted else service

    def registered(self, target: Target) -> None:
        """Bring capacity within the bounds after a registration, as AWS does; not while that direction is suspended."""
        service = self.service(target)
        if service is None:
            return
        wanted = target.clip(service.desired_count)
        if wanted > service.desired_count:
            self._set(target, service, wanted, f"minimum capacity was set to {target.min_capacity}")
        elif wanted < service.desired_count:
            self._set(target, service, wanted, f"maximum capacity was set to {target.max_capacity}")

    def watch(self, target: Target) -> None:
        """Look at the target's policies every minute from now on."""
        if not target.watched:
            target.watched = True
            tell(self.world, self._look(target))

    def _look(self, target: Target) -> Story:
        while not target.deregistered and target.policies:
            service = self.service(target)
            if service is not None:
                self._keep_minimum(target, service)
                for policy in target.policies.values():
                    self._track(target, service, policy)
            yield TICK_SECONDS
        target.watched = False

    def _keep_minimum(self, target: Target, service: Service) -> None:
        """Scale out when the fleet has been below its minimum for a minute: the backlog's alarm invokes the policy."""
        now = self.world.now()
        if service.desired_count >= target.min_capacity:
            target.below_since = None
        elif target.below_since is None:
            target.below_since = now
        elif now - target.below_since >= timedelta(seconds=TICK_SECONDS):
            self._set(target, service, target.min_capacity, _cause(target, next(iter(target.policies)), "AlarmHigh"))

    def _track(self, target: Target, service: Service, policy: Policy) -> None:
        """Follow a target tracking policy on a customized metric."""
        specification, wanted = policy.tracking.get("CustomizedMetricSpecification"), policy.tracking.get("TargetValue")
        if not specification or not wanted:
            return
        now = self.world.now()
        high = self._metric(target.region, specification, now - OUT_WINDOW, now)
        if high is not None and high > wanted:
            if _cooled(policy.last_out, policy.tracking.get("ScaleOutCooldown"), now):
                count = max(math.ceil(service.desired_count * high / wanted), service.desired_count + 1)
                if self._set(target, service, target.clip(count), _cause(target, policy.name, "AlarmHigh")):
                    policy.last_out = now
            return
        low = self._metric(target.region, specification, now - IN_WINDOW, now)
        if low is None or low > wanted * SCALE_IN_BELOW or policy.tracking.get("DisableScaleIn"):
            return
        if _cooled(policy.last_in, policy.tracking.get("ScaleInCooldown"), now):
            count = min(math.ceil(service.desired_count * low / wanted), service.desired_count)
            if self._set(target, service, target.clip(count), _cause(target, policy.name, "AlarmLow")):
                policy.last_in = now

    def _set(self, target: Target, service: Service, count: int, cause: str) -> bool:
        """Change the desired count, unless that direction is suspended; tell whether it changed."""
        name = "DynamicScalingOutSuspended" if count > service.desired_count else "DynamicScalingInSuspended"
        if count == service.desired_count or target.suspended[name]:
            return False
        number = len(target.activities) + 1
        words = f"Setting desired count to {count}."
        target.activities.insert(0, Activity(number, words, cause, self.world.now()))
        target.below_since = None
        self._ecs.set_desired_count(service, count)
        return True


def _cause(target: Target, policy: str, alarm: str) -> str:
    return f"monitor alarm TargetTracking-{target.resource_id}-{alarm} in state ALARM triggered policy {policy}"


def _cooled(last: datetime | None, seconds: int | None, now: datetime) -> bool:
    wait = DEFAULT_COOLDOWN if seconds is None else seconds
    return last is None or now - last >= timedelta(seconds=wait)
