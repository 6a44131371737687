"""AppConfig's things: applications, environments, profiles, versions, strategies, deployments; what is live where."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from cockpit.sim.errors import AwsError
from cockpit.sim.world import World

State = Literal["VALIDATING", "DEPLOYING", "BAKING", "COMPLETE", "ROLLING_BACK", "ROLLED_BACK", "REVERTED"]
RUNNING = ("VALIDATING", "DEPLOYING", "BAKING", "ROLLING_BACK")
_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"


@dataclass(frozen=True, slots=True)
class Strategy:
    """How a deployment grows. Times in minutes, `growth` in percent.

    Attributes:
        growth_type: LINEAR or EXPONENTIAL.
    """

    strategy_id: str
    name: str
    description: str
    duration: int
    growth_type: str
    growth: float
    bake: int
    replicate_to: str = "NONE"

    def steps(self) -> list[float]:
        """Return the percentages, one after the other, evenly spread over the duration; the last is 100."""
        steps: list[float] = []
        while not steps or steps[-1] < 100:  # noqa: PLR2004 - percent
            number = len(steps)
            grown = self.growth * (number + 1 if self.growth_type == "LINEAR" else 2**number)
            steps.append(min(100.0, grown))
        return steps


PREDEFINED = tuple(
    Strategy(f"AppConfig.{name}", f"AppConfig.{name}", words, duration, kind, growth, bake)
    for name, words, duration, kind, growth, bake in (
        ("AllAtOnce", "Quick", 0, "LINEAR", 100.0, 10),
        ("Linear50PercentEvery30Seconds", "Test/Demo", 1, "LINEAR", 50.0, 1),
        ("Canary10Percent20Minutes", "AWS Recommended", 20, "EXPONENTIAL", 10.0, 10),
        ("Linear20PercentEvery6Minutes", "AWS Recommended", 30, "LINEAR", 20.0, 30),
    )
)


@dataclass(frozen=True, slots=True)
class Version:
    """One hosted configuration version."""

    number: int
    content: bytes
    content_type: str
    description: str = ""
    label: str = ""


@dataclass(eq=False)
class Profile:
    """A configuration profile. `params` are the members of CreateConfigurationProfile."""

    profile_id: str
    name: str
    params: dict[str, Any]
    versions: dict[int, Version] = field(default_factory=dict)

    def version(self, number_or_label: str) -> Version | None:
        """Return a version by number or label."""
        for version in self.versions.values():
            if number_or_label in (str(version.number), version.label or None):
                return version
        return None


@dataclass(eq=False)
class Deployment:
    """One deployment of a version to an environment.

    Attributes:
        previous: what was live before, and is again after a rollback; None if nothing was.
        events: (time, type, triggered by, description), newest first.
    """

    number: int
    profile: Profile
    version: Version
    previous: Version | None
    strategy: Strategy
    started_at: datetime
    description: str = ""
    state: State = "DEPLOYING"
    percent: float = 0.0
    completed_at: datetime | None = None
    events: list[tuple[datetime, str, str, str]] = field(default_factory=list)
    stop_asked: bool = False

    @property
    def is_running(self) -> bool:
        """Tell whether it can still change what is live."""
        return self.state in RUNNING


@dataclass(eq=False)
class Environment:
    """An environment. `params` are the members of CreateEnvironment; `live` holds the deployed version by profile."""

    environment_id: str
    name: str
    params: dict[str, Any]
    state: str = "READY_FOR_DEPLOYMENT"
    deployments: list[Deployment] = field(default_factory=list)
    live: dict[str, Version] = field(default_factory=dict)

    @property
    def running(self) -> Deployment | None:
        """Return the deployment that is going on, if any: there is at most one."""
        return next((each for each in self.deployments if each.is_running), None)

    def monitored(self) -> list[tuple[str, str]]:
        """Return (region, name) of the alarms that roll a deployment back."""
        arns = [str(monitor["AlarmArn"]) for monitor in self.params.get("Monitors", [])]
        return [(arn.split(":")[3], arn.partition(":alarm:")[2]) for arn in arns]

    def served(self, profile: Profile, share: float) -> Version | None:
        """Return the version that a target gets; `share` is its place among all targets, 0 to below 100 percent."""
        going_on = self.running
        if going_on and going_on.profile is profile and going_on.state != "ROLLING_BACK":
            return going_on.version if share < going_on.percent else going_on.previous
        return self.live.get(profile.profile_id)


@dataclass(eq=False)
class Application:
    """An AppConfig application."""

    application_id: str
    name: str
    description: str = ""
    environments: dict[str, Environment] = field(default_factory=dict)
    profiles: dict[str, Profile] = field(default_factory=dict)

    def environment(self, id_or_name: str) -> Environment:
        """Return an environment.

        Raises:
            AwsError: there is none.
        """
        for each in self.environments.values():
            if id_or_name in (each.environment_id, each.name):
                return each
        raise missing("environment", id_or_name)

    def profile(self, id_or_name: str) -> Profile:
        """Return a configuration profile.

        Raises:
            AwsError: there is none.
        """
        for each in self.profiles.values():
            if id_or_name in (each.profile_id, each.name):
                return each
        raise missing("configuration profile", id_or_name)


class AppConfigModel:
    """Every AppConfig thing of the world, by region."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.applications: dict[tuple[str, str], Application] = {}
        self.strategies: dict[tuple[str, str], Strategy] = {}
        self._chance = world.random("appconfig")

    def new_id(self) -> str:
        """Return an id as AppConfig makes them."""
        return "".join(self._chance.choices(_LETTERS, k=7))

    def application(self, region: str, id_or_name: str) -> Application:
        """Return an application.

        Raises:
            AwsError: there is none.
        """
        for (where, _), each in self.applications.items():
            if where == region and id_or_name in (each.application_id, each.name):
                return each
        raise missing("application", id_or_name)

    def all_strategies(self, region: str) -> list[Strategy]:
        """Return AWS's own strategies and those made in the region."""
        return [*PREDEFINED, *(each for (where, _), each in self.strategies.items() if where == region)]

    def strategy(self, region: str, strategy_id: str) -> Strategy:
        """Return a deployment strategy by id.

        Raises:
            AwsError: there is none.
        """
        for each in self.all_strategies(region):
            if each.strategy_id == strategy_id:
                return each
        raise missing("deployment strategy", strategy_id)


def missing(what: str, name: object) -> AwsError:
    """Return the error for something that is not there."""
    return AwsError("ResourceNotFoundException", f"Could not find the {what} {name}.")
