"""``restore_point``: choose the second to restore to, on a timeline of what happened."""

from typing import Literal

from cockpit.plans.base import PlanModel, Template
from cockpit.plans.probe import Read


class LogOnset(PlanModel):
    """Where the first trace of the damage may be found in CloudWatch Logs."""

    log_group: Template
    pattern: Template


class Writes(PlanModel):
    """How writes to the table are counted.

    Attributes:
        metric_namespace: namespace of an application metric with one-second resolution, if the service has one.
        metric_name: its name. Without one, DynamoDB's own SuccessfulRequestLatency sample counts serve, per minute:
            the count is then a range.
    """

    metric_namespace: Template = ""
    metric_name: Template = ""


class RestorePointSpec(PlanModel):
    """Choose a restore point of a DynamoDB table. The answer is kept as ``steps.<id>.answer`` (UTC, whole second).

    Attributes:
        table: the table's name.
        application: CodeDeploy application whose deployments are marks; suspect if within `suspects`.
        group: its deployment group.
        alarms: name patterns of alarms whose transitions are marks.
        log_onset: log lines whose first occurrence is a mark.
        suspect: template: id of the deployment that is suspected (asked for before), its start is the suspect mark.
        configuration: AppConfig deployments as marks: ListDeployments read.
        writes: how the window's writes are counted.
    """

    kind: Literal["restore_point"] = "restore_point"
    table: Template
    application: Template | None = None
    group: Template | None = None
    alarms: tuple[Template, ...] = ()
    log_onset: LogOnset | None = None
    suspect: Template | None = None
    configuration: Read | None = None
    writes: Writes = Writes()
