"""The AppConfig operations about versions and deployments, and the service's installation. Set-up is apart."""

import hashlib
from typing import Any

from cockpit.sim.appconfig_model import AppConfigModel, Application, Deployment, Environment, Version, missing
from cockpit.sim.appconfig_run import Runner
from cockpit.sim.appconfig_session import SessionApi
from cockpit.sim.appconfig_setup import SetupApi, paged
from cockpit.sim.appconfig_view import deployment_summary, deployment_view, version_view
from cockpit.sim.errors import AwsError
from cockpit.sim.operations import Handler, Request
from cockpit.sim.simulation import Simulation
from cockpit.sim.whole_service import response_class, serve_at

SESSION_PATHS = ("/configurationsessions$", "/configuration$")


def install(simulation: Simulation) -> None:
    """Put an AppConfig that lives in time, with its data plane, in place of moto's; offer what is live to the rest."""
    model = AppConfigModel(simulation.world)
    simulation.parts[AppConfigModel] = model

    def alarm_state(name: str, region: str) -> str | None:
        return simulation.alarms.state(name, region)

    def current_configuration(application: str, environment: str, profile: str, target: str = "") -> bytes | None:
        """Return what a target gets. Without a target: the old content until all targets have the new one."""
        try:
            found = model.application(simulation.region, application)
            version = found.environment(environment).served(found.profile(profile), share_of(target))
        except AwsError:
            return None
        return version.content if version else None

    simulation.current_configuration = current_configuration
    handlers = {**SetupApi(model).handlers(), **AppConfigApi(model, Runner(model, alarm_state)).handlers()}
    control = response_class("appconfig", handlers)
    data = response_class("appconfigdata", SessionApi(model, share_of).handlers())
    paths = dict.fromkeys(SESSION_PATHS, data)
    serve_at("appconfig", {**paths, "/applications(?P<rest>.*)$": control, "/deployment(?P<rest>.*)$": control})


def share_of(target: str) -> float:
    """Return a target's place among all targets, 0 to below 100 percent; no target comes last."""
    if not target:
        return 99.99
    return int(hashlib.sha256(target.encode()).hexdigest(), 16) % 10_000 / 100


class AppConfigApi:
    """The operations, each a function from request to answer."""

    def __init__(self, model: AppConfigModel, runner: Runner) -> None:
        self._model = model
        self._runner = runner

    def handlers(self) -> dict[str, Handler]:
        """Return the operations by API name."""
        return {
            "CreateHostedConfigurationVersion": self.create_version,
            "GetHostedConfigurationVersion": self.get_version,
            "ListHostedConfigurationVersions": self.list_versions,
            "DeleteHostedConfigurationVersion": self.delete_version,
            "StartDeployment": self.start_deployment,
            "StopDeployment": self.stop_deployment,
            "GetDeployment": self.get_deployment,
            "ListDeployments": self.list_deployments,
        }

    def create_version(self, request: Request) -> dict[str, Any]:
        """Store a new version, unless another came in between (LatestVersionNumber)."""
        params = request.params
        application = self._application(request)
        profile = application.profile(params["ConfigurationProfileId"])
        latest = max(profile.versions, default=0)
        expected = params.get("LatestVersionNumber")
        if expected is not None and expected != latest:
            message = f"The latest version number is {latest}, not {expected}: the configuration has changed meanwhile."
            raise AwsError("ConflictException", message)
        label = params.get("VersionLabel", "")
        if label and profile.version(label):
            raise AwsError("ConflictException", f"The version label {label} is in use.")
        content = params.get("Content", b"")
        version = Version(
            latest + 1,
            content.encode() if isinstance(content, str) else bytes(content),
            params["ContentType"],
            params.get("Description", ""),
            label,
        )
        profile.versions[version.number] = version
        return version_view(application, profile, version, content=True)

    def get_version(self, request: Request) -> dict[str, Any]:
        """Give a version with its content."""
        application = self._application(request)
        profile = application.profile(request.params["ConfigurationProfileId"])
        version = profile.versions.get(int(request.params["VersionNumber"]))
        if version is None:
            raise missing("configuration version", request.params["VersionNumber"])
        return version_view(application, profile, version, content=True)

    def list_versions(self, request: Request) -> dict[str, Any]:
        """List versions, newest first, without their contents."""
        application = self._application(request)
        profile = application.profile(request.params["ConfigurationProfileId"])
        label = request.params.get("VersionLabel", "").removesuffix("*")
        newest_first = sorted(profile.versions.values(), key=lambda each: each.number, reverse=True)
        shown = [
            version_view(application, profile, each, content=False)
            for each in newest_first
            if each.label.startswith(label)
        ]
        return paged(shown, request)

    def delete_version(self, request: Request) -> dict[str, Any]:
        """Delete a version."""
        profile = self._application(request).profile(request.params["ConfigurationProfileId"])
        if profile.versions.pop(int(request.params["VersionNumber"]), None) is None:
            raise missing("configuration version", request.params["VersionNumber"])
        return {}

    def start_deployment(self, request: Request) -> dict[str, Any]:
        """Start a deployment, unless one is going on in the environment."""
        params = request.params
        application = self._application(request)
        environment = application.environment(params["EnvironmentId"])
        profile = application.profile(params["ConfigurationProfileId"])
        strategy = self._model.strategy(request.region, params["DeploymentStrategyId"])
        version = profile.version(params["ConfigurationVersion"])
        if version is None:
            raise missing("configuration version", params["ConfigurationVersion"])
        if environment.running:
            message = f"Deployment {environment.running.number} is in progress in the environment {environment.name}."
            raise AwsError("ConflictException", message)
        latest = len(environment.deployments)
        expected = params.get("LatestDeploymentNumber")
        if expected is not None and expected != latest:
            message = f"The latest deployment number is {latest}, not {expected}."
            raise AwsError("ConflictException", message)
        deployment = Deployment(
            latest + 1,
            profile,
            version,
            environment.live.get(profile.profile_id),
            strategy,
            self._model.world.now(),
            params.get("Description", ""),
        )
        environment.deployments.append(deployment)
        self._runner.start(environment, deployment)
        return deployment_view(application, environment, deployment)

    def stop_deployment(self, request: Request) -> dict[str, Any]:
        """Roll a running deployment back, or revert a completed one."""
        application, environment, deployment = self._deployment(request)
        allowed = request.params.get("AllowRevert") in (True, "true")
        self._runner.stop(environment, deployment, allow_revert=allowed)
        return deployment_view(application, environment, deployment)

    def get_deployment(self, request: Request) -> dict[str, Any]:
        """Describe a deployment."""
        return deployment_view(*self._deployment(request))

    def list_deployments(self, request: Request) -> dict[str, Any]:
        """List an environment's deployments, latest first."""
        environment = self._application(request).environment(request.params["EnvironmentId"])
        return paged([deployment_summary(each) for each in reversed(environment.deployments)], request)

    def _application(self, request: Request) -> Application:
        return self._model.application(request.region, request.params["ApplicationId"])

    def _deployment(self, request: Request) -> tuple[Application, Environment, Deployment]:
        application = self._application(request)
        environment = application.environment(request.params["EnvironmentId"])
        number = int(request.params["DeploymentNumber"])
        for deployment in environment.deployments:
            if deployment.number == number:
                return application, environment, deployment
        raise missing("deployment", number)
