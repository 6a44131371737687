"""Every operation that a run of a plan may call: those the plan names, and those its actions make by themselves.

The one place that says what the composite actions call: the check of permissions before a run and the policy of
`cockpit plans iam` rest on it. A test compares it with the calls of whole runs.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import JsonValue

from cockpit.plans.actions import ActionSpec
from cockpit.plans.actions.approve import ApproveSpec
from cockpit.plans.actions.carry_settings import CarrySettingsSpec
from cockpit.plans.actions.prove_halt import ProveHaltSpec
from cockpit.plans.actions.restorable import OfRestorable
from cockpit.plans.actions.restore_point import RestorePointSpec
from cockpit.plans.actions.spot_check import SpotCheckSpec
from cockpit.plans.lint.walk import calls
from cockpit.plans.schema import Plan, Step

Params = Mapping[str, JsonValue]

SETTING_CALLS = (
    "dynamodb:UpdateContinuousBackups",
    "dynamodb:TagResource",
    "dynamodb:UpdateTimeToLive",
    "dynamodb:UpdateTable",
    "dynamodb:PutResourcePolicy",
    "application-autoscaling:RegisterScalableTarget",
    "application-autoscaling:PutScalingPolicy",
    "cloudwatch:PutMetricAlarm",
)
"""Every mutation that carrying settings may need."""


@dataclass(frozen=True, slots=True)
class Called:
    """One operation.

    Attributes:
        name: as botocore names it: ``dynamodb:DescribeTable``.
        params: as far as they name resources; texts may hold expressions.
        region: another region than the run's, or None.
        step: the step that makes the call; None: the preflight.
        undo: the call is made only if the step is taken back.
    """

    name: str
    params: Params = field(default_factory=dict)
    region: str | None = None
    step: Step | None = None
    undo: bool = False

    @property
    def service(self) -> str:
        """Return the service."""
        return self.name.partition(":")[0]

    @property
    def operation(self) -> str:
        """Return the operation."""
        return self.name.partition(":")[2]


def called_by(plan: Plan) -> Iterator[Called]:
    """Yield what a run of the plan may call: preflight first, then step by step, each followed by its way back."""
    found = [Called(call.name, call.params, call.region, call.step, call.undo) for call in calls(plan)]
    for step in plan.steps:
        found += [Called(name, params, step=step) for name, params in _own(step.action)]
        if step.undo and step.undo.action:
            found += [Called(name, params, step=step, undo=True) for name, params in _own(step.undo.action)]
    order = {step.id: number for number, step in enumerate(plan.steps)}
    yield from sorted(found, key=lambda call: (order[call.step.id] if call.step else -1, call.undo))


def _own(spec: ActionSpec) -> Iterator[tuple[str, Params]]:
    """Yield what an action calls beside what its fields name."""
    own = _OWN_CALLS.get(type(spec))
    return own(spec) if own else iter(())


def _restore_point(spec: RestorePointSpec) -> Iterator[tuple[str, Params]]:
    """Yield the window, the marks of the timeline, and the counting of writes."""
    yield from _window(spec)
    yield from _counting()
    if spec.application is not None:
        group: Params = {"applicationName": spec.application, "deploymentGroupName": spec.group or "*"}
        yield "codedeploy:ListDeployments", group
        yield "codedeploy:BatchGetDeployments", group
        if spec.group is None:
            yield "codedeploy:ListDeploymentGroups", {"applicationName": spec.application}
    if spec.alarms:
        yield "cloudwatch:DescribeAlarms", {}
        yield "cloudwatch:DescribeAlarmHistory", {}
    if spec.log_onset is not None:
        yield "logs:FilterLogEvents", {"logGroupName": spec.log_onset.log_group}


def _window(spec: OfRestorable) -> Iterator[tuple[str, Params]]:
    if spec.table is not None:
        yield "dynamodb:DescribeContinuousBackups", {"TableName": spec.table}
    else:
        yield "rds:DescribeDBClusters", {"DBClusterIdentifier": spec.cluster}
        yield "rds:DescribeDBInstances", {}
        yield "rds:DescribeEvents", {}


def _counting() -> Iterator[tuple[str, Params]]:
    yield "cloudwatch:GetMetricData", {}
    yield "cloudwatch:ListMetrics", {}


def _prove_halt(_spec: ProveHaltSpec) -> Iterator[tuple[str, Params]]:
    """Yield the counting of writes, and the tasks that are named if they do not end."""
    yield from _counting()
    yield "ecs:ListTasks", {}


def _approve(spec: ApproveSpec) -> Iterator[tuple[str, Params]]:
    return _counting() if spec.accepts_loss and spec.loses is None else iter(())


def _carry_settings(spec: CarrySettingsSpec) -> Iterator[tuple[str, Params]]:
    """Yield the reading of both tables, and what the restored one may be given."""
    for table in (spec.source_table, spec.restored_table):
        for name in ("DescribeTable", "DescribeContinuousBackups", "DescribeTimeToLive"):
            yield f"dynamodb:{name}", {"TableName": table}
        for name in ("ListTagsOfResource", "GetResourcePolicy"):
            yield f"dynamodb:{name}", {"TableName": table}
    yield "application-autoscaling:DescribeScalableTargets", {}
    yield "application-autoscaling:DescribeScalingPolicies", {}
    yield "cloudwatch:DescribeAlarms", {}
    for name in SETTING_CALLS:
        service = name.partition(":")[0]
        known: Params = {"TableName": spec.restored_table} if service == "dynamodb" else {}
        scaled: Params = {"ServiceNamespace": "dynamodb", "ResourceId": f"table/{spec.restored_table}"}
        yield name, scaled if service == "application-autoscaling" else known


def _spot_check(spec: SpotCheckSpec) -> Iterator[tuple[str, Params]]:
    if spec.source_table:
        yield "dynamodb:DescribeTable", {"TableName": spec.source_table}
        yield "dynamodb:GetItem", {"TableName": spec.source_table}
    yield "dynamodb:GetItem", {"TableName": spec.restored_table}
    if spec.count:
        yield "dynamodb:Scan", {"TableName": spec.restored_table}


# Each function takes the spec class it is filed under, hence Any.
_OWN_CALLS: dict[type, Callable[[Any], Iterator[tuple[str, Params]]]] = {
    ApproveSpec: _approve,
    CarrySettingsSpec: _carry_settings,
    ProveHaltSpec: _prove_halt,
    RestorePointSpec: _restore_point,
    SpotCheckSpec: _spot_check,
}
