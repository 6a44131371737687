"""What a detail view reads when it is opened."""

from __future__ import annotations  # JsonValue is for checkers only: `cockpit status` must not pay for pydantic

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from cockpit.aws.parse import structure
from cockpit.aws.parse_alarms import parse_history, parse_series
from cockpit.aws.parse_deployments import parse_deployment, revision_words
from cockpit.aws.port import AwsPort, ReadFailed
from cockpit.feeds.deployments import read_targets
from cockpit.model.alarm import Alarm, AlarmTransition, Series
from cockpit.model.deployment import Deployment
from cockpit.model.reading import FaultKind

if TYPE_CHECKING:
    from pydantic import JsonValue

HISTORY = 100
SERIES_SPAN = timedelta(hours=3)  # the longest span for which CloudWatch keeps one-second datapoints
SERIES_POINTS = 180


async def alarm_history(port: AwsPort, alarm: Alarm) -> tuple[AlarmTransition, ...]:
    """Read the last entries of an alarm's history, newest first.

    Raises:
        ReadFailed: it could not be read.
    """
    params: dict[str, JsonValue] = {
        "AlarmName": alarm.name,
        "AlarmTypes": ["CompositeAlarm", "LogAlarm", "MetricAlarm"],
        "MaxRecords": HISTORY,
        "ScanBy": "TimestampDescending",
    }
    return parse_history((await port.read("cloudwatch", "DescribeAlarmHistory", alarm.region, params)).body)


async def alarm_series(port: AwsPort, alarm: Alarm, now: datetime) -> Series | None:
    """Read the datapoints an alarm looks at, of the last three hours; None if it has no metric of its own.

    Raises:
        ReadFailed: they could not be read.
    """
    metric = alarm.metric
    if metric is None:
        return None
    span = min(SERIES_SPAN, timedelta(seconds=metric.period * SERIES_POINTS))
    query: JsonValue = {
        "Id": "m1",
        "MetricStat": {
            "Metric": {
                "Namespace": metric.namespace,
                "MetricName": metric.name,
                "Dimensions": [{"Name": name, "Value": value} for name, value in metric.dimensions],
            },
            "Period": metric.period,
            "Stat": metric.statistic,
        },
    }
    params: dict[str, JsonValue] = {
        "MetricDataQueries": [query],
        "StartTime": (now - span).isoformat(timespec="seconds"),
        "EndTime": now.isoformat(timespec="seconds"),
        "ScanBy": "TimestampAscending",
    }
    return parse_series((await port.read("cloudwatch", "GetMetricData", alarm.region, params)).body, metric)


async def deployment_detail(port: AwsPort, deployment: Deployment) -> Deployment:
    """Read a deployment anew, with its targets.

    Raises:
        ReadFailed: the deployment could not be read. Targets that CodeDeploy no longer has are left out.
    """
    params: dict[str, JsonValue] = {"deploymentId": deployment.deployment_id}
    answer = await port.read("codedeploy", "GetDeployment", deployment.region, params)
    info = structure(answer.body, "deploymentInfo")
    fresh = parse_deployment(info, deployment.region)
    fresh = replace(fresh, revision=await _revision(port, info, fresh))
    try:
        return replace(fresh, targets=await read_targets(port, fresh))
    except ReadFailed as failure:
        if failure.fault.kind in (FaultKind.REJECTED, FaultKind.NOT_FOUND):
            return fresh
        raise


async def _revision(port: AwsPort, info: dict[str, JsonValue], deployment: Deployment) -> str:
    """Return the task definition that an AppSpec names: CodeDeploy tells a deployment's AppSpec only by its digest."""
    revision = structure(info, "revision")
    digest = structure(revision, "appSpecContent").get("sha256") or structure(revision, "string").get("sha256")
    if not digest:
        return deployment.revision
    params: dict[str, JsonValue] = {"applicationName": deployment.application, "revision": revision}
    try:
        answer = await port.read("codedeploy", "GetApplicationRevision", deployment.region, params)
    except ReadFailed:
        return deployment.revision  # the digest has to do: the rest of the details matters more
    return revision_words(structure(answer.body, "revision")) or deployment.revision
