"""Amplify's things: apps, branches with their jobs, and domains."""

import random
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from cockpit.sim.errors import AwsError
from cockpit.sim.simulation import ACCOUNT
from cockpit.sim.world import World

Status = Literal["PENDING", "PROVISIONING", "RUNNING", "SUCCEED", "FAILED", "CANCELLING", "CANCELLED"]
OPEN = ("PENDING", "PROVISIONING", "RUNNING", "CANCELLING")
_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"


@dataclass(frozen=True, slots=True)
class Commit:
    """What a job builds."""

    commit_id: str
    message: str
    time: datetime


@dataclass(eq=False)
class Job:
    """One build and deployment of a branch.

    Attributes:
        environment: the variables that the build saw: those of the app, and over them the branch's, at its start.
        steps: (name, start, end or None, status), in order.
    """

    number: int
    kind: str
    commit: Commit
    start: datetime
    status: Status = "PENDING"
    end: datetime | None = None
    environment: dict[str, str] = field(default_factory=dict)
    steps: list[tuple[str, datetime, datetime | None, str]] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        """Tell whether it has not ended yet."""
        return self.status in OPEN


@dataclass(eq=False)
class Branch:
    """A branch. `params` are the members of CreateBranch.

    Attributes:
        live: the job whose result is served; None before the first has succeeded.
    """

    name: str
    params: dict[str, Any]
    created_at: datetime
    updated_at: datetime
    jobs: list[Job] = field(default_factory=list)
    live: Job | None = None

    @property
    def environment(self) -> dict[str, str]:
        """Return the branch's own variables."""
        return dict(self.params.get("environmentVariables") or {})

    def job(self, job_id: str) -> Job:
        """Return a job.

        Raises:
            AwsError: there is none.
        """
        for job in self.jobs:
            if str(job.number) == job_id:
                return job
        raise missing(f"Job {job_id} for branch {self.name} not found.")


@dataclass(eq=False)
class Domain:
    """A domain association. `params` are the members of CreateDomainAssociation."""

    name: str
    params: dict[str, Any]
    status: str = "CREATING"


@dataclass(eq=False)
class App:
    """An Amplify app. `params` are the members of CreateApp."""

    app_id: str
    region: str
    params: dict[str, Any]
    created_at: datetime
    updated_at: datetime
    branches: dict[str, Branch] = field(default_factory=dict)
    domains: dict[str, Domain] = field(default_factory=dict)

    @property
    def arn(self) -> str:
        """Return the app's ARN."""
        return f"arn:aws:amplify:{self.region}:{ACCOUNT}:apps/{self.app_id}"

    @property
    def is_connected(self) -> bool:
        """Tell whether the app builds from a repository; else it is deployed by hand."""
        return bool(self.params.get("repository"))

    @property
    def environment(self) -> dict[str, str]:
        """Return the app's variables, which hold for every branch that does not set its own."""
        return dict(self.params.get("environmentVariables") or {})

    def branch(self, name: str) -> Branch:
        """Return a branch.

        Raises:
            AwsError: there is none.
        """
        if name not in self.branches:
            raise missing(f"Branch {name} not found.")
        return self.branches[name]

    def domain(self, name: str) -> Domain:
        """Return a domain association.

        Raises:
            AwsError: there is none.
        """
        if name not in self.domains:
            raise missing(f"Domain association {name} not found.")
        return self.domains[name]


class AmplifyModel:
    """Every Amplify app of the world, by region and id."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.apps: dict[tuple[str, str], App] = {}

    def create(self, region: str, params: dict[str, Any]) -> App:
        """Make an app. Its id follows from its name, so that a configuration can hold it."""
        chance = random.Random(f"{region}/{params['name']}/{len(self.apps)}")  # noqa: S311 - no secret
        app_id = "d" + "".join(chance.choices(_LETTERS, k=13))
        now = self.world.now()
        app = App(app_id, region, params, now, now)
        self.apps[region, app_id] = app
        return app

    def app(self, region: str, app_id: str) -> App:
        """Return an app by id.

        Raises:
            AwsError: there is none.
        """
        if (region, app_id) not in self.apps:
            raise missing(f"App {app_id} not found.")
        return self.apps[region, app_id]

    def named(self, region: str, name: str) -> App | None:
        """Return the latest app of that name; None if there is none."""
        found = [app for (where, _), app in self.apps.items() if (where, app.params["name"]) == (region, name)]
        return found[-1] if found else None


def missing(message: str) -> AwsError:
    """Return the error for something that is not there."""
    return AwsError("NotFoundException", message)
