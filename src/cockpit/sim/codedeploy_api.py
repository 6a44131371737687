"""The CodeDeploy operations about deployments, and the service's installation. Set-up operations are apart."""

from collections.abc import Mapping
from typing import Any

from moto.core.exceptions import ServiceException
from moto.ecs.models import ecs_backends

from cockpit.sim.codedeploy_ecs import EcsRunner
from cockpit.sim.codedeploy_lambda import LambdaRunner
from cockpit.sim.codedeploy_model import CodeDeployModel, Deployment, read_revision
from cockpit.sim.codedeploy_run import Runner
from cockpit.sim.codedeploy_setup import SetupApi, check_alarms
from cockpit.sim.codedeploy_view import deployment_view, revision_view, target_id, target_view
from cockpit.sim.ecs_model import EcsModel
from cockpit.sim.errors import AwsError
from cockpit.sim.lambda_model import LambdaModel
from cockpit.sim.operations import Handler, Request
from cockpit.sim.simulation import Simulation
from cockpit.sim.whole_service import as_utc, page, response_class, serve_at

PAGE = 100
BATCH = 25


def install(simulation: Simulation) -> None:
    """Put a CodeDeploy for ECS and Lambda that lives in time in place of moto's."""
    model = CodeDeployModel(simulation.world)
    simulation.parts[CodeDeployModel] = model

    def alarm_state(name: str, region: str) -> str | None:
        return simulation.alarms.state(name, region)

    def exists(region: str, task_definition: str) -> bool:
        try:
            found = ecs_backends[simulation.account][region].describe_task_definition(task_definition)
        except ServiceException:
            return False
        return bool(found.status == "ACTIVE")

    runners = {
        "ECS": EcsRunner(model, simulation.parts[EcsModel], alarm_state, exists),
        "Lambda": LambdaRunner(model, simulation.parts[LambdaModel], alarm_state),
    }
    handlers = {**SetupApi(model).handlers(), **CodeDeployApi(model, runners).handlers()}
    serve_at("codedeploy", {"/$": response_class("codedeploy", handlers)})


