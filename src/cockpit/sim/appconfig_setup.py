"""The AppConfig operations about applications, environments, profiles and strategies."""

from typing import Any

from cockpit.sim.appconfig_model import AppConfigModel, Application, Environment, Profile, Strategy
from cockpit.sim.appconfig_view import application_view, environment_view, profile_view, strategy_view
from cockpit.sim.errors import AwsError
from cockpit.sim.operations import Handler, Request
from cockpit.sim.whole_service import page

PAGE = 50


def paged(items: list[dict[str, Any]], request: Request) -> dict[str, Any]:
    """Return a page of a list operation's items."""
    size = int(request.params.get("MaxResults") or PAGE)
    shown, token = page(items, request.params.get("NextToken"), min(size, PAGE), "BadRequestException")
    return {"Items": shown, **({"NextToken": token} if token else {})}


class SetupApi:
    """The operations, each a function from request to answer."""

    def __init__(self, model: AppConfigModel) -> None:
        self._model = model

    def handlers(self) -> dict[str, Handler]:
        """Return the operations by API name."""
        return {
            "CreateApplication": self.create_application,
            "GetApplication": self.get_application,
            "ListApplications": self.list_applications,
            "CreateEnvironment": self.create_environment,
            "UpdateEnvironment": self.update_environment,
            "GetEnvironment": self.get_environment,
            "ListEnvironments": self.list_environments,
            "CreateConfigurationProfile": self.create_profile,
            "GetConfigurationProfile": self.get_profile,
            "ListConfigurationProfiles": self.list_profiles,
            "CreateDeploymentStrategy": self.create_strategy,
            "GetDeploymentStrategy": self.get_strategy,
            "ListDeploymentStrategies": self.list_strategies,
        }

    def create_application(self, request: Request) -> dict[str, Any]:
        """Create an application."""
        params = request.params
        application = Application(self._model.new_id(), params["Name"], params.get("Description", ""))
        self._model.applications[request.region, application.application_id] = application
        return application_view(application)

    def get_application(self, request: Request) -> dict[str, Any]:
        """Describe an application."""
        return application_view(self._application(request))

    def list_applications(self, request: Request) -> dict[str, Any]:
        """List the region's applications."""
        here = [each for (region, _), each in self._model.applications.items() if region == request.region]
        return paged([application_view(each) for each in here], request)

    def create_environment(self, request: Request) -> dict[str, Any]:
        """Create an environment, with the alarms that roll its deployments back."""
        application = self._application(request)
        environment = Environment(self._model.new_id(), request.params["Name"], dict(request.params))
        application.environments[environment.environment_id] = environment
        return environment_view(application, environment)

    def update_environment(self, request: Request) -> dict[str, Any]:
        """Change the members that are given."""
        application = self._application(request)
        environment = application.environment(request.params["EnvironmentId"])
        environment.params.update(request.params)
        environment.name = environment.params["Name"]
        return environment_view(application, environment)

    def get_environment(self, request: Request) -> dict[str, Any]:
        """Describe an environment."""
        application = self._application(request)
        return environment_view(application, application.environment(request.params["EnvironmentId"]))

    def list_environments(self, request: Request) -> dict[str, Any]:
        """List an application's environments."""
        application = self._application(request)
        return paged([environment_view(application, each) for each in application.environments.values()], request)

    def create_profile(self, request: Request) -> dict[str, Any]:
        """Create a configuration profile of hosted versions."""
        application = self._application(request)
        if request.params["LocationUri"] != "hosted":
            raise AwsError("BadRequestException", "The simulator keeps only hosted configurations.")
        profile = Profile(self._model.new_id(), request.params["Name"], dict(request.params))
        application.profiles[profile.profile_id] = profile
        return profile_view(application, profile)

    def get_profile(self, request: Request) -> dict[str, Any]:
        """Describe a configuration profile."""
        application = self._application(request)
        return profile_view(application, application.profile(request.params["ConfigurationProfileId"]))

    def list_profiles(self, request: Request) -> dict[str, Any]:
        """List an application's configuration profiles."""
        application = self._application(request)
        wanted = request.params.get("Type")
        views = [profile_view(application, each, short=True) for each in application.profiles.values()]
        return paged([view for view in views if wanted in (None, view["Type"])], request)

    def create_strategy(self, request: Request) -> dict[str, Any]:
        """Create a deployment strategy."""
        params = request.params
        if not 1 <= params["GrowthFactor"] <= 100:  # noqa: PLR2004 - percent
            raise AwsError("BadRequestException", "GrowthFactor must be between 1 and 100.")
        strategy = Strategy(
            self._model.new_id(),
            params["Name"],
            params.get("Description", ""),
            params["DeploymentDurationInMinutes"],
            params.get("GrowthType", "LINEAR"),
            float(params["GrowthFactor"]),
            params.get("FinalBakeTimeInMinutes", 0),
            params.get("ReplicateTo", "NONE"),
        )
        self._model.strategies[request.region, strategy.strategy_id] = strategy
        return strategy_view(strategy)

    def get_strategy(self, request: Request) -> dict[str, Any]:
        """Describe a deployment strategy."""
        return strategy_view(self._model.strategy(request.region, request.params["DeploymentStrategyId"]))

    def list_strategies(self, request: Request) -> dict[str, Any]:
        """List deployment strategies, AWS's own first."""
        return paged([strategy_view(each) for each in self._model.all_strategies(request.region)], request)

    def _application(self, request: Request) -> Application:
        return self._model.application(request.region, request.params["ApplicationId"])
