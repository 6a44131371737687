"""``restore_point``: choose the second to restore to, on a timeline of what happened."""

from typing import Literal

from cockpit.plans.actions.restorable import OfRestorable
from cockpit.plans.base import PlanModel, Template
from cockpit.plans.probe import Read


class LogOnset(PlanModel):
    """Where the first trace of the damage may be found in CloudWatch Logs."""

    log_group: Template
    pattern: Template


class Writes(PlanModel):
    """How writes are counted.

    Attributes:
        metric_namespace: namespace of an application metric with one-second resolution, if the service has one.
        metric_name: its name. Without one, DynamoDB's own SuccessfulRequestLatency sample counts serve, per minute:
            the count is then a range. Aurora counts no writes: without one they are unknown.
    """

    metric_namespace: Template = ""
    metric_name: Template = ""


class RestorePointSpec(OfRestorable):
    """Choose a restore point. The answer is kept as ``steps.<id>.answer`` (UTC, whole second).

    The events of an Aurora cluster and of its instances are marks too.

    Attributes:
        application: CodeDeploy application whose deployments are marks; suspect if within `suspects`.
        group: its deployment group.
        alarms: name patterns of alarms whose transitions are marks.
        log_onset: log lines whose first occurrence is a mark.
        suspect: template: what is suspected (asked for before): id of a deployment, whose start is the suspect mark,
            or a time. An answer that is neither suspects nothing, and nothing is proposed.
        configuration: AppConfig deployments as marks: ListDeployments read.
        writes: how the window's writes are counted.
    """

    kind: Literal["restore_point"] = "restore_point"
    application: Template | None = None
    group: Template | None = None
    alarms: tuple[Template, ...] = ()
    log_onset: LogOnset | None = None
    suspect: Template | None = None
    configuration: Read | None = None
    writes: Writes = Writes()
