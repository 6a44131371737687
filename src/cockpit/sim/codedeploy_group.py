"""What a deployment group's configuration says about a blue/green deployment, and how its task sets look."""

from typing import Any

from cockpit.sim.codedeploy_model import Deployment, Group
from cockpit.sim.ecs_model import Service


def ready_option(group: Group) -> dict[str, Any]:
    """Return what happens when the new tasks are ready: `actionOnTimeout` and `waitTimeInMinutes`."""
    return dict(_blue_green(group).get("deploymentReadyOption") or {})


def termination_minutes(group: Group) -> int:
    """Return how long the old task set is kept after all traffic has moved."""
    option = _blue_green(group).get("terminateBlueInstancesOnDeploymentSuccess") or {}
    return int(option.get("terminationWaitTimeInMinutes", 0))


def event_names(group: Group) -> list[str]:
    """Return the lifecycle events of a deployment; the test ones only with a test listener."""
    test = ["AllowTestTraffic", "AfterAllowTestTraffic"] if _pair(group).get("testTrafficRoute") else []
    return [
        "BeforeInstall",
        "Install",
        "AfterInstall",
        *test,
        "BeforeAllowTraffic",
        "AllowTraffic",
        "AfterAllowTraffic",
    ]


def other_target_group(group: Group, used: str) -> str:
    """Return the target group of the pair that the old task set does not use."""
    names = [str(each.get("name", "")) for each in _pair(group).get("targetGroups") or []]
    return next((name for name in names if name != used), "")


def place(group: Group) -> tuple[str, str]:
    """Return the names of the cluster and the service that the group deploys to."""
    first = group.params["ecsServices"][0]
    return first["clusterName"], first["serviceName"]


def look(service: Service, deployment: Deployment) -> None:
    """Note in a deployment how its task sets are now."""
    present = {each.task_set_id: each for each in service.task_sets}
    for seen in deployment.task_sets:
        task_set = present.get(seen.task_set_id)
        if task_set is None:
            seen.status, seen.weight, seen.desired, seen.running, seen.pending = "DRAINING", 0.0, 0, 0, 0
        else:
            seen.status, seen.weight, seen.desired = task_set.status, task_set.weight, service.wanted(task_set)
            seen.running, seen.pending = task_set.running, task_set.pending


def _blue_green(group: Group) -> dict[str, Any]:
    return group.params.get("blueGreenDeploymentConfiguration") or {}


def _pair(group: Group) -> dict[str, Any]:
    pairs = (group.params.get("loadBalancerInfo") or {}).get("targetGroupPairInfoList") or [{}]
    return dict(pairs[0])
