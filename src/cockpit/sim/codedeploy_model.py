"""CodeDeploy's things: applications, deployment groups, deployments, revisions. What happens in time is in the run."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import yaml

from cockpit.sim.codedeploy_config import Routing, predefined
from cockpit.sim.errors import AwsError
from cockpit.sim.world import World

RUNNING = ("Created", "Queued", "InProgress", "Baking", "Ready")
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


@dataclass(frozen=True, slots=True)
class AliasShift:
    """What an AppSpec for Lambda wants: an alias that leaves one version for another."""

    function: str
    alias: str
    current: str
    target: str


@dataclass(frozen=True, slots=True)
class Revision:
    """An AppSpec and what it names: a task definition (ECS), or an alias and its versions (Lambda)."""

    content: str
    task_definition: str = ""
    shift: AliasShift | None = None

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
    """One deployment. `params` are the members of CreateDeployment.

    Attributes:
        task_sets: of an ECS service.
        shift, shifted_percent: of a Lambda alias: what it is moved to, and what share of the calls already goes there.
    """

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
    shift: AliasShift | None = None
    shifted_percent: float = 0.0
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
    """A CodeDeploy application, with the revisions that were deployed or registered, by hash.

    Attributes:
        platform: ECS or Lambda.
    """

    application_id: str
    name: str
    created_at: datetime
    platform: str = "ECS"
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


def read_revision(location: dict[str, Any], application: Application) -> Revision:
    """Return the revision of a request: an AppSpec, or the hash of one that was deployed before.

    Raises:
        AwsError: it is of a kind that the platform or the simulator does not take, not an AppSpec, or not known.
    """
    known = application.revisions
    part = location.get("appSpecContent") or location.get("string") or {}
    content, sha256 = part.get("content"), part.get("sha256")
    if content is None and sha256 in known:
        return known[sha256][0]
    if content is None:
        kind = location.get("revisionType", "none")
        message = f"The revision (type {kind}) has no AppSpec content; the simulator keeps no S3 or GitHub revisions."
        raise AwsError("RevisionDoesNotExistException", message)
    revision = _parse(content, application.platform)
    if sha256 not in (None, revision.sha256):
        raise AwsError("InvalidRevisionException", "The sha256 is not that of the AppSpec content.")
    return revision


def _parse(content: str, platform: str) -> Revision:
    """Read an AppSpec (YAML or JSON)."""
    wanted = ("TaskDefinition",) if platform == "ECS" else ("Name", "Alias", "CurrentVersion", "TargetVersion")
    try:
        document = yaml.safe_load(content)
        properties = next(part["Properties"] for resource in document["Resources"] for part in resource.values())
        values = [str(properties[name]) for name in wanted]
    except (yaml.YAMLError, TypeError, KeyError, StopIteration, AttributeError) as error:
        message = f"The AppSpec file is not valid: Resources[0].*.Properties needs {', '.join(wanted)}."
        raise AwsError("InvalidRevisionException", message) from error
    return Revision(content, values[0]) if platform == "ECS" else Revision(content, shift=AliasShift(*values))
