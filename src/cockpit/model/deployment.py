"""CodeDeploy deployments as the cockpit shows them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class DeploymentState(StrEnum):
    """Status of a deployment. `UNKNOWN` stands for a value this version does not know."""

    CREATED = "Created"
    QUEUED = "Queued"
    IN_PROGRESS = "InProgress"
    BAKING = "Baking"
    READY = "Ready"
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"
    STOPPED = "Stopped"
    UNKNOWN = "Unknown"

    @property
    def is_running(self) -> bool:
        """Tell whether the deployment can still change the service (and can be stopped)."""
        return self not in (DeploymentState.SUCCEEDED, DeploymentState.FAILED, DeploymentState.STOPPED)


@dataclass(frozen=True, slots=True)
class LifecycleEvent:
    """One lifecycle event of a deployment target."""

    name: str
    status: str
    started_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class TaskSetTraffic:
    """One ECS task set of a blue/green deployment: its share of traffic (percent) and its tasks."""

    label: str  # BLUE or GREEN
    status: str
    traffic_percent: float | None
    running: int | None
    desired: int | None
    task_set_id: str = ""


@dataclass(frozen=True, slots=True)
class DeploymentTarget:
    """One target of a deployment: lifecycle events and task sets."""

    target_id: str
    status: str
    events: tuple[LifecycleEvent, ...] = ()
    task_sets: tuple[TaskSetTraffic, ...] = ()


@dataclass(frozen=True, slots=True)
class Deployment:
    """One CodeDeploy deployment. All text is cleaned; times are UTC.

    Attributes:
        creator: who or what made it: ``user``, ``codeDeployRollback`` …
        rolled_back_by: id of the deployment that rolled this one back; empty if none.
        rollback_of: id of the deployment that this one rolls back; empty if none.
        revision: short words for what it deploys (task definition, S3 key, commit).
    """

    deployment_id: str
    region: str
    application: str
    group: str
    state: DeploymentState
    raw_state: str
    created_at: datetime | None
    started_at: datetime | None = None
    completed_at: datetime | None = None
    creator: str = ""
    description: str = ""
    error_code: str = ""
    error_message: str = ""
    rolled_back_by: str = ""
    rollback_of: str = ""
    rollback_message: str = ""
    revision: str = ""
    targets: tuple[DeploymentTarget, ...] = ()
