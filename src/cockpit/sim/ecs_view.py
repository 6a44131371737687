"""ECS services, task sets and tasks as botocore's output shapes want them."""

from datetime import datetime
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from cockpit.sim.ecs_model import EcsModel, Service, Task, TaskSet
from cockpit.sim.whole_service import given

_KEPT = (
    "loadBalancers",
    "serviceRegistries",
    "networkConfiguration",
    "healthCheckGracePeriodSeconds",
    "placementConstraints",
    "placementStrategy",
    "tags",
)
_DEPLOYMENT_CONFIGURATION = {"maximumPercent": 200, "minimumHealthyPercent": 100}


def cluster_arn(model: EcsModel, service: Service) -> str:
    """Return the ARN of the service's cluster."""
    return model.arn(service, "cluster")


def service_arn(model: EcsModel, service: Service) -> str:
    """Return the service's ARN."""
    return model.arn(service, "service", f"/{service.name}")


def service_view(model: EcsModel, service: Service, *, tags: bool = False) -> dict[str, Any]:
    """Return a service as DescribeServices shows it."""
    settings = service.settings
    shown: dict[str, Any] = {
        "serviceArn": service_arn(model, service),
        "serviceName": service.name,
        "clusterArn": cluster_arn(model, service),
        "status": "INACTIVE" if service.deleted else "ACTIVE",
        "desiredCount": service.desired_count,
        "runningCount": sum(each.running for each in service.task_sets),
        "pendingCount": sum(each.pending for each in service.task_sets),
        "launchType": settings.get("launchType", "FARGATE"),
        "platformVersion": settings.get("platformVersion", "1.4.0"),
        "platformFamily": "Linux",
        "taskDefinition": service.primary.task_definition,
        "deploymentConfiguration": settings.get("deploymentConfiguration", _DEPLOYMENT_CONFIGURATION),
        "deploymentController": {"type": service.controller},
        "schedulingStrategy": "REPLICA",
        "createdAt": service.created_at,
        "enableECSManagedTags": settings.get("enableECSManagedTags", False),
        "enableExecuteCommand": settings.get("enableExecuteCommand", False),
        "propagateTags": settings.get("propagateTags", "NONE"),
        "events": [_event(service, at, text) for at, text in service.events],
        **{name: settings[name] for name in _KEPT if name in settings and (name != "tags" or tags)},
    }
    if service.controller == "ECS":
        shown["deployments"] = [_deployment_view(service, each) for each in service.task_sets]
    else:
        shown["taskSets"] = [task_set_view(model, service, each) for each in service.task_sets]
    return shown


def _event(service: Service, at: datetime, text: str) -> dict[str, Any]:
    identity = uuid5(NAMESPACE_OID, f"{service.cluster}/{service.name}/{at.isoformat()}/{text}")
    return {"id": str(identity), "createdAt": at, "message": text}


def task_set_view(model: EcsModel, service: Service, task_set: TaskSet) -> dict[str, Any]:
    """Return a task set of a service under CodeDeploy as DescribeServices shows it."""
    return {
        "id": task_set.task_set_id,
        "taskSetArn": model.arn(service, "task-set", f"/{service.name}/{task_set.task_set_id}"),
        "serviceArn": service_arn(model, service),
        "clusterArn": cluster_arn(model, service),
        "startedBy": "CODE_DEPLOY",
        "status": task_set.status,
        "taskDefinition": task_set.task_definition,
        "computedDesiredCount": service.wanted(task_set),
        "pendingCount": task_set.pending,
        "runningCount": task_set.running,
        "createdAt": task_set.created_at,
        "updatedAt": task_set.updated_at,
        "launchType": service.settings.get("launchType", "FARGATE"),
        "scale": {"value": task_set.scale, "unit": "PERCENT"},
        "stabilityStatus": "STEADY_STATE" if service.is_steady(task_set) else "STABILIZING",
        "stabilityStatusAt": model.world.now(),
        **given({"externalId": task_set.external_id or None}),
    }


def _deployment_view(service: Service, task_set: TaskSet) -> dict[str, Any]:
    status = "ACTIVE" if task_set.status == "DRAINING" else task_set.status
    return {
        "id": task_set.task_set_id,
        "status": status,
        "taskDefinition": task_set.task_definition,
        "desiredCount": service.wanted(task_set),
        "pendingCount": task_set.pending,
        "runningCount": task_set.running,
        "failedTasks": 0,
        "createdAt": task_set.created_at,
        "updatedAt": task_set.updated_at,
        "launchType": service.settings.get("launchType", "FARGATE"),
        "rolloutState": "COMPLETED" if service.is_steady(task_set) else "IN_PROGRESS",
        "rolloutStateReason": f"ECS deployment {task_set.task_set_id}.",
    }


def task_view(model: EcsModel, service: Service, task: Task) -> dict[str, Any]:
    """Return a task as DescribeTasks shows it."""
    return {
        "taskArn": task.arn,
        "clusterArn": cluster_arn(model, service),
        "taskDefinitionArn": task.task_definition,
        "lastStatus": task.last_status,
        "desiredStatus": task.desired_status,
        "createdAt": task.created_at,
        "group": f"service:{service.name}",
        "launchType": service.settings.get("launchType", "FARGATE"),
        "startedBy": task.task_set_id,
        "healthStatus": "UNKNOWN",
        "connectivity": "CONNECTED",
        "version": 2 + bool(task.started_at) + bool(task.stopping_at) + bool(task.stopped_at),
        "containers": [],
        "attachments": [],
        **given(
            {
                "startedAt": task.started_at,
                "connectivityAt": task.started_at,
                "stoppingAt": task.stopping_at,
                "stoppedAt": task.stopped_at,
                "executionStoppedAt": task.stopped_at,
                "stoppedReason": task.stopped_reason or None,
                "stopCode": "ServiceSchedulerInitiated" if task.stopping_at else None,
            }
        ),
    }