class CodeDeployApi:
    """The operations, each a function from request to answer."""

    def __init__(self, model: CodeDeployModel, runners: Mapping[str, Runner]) -> None:
        """Prepare the operations; `runners` are by compute platform."""
        self._model = model
        self._runners = runners

    def handlers(self) -> dict[str, Handler]:
        """Return the operations by API name."""
        return {
            "CreateDeployment": self.create_deployment,
            "StopDeployment": self.stop_deployment,
            "ContinueDeployment": self.continue_deployment,
            "GetDeployment": self.get_deployment,
            "BatchGetDeployments": self.batch_get_deployments,
            "ListDeployments": self.list_deployments,
            "ListDeploymentTargets": self.list_deployment_targets,
            "GetDeploymentTarget": self.get_deployment_target,
            "BatchGetDeploymentTargets": self.batch_get_deployment_targets,
            "RegisterApplicationRevision": self.register_application_revision,
            "GetApplicationRevision": self.get_application_revision,
            "ListApplicationRevisions": self.list_application_revisions,
        }

    def create_deployment(self, request: Request) -> dict[str, Any]:
        """Start a deployment, unless one is going on in the group."""
        params, region = request.params, request.region
        application = self._model.application(region, params["applicationName"])
        if "deploymentGroupName" not in params:
            raise AwsError("DeploymentGroupNameRequiredException", "Deployment Group name is missing")
        group = self._model.group(region, application.name, params["deploymentGroupName"])
        if group.running:
            message = (
                f"The Deployment Group '{group.name}' already has an active Deployment '{group.running.deployment_id}'"
            )
            raise AwsError("DeploymentLimitExceededException", message)
        check_alarms(params.get("overrideAlarmConfiguration"))
        routing = params.get("deploymentConfigName") or group.params["deploymentConfigName"]
        if routing not in self._model.routings:
            raise AwsError("DeploymentConfigDoesNotExistException", f"No Deployment Config found for name: {routing}")
        last = group.last_successful
        now = self._model.world.now()
        if "revision" not in params:
            raise AwsError("RevisionRequiredException", "The revision is missing")
        revision = read_revision(params["revision"], application)
        deployment = Deployment(
            self._model.new_id(),
            region,
            application.name,
            group,
            routing,
            {name: value for name, value in params.items() if name != "revision"},
            revision,
            last.revision if last else None,
            now,
        )
        application.revisions.setdefault(revision.sha256, (revision, now))
        group.deployments.append(deployment)
        self._model.deployments[deployment.deployment_id] = deployment
        self._runners[application.platform].start(deployment)
        return {"deploymentId": deployment.deployment_id}

    def stop_deployment(self, request: Request) -> dict[str, Any]:
        """Ask a running deployment to stop; it does within seconds, and is rolled back by another if asked for."""
        deployment = self._model.deployment(request.region, request.params["deploymentId"])
        if not deployment.is_running:
            message = f"The deployment {deployment.deployment_id} is already completed"
            raise AwsError("DeploymentAlreadyCompletedException", message)
        if deployment.creator != "user":
            message = "A rollback that CodeDeploy made itself is not stopped."
            raise AwsError("UnsupportedActionForDeploymentTypeException", message)
        deployment.stop_asked = True
        deployment.roll_back_asked = bool(request.params.get("autoRollbackEnabled"))
        return {"status": "Pending", "statusMessage": "The stop request was received; the deployment is being stopped."}

    def continue_deployment(self, request: Request) -> dict[str, Any]:
        """End a wait: READY_WAIT lets the traffic move, TERMINATION_WAIT ends the old task set now."""
        deployment = self._model.deployment(request.region, request.params["deploymentId"])
        wait = request.params.get("deploymentWaitType", "READY_WAIT")
        if not deployment.is_running:
            message = f"The deployment {deployment.deployment_id} is already completed"
            raise AwsError("DeploymentAlreadyCompletedException", message)
        fits = deployment.waits_for_termination if wait == "TERMINATION_WAIT" else deployment.status == "Ready"
        if not fits:
            message = "The deployment does not have a status of Ready and can't continue yet."
            raise AwsError("DeploymentIsNotInReadyStateException", message)
        deployment.go_on_asked.add(wait)
        return {}

    def get_deployment(self, request: Request) -> dict[str, Any]:
        """Describe one deployment."""
        deployment = self._model.deployment(request.region, request.params["deploymentId"])
        return {"deploymentInfo": deployment_view(deployment)}

    def batch_get_deployments(self, request: Request) -> dict[str, Any]:
        """Describe up to 25 deployments; unknown ids are left out."""
        ids = _batch(request.params["deploymentIds"], "deployment IDs")
        found = [self._model.deployments[each] for each in ids if each in self._model.deployments]
        return {"deploymentsInfo": [deployment_view(each) for each in found if each.region == request.region]}

    def list_deployments(self, request: Request) -> dict[str, Any]:
        """List deployment ids, newest first, by group, status and time of creation."""
        params = request.params
        if ("applicationName" in params) != ("deploymentGroupName" in params):
            missing = "DeploymentGroupName" if "applicationName" in params else "ApplicationName"
            raise AwsError(f"{missing}RequiredException", f"{missing} is missing")
        found = [each for each in self._model.deployments.values() if each.region == request.region]
        if "applicationName" in params:
            found = self._model.group(
                request.region, params["applicationName"], params["deploymentGroupName"]
            ).deployments
        statuses = params.get("includeOnlyStatuses")
        between = params.get("createTimeRange") or {}
        start, end = as_utc(between.get("start")), as_utc(between.get("end"))
        if start and end and start > end:
            raise AwsError("InvalidTimeRangeException", "The start time must be earlier than the end time.")
        ids = [
            each.deployment_id
            for each in reversed(found)  # they are kept in the order of their creation
            if (not statuses or each.status in statuses)
            and (start is None or each.created_at >= start)
            and (end is None or each.created_at <= end)
        ]
        return _paged("deployments", ids, request)

    def list_deployment_targets(self, request: Request) -> dict[str, Any]:
        """List the only target of a deployment, the ECS service or the Lambda function."""
        deployment = self._started(request)
        wanted = request.params.get("targetFilters", {}).get("TargetStatus")
        ids = [target_id(deployment)] if not wanted or deployment.target_status in wanted else []
        return _paged("targetIds", ids, request)

    def get_deployment_target(self, request: Request) -> dict[str, Any]:
        """Describe a deployment's target."""
        deployment = self._started(request)
        _check_target(deployment, request.params["targetId"])
        return {"deploymentTarget": target_view(deployment, request.account)}

    def batch_get_deployment_targets(self, request: Request) -> dict[str, Any]:
        """Describe a deployment's targets."""
        deployment = self._started(request)
        ids = _batch(request.params["targetIds"], "target IDs")
        for each in ids:
            _check_target(deployment, each)
        return {"deploymentTargets": [target_view(deployment, request.account) for _ in ids]}

    def register_application_revision(self, request: Request) -> dict[str, Any]:
        """Make a revision known."""
        application = self._model.application(request.region, request.params["applicationName"])
        revision = read_revision(request.params["revision"], application)
        application.revisions.setdefault(revision.sha256, (revision, self._model.world.now()))
        return {}

    def get_application_revision(self, request: Request) -> dict[str, Any]:
        """Give the AppSpec content of a revision that is known by its hash."""
        application = self._model.application(request.region, request.params["applicationName"])
        revision = read_revision(request.params["revision"], application)
        if revision.sha256 not in application.revisions:
            raise AwsError("RevisionDoesNotExistException", "The revision is not registered with the application.")
        uses = [
            deployment
            for group in application.groups.values()
            for deployment in group.deployments
            if deployment.revision and deployment.revision.sha256 == revision.sha256
        ]
        times = [each.started_at or each.created_at for each in uses]
        groups = [
            name
            for name, group in application.groups.items()
            if group.last_successful and group.last_successful.revision == revision
        ]
        used = {"firstUsedTime": min(times), "lastUsedTime": max(times)} if times else {}
        registered = application.revisions[revision.sha256][1]
        return {
            "applicationName": application.name,
            "revision": revision_view(revision, content=True),
            "revisionInfo": {"deploymentGroups": groups, "registerTime": registered, **used},
        }

    def list_application_revisions(self, request: Request) -> dict[str, Any]:
        """List the known revisions by time of registration."""
        application = self._model.application(request.region, request.params["applicationName"])
        newest_first = request.params.get("sortOrder") == "descending"
        known = sorted(application.revisions.values(), key=lambda each: each[1], reverse=newest_first)
        shown = [revision_view(revision) for revision, _ in known]
        return _paged("revisions", shown, request)

    def _started(self, request: Request) -> Deployment:
        deployment = self._model.deployment(request.region, request.params["deploymentId"])
        if deployment.started_at is None:
            message = f"The deployment {deployment.deployment_id} has not started yet."
            raise AwsError("DeploymentNotStartedException", message)
        application = self._model.application(deployment.region, deployment.application)
        self._runners[application.platform].refresh(deployment)
        return deployment


def _check_target(deployment: Deployment, wanted: str) -> None:
    if wanted != target_id(deployment):
        message = f"The deployment {deployment.deployment_id} has no target {wanted}."
        raise AwsError("DeploymentTargetDoesNotExistException", message)


def _batch(ids: list[str], what: str) -> list[str]:
    if len(ids) > BATCH:
        raise AwsError("BatchLimitExceededException", f"At most {BATCH} {what} can be specified.")
    return ids


def _paged(member: str, items: list[Any], request: Request) -> dict[str, Any]:
    shown, token = page(items, request.params.get("nextToken"), PAGE)
    return {member: shown, **({"nextToken": token} if token else {})}
