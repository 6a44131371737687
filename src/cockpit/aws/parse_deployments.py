"""CodeDeploy answers to deployments and their targets."""

from __future__ import annotations  # JsonValue is for checkers only: `cockpit status` must not pay for pydantic

import contextlib
import json
import re
from typing import TYPE_CHECKING

from cockpit.aws.parse import integer, moment, number, structure, structures, text
from cockpit.model.deployment import (
    Deployment,
    DeploymentState,
    DeploymentTarget,
    LifecycleEvent,
    TaskSetTraffic,
)

if TYPE_CHECKING:
    from pydantic import JsonValue

TARGET_KINDS = ("ecsTarget", "lambdaTarget", "instanceTarget", "cloudFormationTarget")
_TASK_DEFINITION = re.compile(r"""["']?TaskDefinition["']?\s*:\s*["']?([^\s"',}]+)""")
_COMMIT_SHOWN = 12


def parse_deployment(info: dict[str, JsonValue], region: str) -> Deployment:
    """Return a deployment from a ``deploymentInfo`` (GetDeployment, BatchGetDeployments), without its targets."""
    rollback, error = structure(info, "rollbackInfo"), structure(info, "errorInformation")
    raw_state = text(info, "status")
    return Deployment(
        deployment_id=text(info, "deploymentId"),
        region=region,
        application=text(info, "applicationName"),
        group=text(info, "deploymentGroupName"),
        state=_state(raw_state),
        raw_state=raw_state,
        created_at=moment(info, "createTime"),
        started_at=moment(info, "startTime"),
        completed_at=moment(info, "completeTime"),
        creator=text(info, "creator"),
        description=text(info, "description"),
        error_code=text(error, "code"),
        error_message=text(error, "message"),
        rolled_back_by=text(rollback, "rollbackDeploymentId"),
        rollback_of=text(rollback, "rollbackTriggeringDeploymentId"),
        rollback_message=text(rollback, "rollbackMessage"),
        revision=revision_words(structure(info, "revision")),
    )


def parse_targets(body: dict[str, JsonValue]) -> tuple[DeploymentTarget, ...]:
    """Return the targets of a BatchGetDeploymentTargets answer; kinds this version does not know are left out."""
    found = []
    for item in structures(body, "deploymentTargets"):
        kind = next((kind for kind in TARGET_KINDS if isinstance(item.get(kind), dict)), None)
        if kind is not None:
            found.append(_target(structure(item, kind)))
    return tuple(found)


def revision_words(revision: dict[str, JsonValue]) -> str:
    """Return short words for what a revision deploys: the task definition, the S3 key, the commit."""
    s3, github = structure(revision, "s3Location"), structure(revision, "gitHubLocation")
    if s3:
        version = text(s3, "version")
        return f"s3://{text(s3, 'bucket')}/{text(s3, 'key')}" + (f" ({version})" if version else "")
    if github:
        return f"{text(github, 'repository')}@{text(github, 'commitId')[:_COMMIT_SHOWN]}"
    for kind in ("appSpecContent", "string"):
        spec = structure(revision, kind)
        content, digest = spec.get("content"), text(spec, "sha256")
        named = _task_definition(content) if isinstance(content, str) else ""
        if named or digest:
            return named or f"AppSpec {digest[:_COMMIT_SHOWN]}"
    return text(revision, "revisionType")


def _task_definition(app_spec: str) -> str:
    """Find the task definition in an AppSpec, JSON or YAML; its family and revision if it is an ARN."""
    with contextlib.suppress(ValueError):  # YAML: the same pattern finds it
        app_spec = json.dumps(json.loads(app_spec))
    found = _TASK_DEFINITION.search(app_spec)
    return text({"name": found.group(1).rpartition("/")[2]}, "name") if found else ""


def _state(raw: str) -> DeploymentState:
    known = (state for state in DeploymentState if state.value == raw)
    return next(known, DeploymentState.UNKNOWN)


def _target(target: dict[str, JsonValue]) -> DeploymentTarget:
    return DeploymentTarget(
        target_id=text(target, "targetId"),
        status=text(target, "status"),
        events=tuple(
            LifecycleEvent(
                name=text(event, "lifecycleEventName"),
                status=text(event, "status"),
                started_at=moment(event, "startTime"),
                ended_at=moment(event, "endTime"),
            )
            for event in structures(target, "lifecycleEvents")
        ),
        task_sets=tuple(
            TaskSetTraffic(
                label=text(task_set, "taskSetLabel").upper(),
                status=text(task_set, "status"),
                traffic_percent=number(task_set, "trafficWeight"),
                running=integer(task_set, "runningCount"),
                desired=integer(task_set, "desiredCount"),
                task_set_id=text(task_set, "identifer"),  # spelt so in CodeDeploy's own model
            )
            for task_set in structures(target, "taskSetsInfo")
        ),
    )
