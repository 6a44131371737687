"""CodeDeploy's things as botocore's output shapes want them."""

from typing import Any

from cockpit.sim.codedeploy_group import place
from cockpit.sim.codedeploy_model import AliasShift, Application, Deployment, Group, Revision
from cockpit.sim.whole_service import given, only

_OVERVIEW = ("Pending", "InProgress", "Succeeded", "Failed", "Skipped", "Ready")
_STYLE = {"deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"}


def revision_view(revision: Revision, *, content: bool = False) -> dict[str, Any]:
    """Return a revision's location; its content only where the API gives it (GetApplicationRevision)."""
    part = {"sha256": revision.sha256, **({"content": revision.content} if content else {})}
    return {"revisionType": "AppSpecContent", "appSpecContent": part}


def application_view(application: Application) -> dict[str, Any]:
    """Return an application as GetApplication shows it."""
    return {
        "applicationId": application.application_id,
        "applicationName": application.name,
        "createTime": application.created_at,
        "linkedToGitHub": False,
        "computePlatform": application.platform,
    }


def group_view(application: Application, group: Group) -> dict[str, Any]:
    """Return a group as GetDeploymentGroup shows it."""
    last = group.last_successful
    attempted = group.deployments[-1] if group.deployments else None
    return {
        "applicationName": application.name,
        "deploymentGroupId": group.group_id,
        "deploymentGroupName": group.name,
        "computePlatform": application.platform,
        "deploymentStyle": group.params.get("deploymentStyle") or _STYLE,
        **only(
            group.params,
            "deploymentConfigName",
            "serviceRoleArn",
            "alarmConfiguration",
            "autoRollbackConfiguration",
            "blueGreenDeploymentConfiguration",
            "loadBalancerInfo",
            "ecsServices",
            "triggerConfigurations",
        ),
        **given(
            {
                "targetRevision": revision_view(last.revision) if last and last.revision else None,
                "lastSuccessfulDeployment": _last(last) if last else None,
                "lastAttemptedDeployment": _last(attempted) if attempted else None,
            }
        ),
    }


def _last(deployment: Deployment) -> dict[str, Any]:
    members = {"deploymentId": deployment.deployment_id, "status": deployment.status}
    return {**members, **given({"endTime": deployment.completed_at, "createTime": deployment.created_at})}


def deployment_view(deployment: Deployment) -> dict[str, Any]:
    """Return a deployment as GetDeployment shows it."""
    group = deployment.group
    return {
        "applicationName": deployment.application,
        "deploymentGroupName": group.name,
        "deploymentConfigName": deployment.routing_name,
        "deploymentId": deployment.deployment_id,
        "status": deployment.status,
        "createTime": deployment.created_at,
        "creator": deployment.creator,
        "computePlatform": "Lambda" if is_lambda(deployment) else "ECS",
        "deploymentStyle": group.params.get("deploymentStyle") or _STYLE,
        "deploymentOverview": {name: int(name == deployment.target_status) for name in _OVERVIEW},
        "ignoreApplicationStopFailures": False,
        "updateOutdatedInstancesOnly": False,
        "fileExistsBehavior": "DISALLOW",
        "instanceTerminationWaitTimeStarted": deployment.waits_for_termination,
        "deploymentStatusMessages": [],
        **only(group.params, "autoRollbackConfiguration", "blueGreenDeploymentConfiguration", "loadBalancerInfo"),
        **only(deployment.params, "description", "autoRollbackConfiguration", "overrideAlarmConfiguration"),
        **given(
            {
                "revision": revision_view(deployment.revision) if deployment.revision else None,
                "previousRevision": revision_view(deployment.previous) if deployment.previous else None,
                "startTime": deployment.started_at,
                "completeTime": deployment.completed_at,
                "errorInformation": _error(deployment),
                "rollbackInfo": _rollback(deployment),
            }
        ),
    }


def _error(deployment: Deployment) -> dict[str, str] | None:
    return dict(zip(("code", "message"), deployment.error, strict=True)) if deployment.error else None


def _rollback(deployment: Deployment) -> dict[str, str] | None:
    info = given(
        {
            "rollbackDeploymentId": deployment.rolled_back_by or None,
            "rollbackTriggeringDeploymentId": deployment.rollback_of or None,
            "rollbackMessage": deployment.rollback_message or None,
        }
    )
    return info or None


def is_lambda(deployment: Deployment) -> bool:
    """Tell whether a deployment moves a Lambda alias."""
    return "ecsServices" not in deployment.group.params


def target_id(deployment: Deployment) -> str:
    """Return the id of the only target: the ECS service, or the Lambda function."""
    if is_lambda(deployment):
        return _shift(deployment).function
    return ":".join(place(deployment.group))


def target_view(deployment: Deployment, account: str) -> dict[str, Any]:
    """Return the target as BatchGetDeploymentTargets shows it."""
    times = [moment for event in deployment.events for moment in (event.started_at, event.ended_at) if moment]
    target = {
        "deploymentId": deployment.deployment_id,
        "targetId": target_id(deployment),
        "lastUpdatedAt": max(times, default=deployment.started_at or deployment.created_at),
        "status": deployment.target_status,
        "lifecycleEvents": [
            {
                "lifecycleEventName": event.name,
                "status": event.status,
                **given({"startTime": event.started_at, "endTime": event.ended_at}),
            }
            for event in deployment.events
        ],
    }
    if is_lambda(deployment):
        return {"deploymentTargetType": "LambdaTarget", "lambdaTarget": {**target, **_lambda_part(deployment, account)}}
    return {"deploymentTargetType": "ECSTarget", "ecsTarget": {**target, **_ecs_part(deployment, account)}}


def _shift(deployment: Deployment) -> AliasShift:
    shift = deployment.shift or (deployment.revision and deployment.revision.shift)
    return shift or AliasShift("", "", "", "")


def _lambda_part(deployment: Deployment, account: str) -> dict[str, Any]:
    shift = _shift(deployment)
    return {
        "targetArn": f"arn:aws:lambda:{deployment.region}:{account}:function:{shift.function}",
        "lambdaFunctionInfo": {
            "functionName": shift.function,
            "functionAlias": shift.alias,
            "currentVersion": shift.current,
            "targetVersion": shift.target,
            "targetVersionWeight": deployment.shifted_percent,
        },
    }


def _ecs_part(deployment: Deployment, account: str) -> dict[str, Any]:
    cluster, service = place(deployment.group)
    return {
        "targetArn": f"arn:aws:ecs:{deployment.region}:{account}:service/{cluster}/{service}",
        "taskSetsInfo": [
            {
                "identifer": seen.task_set_id,  # spelt so in the API
                "desiredCount": seen.desired,
                "pendingCount": seen.pending,
                "runningCount": seen.running,
                "status": seen.status,
                "trafficWeight": seen.weight,
                "taskSetLabel": seen.label,
                **({"targetGroup": {"name": seen.target_group}} if seen.target_group else {}),
            }
            for seen in deployment.task_sets
        ],
    }
