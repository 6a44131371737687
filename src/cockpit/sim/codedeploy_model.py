"""CodeDeploy's things: applications, deployment groups, deployments, revisions. What happens in time is in the run."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from io import StringIO
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from cockpit.sim.codedeploy_config import Routing, predefined
from cockpit.sim.errors import AwsError
from cockpit.sim.world import World

RUNNING = ("Created", "Queued", "InProgress", "Baking", "Ready")
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


@dataclass(frozen=True, slots=True)
class Revision:
    """An AppSpec and the task definition it names."""

    content: str
    task_definition: str

    @property
    def sha256(self) -> str:
        """Return the hash by which CodeDeploy knows the revision."""
        return hashlib.sha256(self.content.encode()).hexdigest()


@dataclass(eq=False)
class Event:
    """One lifecycle event of a deployment's target."""

    name: str
    status: str = "Pending"
    started_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass(eq=False)
class TaskSetSeen:
    """A task set as the deployment last saw it; ECS forgets task sets that are gone, the deployment does not."""

    label: str
    task_set_id: str
    target_group: str = ""
    status: str = "ACTIVE"
    weight: float = 0.0
    desired: int = 0
    running: int = 0
    pending: int = 0


@dataclass(eq=False)
class Deployment:
    """One deployment. `params` are the members of CreateDeployment."""

    deployment_id: str
    region: str
    application: str
    group: "Group"
    routing_name: str
    params: dict[str, Any]
    revision: Revision | None
    previous: Revision | None
    created_at: datetime
    creator: str = "user"
    status: str = "Created"
    started_at: datetime | None = None
    completed_at: datetime | None = None
    error: tuple[str, str] | None = None
    rolled_back_by: str = ""
    rollback_of: str = ""
    rollback_message: str = ""
    events: list[Event] = field(default_factory=list)
    task_sets: list[TaskSetSeen] = field(default_factory=list)
    target_status: str = "Pending"
    waits_for_termination: bool = False
    stop_asked: bool = False
    roll_back_asked: bool = False
    go_on_asked: set[str] = field(default_factory=set)

    @property
    def is_running(self) -> bool:
        """Tell whether the deployment can still change the service."""
        return self.status in RUNNING

    def alarm_names(self) -> list[str]:
        """Return the alarms that stop it: its own configuration if it has one, else the group's."""
        config = self.params.get("overrideAlarmConfiguration") or self.group.params.get("alarmConfiguration") or {}
        return [alarm["name"] for alarm in config.get("alarms", [])] if config.get("enabled") else []

    def rolls_back_on(self, event: str) -> bool:
        """Tell whether an event, for example DEPLOYMENT_STOP_ON_ALARM, makes it roll back by itself."""
        own = self.params.get("autoRollbackConfiguration")
        config = own or self.group.params.get("autoRollbackConfiguration") or {}
        return bool(config.get("enabled")) and event in config.get("events", [])


@dataclass(eq=False)
class Group:
    """A deployment group. `params` are the members of CreateDeploymentGroup as later updates changed them."""

    group_id: str
    name: str
    params: dict[str, Any]
    deployments: list[Deployment] = field(default_factory=list)

    @property
    def running(self) -> Deployment | None:
        """Return the deployment that is going on, if any: there is at most one."""
        return next((each for each in self.deployments if each.is_running), None)

    @property
    def last_successful(self) -> Deployment | None:
        """Return the latest deployment that succeeded; its revision is what the group runs."""
        done = [each for each in self.deployments if each.status == "Succeeded" and each.revision]
        return max(done, key=lambda each: each.completed_at or each.created_at, default=None)


@dataclass(eq=False)
class Application:
    """A CodeDeploy application for ECS, with the revisions that were deployed or registered, by hash."""

    application_id: str
    name: str
    created_at: datetime
    groups: dict[str, Group] = field(default_factory=dict)
    revisions: dict[str, tuple[Revision, datetime]] = field(default_factory=dict)


class CodeDeployModel:
    """Every CodeDeploy thing of the world, by region."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.applications: dict[tuple[str, str], Application] = {}
        self.deployments: dict[str, Deployment] = {}
        self.routings: dict[str, Routing] = predefined()
        self._chance = world.random("codedeploy")

    def new_id(self) -> str:
        """Return a deployment id as CodeDeploy makes them."""
        return "d-" + "".join(self._chance.choices(_LETTERS, k=9))

    def new_uuid(self) -> str:
        """Return an id for an application or a group."""
        digits = f"{self._chance.getrandbits(128):032x}"
        return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))

    def application(self, region: str, name: str) -> Application:
        """Return an application.

        Raises:
            AwsError: there is none.
        """
        found = self.applications.get((region, name))
        if found is None:
            raise AwsError("ApplicationDoesNotExistException", f"No application found for name: {name}")
        return found

    def group(self, region: str, application: str, name: str) -> Group:
        """Return a deployment group.

        Raises:
            AwsError: there is no such application or group.
        """
        found = self.application(region, application).groups.get(name)
        if found is None:
            raise AwsError("DeploymentGroupDoesNotExistException", f"No Deployment Group found for name: {name}")
        return found

    def deployment(self, region: str, deployment_id: str) -> Deployment:
        """Return a deployment.

        Raises:
            AwsError: there is none.
        """
        found = self.deployments.get(deployment_id)
        if found is None or found.region != region:
            message = f"The deployment {deployment_id} could not be found"
            raise AwsError("DeploymentDoesNotExistException", message)
        return found


def read_revision(location: dict[str, Any], known: dict[str, tuple[Revision, datetime]]) -> Revision:
    """Return the revision of a request: an AppSpec, or the hash of one that was deployed before.

    Raises:
        AwsError: it is of a kind that ECS or the simulator does not take, not an AppSpec, or not known.
    """
    part = location.get("appSpecContent") or location.get("string") or {}
    content, sha256 = part.get("content"), part.get("sha256")
    if content is None and sha256 in known:
        return known[sha256][0]
    if content is None:
        kind = location.get("revisionType", "none")
        message = f"The revision (type {kind}) has no AppSpec content; the simulator keeps no S3 or GitHub revisions."
        raise AwsError("RevisionDoesNotExistException", message)
    revision = Revision(content, _task_definition(content))
    if sha256 not in (None, revision.sha256):
        raise AwsError("InvalidRevisionException", "The sha256 is not that of the AppSpec content.")
    return revision


def _task_definition(content: str) -> str:
    """Return the task definition that an AppSpec (YAML or JSON) names."""
    try:
        document = YAML(typ="safe").load(StringIO(content))
        resources = document["Resources"]
        properties = [part["Properties"] for resource in resources for part in resource.values()]
        return str(properties[0]["TaskDefinition"])
    except (YAMLError, TypeError, KeyError, IndexError, AttributeError) as error:
        message = "The AppSpec file is not valid: Resources[0].*.Properties.TaskDefinition is missing."
        raise AwsError("InvalidRevisionException", message) from error
