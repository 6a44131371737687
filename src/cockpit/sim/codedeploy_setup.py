"""The CodeDeploy operations about applications, deployment groups and configurations."""

from typing import Any

from cockpit.sim.codedeploy_config import routing_from
from cockpit.sim.codedeploy_model import Application, CodeDeployModel, Group
from cockpit.sim.codedeploy_view import application_view, group_view
from cockpit.sim.errors import AwsError
from cockpit.sim.operations import Handler, Request
from cockpit.sim.whole_service import page

PAGE = 100
MAX_ALARMS = 10
DEFAULT_CONFIGS = {"ECS": "CodeDeployDefault.ECSAllAtOnce", "Lambda": "CodeDeployDefault.LambdaAllAtOnce"}


class SetupApi:
    """The operations, each a function from request to answer."""

    def __init__(self, model: CodeDeployModel) -> None:
        self._model = model

    def handlers(self) -> dict[str, Handler]:
        """Return the operations by API name."""
        return {
            "CreateApplication": self.create_application,
            "GetApplication": self.get_application,
            "BatchGetApplications": self.batch_get_applications,
            "ListApplications": self.list_applications,
            "DeleteApplication": self.delete_application,
            "CreateDeploymentGroup": self.create_deployment_group,
            "UpdateDeploymentGroup": self.update_deployment_group,
            "GetDeploymentGroup": self.get_deployment_group,
            "BatchGetDeploymentGroups": self.batch_get_deployment_groups,
            "ListDeploymentGroups": self.list_deployment_groups,
            "DeleteDeploymentGroup": self.delete_deployment_group,
            "CreateDeploymentConfig": self.create_deployment_config,
            "GetDeploymentConfig": self.get_deployment_config,
            "ListDeploymentConfigs": self.list_deployment_configs,
        }

    def create_application(self, request: Request) -> dict[str, Any]:
        """Create an application for ECS or Lambda."""
        name, platform = request.params["applicationName"], _platform(request)
        if (request.region, name) in self._model.applications:
            raise AwsError("ApplicationAlreadyExistsException", f"Application already exists: {name}")
        application = Application(self._model.new_uuid(), name, self._model.world.now(), platform)
        self._model.applications[request.region, name] = application
        return {"applicationId": application.application_id}

    def get_application(self, request: Request) -> dict[str, Any]:
        """Describe an application."""
        application = self._model.application(request.region, request.params["applicationName"])
        return {"application": application_view(application)}

    def batch_get_applications(self, request: Request) -> dict[str, Any]:
        """Describe several applications; unknown ones are left out."""
        names = request.params["applicationNames"]
        known = [self._model.applications.get((request.region, name)) for name in names]
        return {"applicationsInfo": [application_view(each) for each in known if each]}

    def list_applications(self, request: Request) -> dict[str, Any]:
        """List the names of the applications."""
        names = sorted(name for region, name in self._model.applications if region == request.region)
        return _paged("applications", names, request)

    def delete_application(self, request: Request) -> dict[str, Any]:
        """Delete an application with its groups; none that is missing is an error."""
        self._model.applications.pop((request.region, request.params["applicationName"]), None)
        return {}

    def create_deployment_group(self, request: Request) -> dict[str, Any]:
        """Create a group that deploys to one ECS service behind a load balancer, or to Lambda aliases."""
        application = self._model.application(request.region, request.params["applicationName"])
        params = {"deploymentConfigName": DEFAULT_CONFIGS[application.platform], **request.params}
        name = params["deploymentGroupName"]
        if name in application.groups:
            message = f"Deployment group name already exists: {name}"
            raise AwsError("DeploymentGroupAlreadyExistsException", message)
        self._check(params, application.platform)
        application.groups[name] = Group(self._model.new_uuid(), name, params)
        return {"deploymentGroupId": application.groups[name].group_id}

    def update_deployment_group(self, request: Request) -> dict[str, Any]:
        """Change the members that are given."""
        params = dict(request.params)
        application = self._model.application(request.region, params["applicationName"])
        current = params.pop("currentDeploymentGroupName")
        group = self._model.group(request.region, application.name, current)
        name = params.pop("newDeploymentGroupName", current)
        if name != current and name in application.groups:
            message = f"Deployment group name already exists: {name}"
            raise AwsError("DeploymentGroupAlreadyExistsException", message)
        changed = {**group.params, **params, "deploymentGroupName": name}
        self._check(changed, application.platform)
        group.params, group.name = changed, name
        application.groups[name] = application.groups.pop(current)
        return {"hooksNotCleanedUp": []}

    def get_deployment_group(self, request: Request) -> dict[str, Any]:
        """Describe a group."""
        application = self._model.application(request.region, request.params["applicationName"])
        group = self._model.group(request.region, application.name, request.params["deploymentGroupName"])
        return {"deploymentGroupInfo": group_view(application, group)}

    def batch_get_deployment_groups(self, request: Request) -> dict[str, Any]:
        """Describe several groups of an application; unknown ones are left out."""
        application = self._model.application(request.region, request.params["applicationName"])
        names = request.params["deploymentGroupNames"]
        groups = [application.groups[name] for name in names if name in application.groups]
        return {"deploymentGroupsInfo": [group_view(application, group) for group in groups]}

    def list_deployment_groups(self, request: Request) -> dict[str, Any]:
        """List the names of an application's groups."""
        application = self._model.application(request.region, request.params["applicationName"])
        listed = _paged("deploymentGroups", sorted(application.groups), request)
        return {"applicationName": application.name, **listed}

    def delete_deployment_group(self, request: Request) -> dict[str, Any]:
        """Delete a group; its deployments stay in the history."""
        application = self._model.application(request.region, request.params["applicationName"])
        application.groups.pop(request.params["deploymentGroupName"], None)
        return {"hooksNotCleanedUp": []}

    def create_deployment_config(self, request: Request) -> dict[str, Any]:
        """Create a configuration that shifts traffic its own way."""
        name, platform = request.params["deploymentConfigName"], _platform(request)
        if name in self._model.routings:
            message = f"Deployment config name already exists: {name}"
            raise AwsError("DeploymentConfigAlreadyExistsException", message)
        self._model.routings[name] = routing_from(request.params.get("trafficRoutingConfig") or {}, platform)
        return {"deploymentConfigId": self._model.new_uuid()}

    def get_deployment_config(self, request: Request) -> dict[str, Any]:
        """Describe a configuration."""
        name = request.params["deploymentConfigName"]
        if name not in self._model.routings:
            raise AwsError("DeploymentConfigDoesNotExistException", f"No Deployment Config found for name: {name}")
        routing = self._model.routings[name]
        info = {
            "deploymentConfigName": name,
            "computePlatform": routing.platform,
            "trafficRoutingConfig": routing.to_api(),
        }
        return {"deploymentConfigInfo": info}

    def list_deployment_configs(self, request: Request) -> dict[str, Any]:
        """List the names of the configurations."""
        return _paged("deploymentConfigsList", sorted(self._model.routings), request)

    def _check(self, params: dict[str, Any], platform: str) -> None:
        name = params["deploymentConfigName"]
        if name not in self._model.routings or self._model.routings[name].platform != platform:
            message = f"No Deployment Config for {platform} found for name: {name}"
            raise AwsError("DeploymentConfigDoesNotExistException", message)
        if platform == "ECS":
            self._check_ecs(params)
        check_alarms(params.get("alarmConfiguration"))

    def _check_ecs(self, params: dict[str, Any]) -> None:
        services = params.get("ecsServices") or []
        if len(services) != 1 or not {"serviceName", "clusterName"} <= set(services[0]):
            message = "A deployment group for ECS needs exactly one service with its cluster."
            raise AwsError("InvalidECSServiceException", message)
        if not (params.get("loadBalancerInfo") or {}).get("targetGroupPairInfoList"):
            message = "A deployment group for ECS needs a load balancer with a pair of target groups."
            raise AwsError("InvalidLoadBalancerInfoException", message)
        if not params.get("blueGreenDeploymentConfiguration"):
            message = "For ECS deployment groups, the blue/green deployment configuration is required."
            raise AwsError("InvalidBlueGreenDeploymentConfigurationException", message)


def _platform(request: Request) -> str:
    platform = str(request.params.get("computePlatform", "Server"))
    if platform not in DEFAULT_CONFIGS:
        message = "Only the compute platforms ECS and Lambda are simulated."
        raise AwsError("InvalidComputePlatformException", message)
    return platform


def check_alarms(config: dict[str, Any] | None) -> None:
    """Check an alarm configuration.

    Raises:
        AwsError: it is enabled without alarms, names one twice, or has more than ten.
    """
    names = [alarm.get("name") for alarm in (config or {}).get("alarms", [])]
    if len(names) > MAX_ALARMS:
        raise AwsError("AlarmsLimitExceededException", f"At most {MAX_ALARMS} alarms can be added.")
    enabled_without = bool((config or {}).get("enabled")) and not names
    if enabled_without or not all(names) or len(set(names)) < len(names):
        raise AwsError("InvalidAlarmConfigException", "The format of the alarm configuration is invalid.")


def _paged(member: str, items: list[str], request: Request) -> dict[str, Any]:
    shown, token = page(items, request.params.get("nextToken"), PAGE)
    return {member: shown, **({"nextToken": token} if token else {})}
