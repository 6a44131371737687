"""Where the marks of a restore-point timeline come from (RQ-18). Each source reads one service and may fail alone."""

import asyncio
import json
from collections.abc import Awaitable, Mapping
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase

from pydantic import JsonValue

from cockpit.aws.parse import moment, number, structure, structures, text, texts
from cockpit.aws.port import AwsFailure
from cockpit.engine.actions.base import StepContext
from cockpit.engine.paged import JsonObject, read_pages
from cockpit.model.text import clean, utc
from cockpit.model.timeline import TimelineKind, TimelineMark
from cockpit.plans.actions.restore_point import LogOnset
from cockpit.plans.expressions import ExpressionError
from cockpit.plans.functions import iso
from cockpit.plans.probe import Read

MOST_DEPLOYMENTS = 100
MOST_ALARMS = 50
MOST_LOG_PAGES = 40
RDS_EVENTS_KEPT = timedelta(days=14)
BATCH = 25  # deployments in one BatchGetDeployments (CodeDeploy's limit)

Marks = tuple[TimelineMark, ...]


async def gather(sources: Mapping[str, Awaitable[Marks]]) -> tuple[Marks, tuple[str, ...]]:
    """Wait for all sources at once. Returns the marks, oldest first, and what could not be read, in words."""
    results = await asyncio.gather(*sources.values(), return_exceptions=True)
    marks: list[TimelineMark] = []
    gaps: list[str] = []
    for name, result in zip(sources, results, strict=True):
        if isinstance(result, AwsFailure | ExpressionError | IncompleteError):
            gaps.append(clean(f"{name}: {result}"))
        elif isinstance(result, BaseException):
            raise result
        else:
            marks += result
    return tuple(sorted(marks, key=lambda mark: mark.at)), tuple(gaps)


class IncompleteError(Exception):
    """A source has no marks to give although it answered; the text says why."""


async def deployment_marks(
    context: StepContext, application: str, group: str | None, suspect: str, since: datetime
) -> Marks:
    """Return start and end of every deployment of the application since then, and of the suspect one in any case.

    The suspect mark is the moment the suspect deployment was started; its creation, if it never started.
    """
    groups = [group] if group else await _groups(context, application)
    found: list[str] = []
    for name in groups:  # CodeDeploy wants application and group together
        wanted: JsonObject = {
            "applicationName": application,
            "deploymentGroupName": name,
            "createTimeRange": {"start": iso(since)},
        }
        for page in await read_pages(context, "codedeploy", "ListDeployments", wanted, cursor="nextToken"):
            found += texts(page, "deployments")
    identifiers = list(dict.fromkeys([*([suspect] if suspect else []), *found[:MOST_DEPLOYMENTS]]))
    marks: list[TimelineMark] = []
    for first in range(0, len(identifiers), BATCH):
        batch: list[JsonValue] = list(identifiers[first : first + BATCH])
        answer = await context.call_read("codedeploy", "BatchGetDeployments", {"deploymentIds": batch})
        for deployment in structures(answer, "deploymentsInfo"):
            marks += _deployment(deployment, suspect)
    if suspect and not any(mark.suspect for mark in marks):
        raise IncompleteError(f"the suspect deployment {clean(suspect)} is not known to CodeDeploy")
    return tuple(marks)


async def _groups(context: StepContext, application: str) -> list[str]:
    wanted: JsonObject = {"applicationName": application}
    pages = await read_pages(context, "codedeploy", "ListDeploymentGroups", wanted, cursor="nextToken")
    return [name for page in pages for name in texts(page, "deploymentGroups")]


def _deployment(deployment: JsonObject, suspect: str) -> list[TimelineMark]:
    identifier = text(deployment, "deploymentId")
    created = moment(deployment, "createTime")
    started, completed = moment(deployment, "startTime") or created, moment(deployment, "completeTime")
    marks = []
    if started:
        what = "rollback" if structure(deployment, "rollbackInfo").get("rollbackTriggeringDeploymentId") else "started"
        label = f"{identifier} {what}"
        marks.append(TimelineMark(started, TimelineKind.DEPLOYMENT, label, suspect=identifier == suspect))
    if completed:
        label = f"{identifier} ended: {text(deployment, 'status')}"
        marks.append(TimelineMark(completed, TimelineKind.DEPLOYMENT, label))
    return marks


async def database_marks(context: StepContext, cluster: str, since: datetime) -> Marks:
    """Return the events of an Aurora cluster and of its instances; RDS keeps them for fourteen days."""
    wanted: JsonObject = {"Filters": [{"Name": "db-cluster-id", "Values": [cluster]}]}
    instances = await read_pages(context, "rds", "DescribeDBInstances", wanted, cursor="Marker")
    names = [text(each, "DBInstanceIdentifier") for page in instances for each in structures(page, "DBInstances")]
    begin = max(since, context.clock.now() - RDS_EVENTS_KEPT)
    marks = []
    for kind, source in (("db-cluster", cluster), *(("db-instance", name) for name in names)):
        asked: JsonObject = {"SourceType": kind, "SourceIdentifier": source, "StartTime": iso(begin)}
        for page in await read_pages(context, "rds", "DescribeEvents", asked, cursor="Marker"):
            for event in structures(page, "Events"):
                at = moment(event, "Date")
                if at:
                    label = f"{clean(source)}: {clean(text(event, 'Message'))}"
                    marks.append(TimelineMark(at, TimelineKind.DATABASE, label))
    return tuple(marks)


async def alarm_marks(context: StepContext, patterns: tuple[str, ...], since: datetime) -> Marks:
    """Return every change into or out of ALARM of the alarms that match a pattern (``*`` and ``?``)."""
    names: dict[str, None] = {}
    for prefix in sorted({pattern.partition("*")[0].partition("?")[0].partition("[")[0] for pattern in patterns}):
        wanted: JsonObject = {"AlarmTypes": ["MetricAlarm", "CompositeAlarm"], "MaxRecords": 100}
        wanted |= {"AlarmNamePrefix": prefix} if prefix else {}
        for page in await read_pages(context, "cloudwatch", "DescribeAlarms", wanted):
            found = [*structures(page, "MetricAlarms"), *structures(page, "CompositeAlarms")]
            names |= dict.fromkeys(str(alarm.get("AlarmName")) for alarm in found)
    matching = [name for name in names if any(fnmatchcase(name, pattern) for pattern in patterns)]
    histories = await asyncio.gather(*(_alarm_history(context, name, since) for name in matching[:MOST_ALARMS]))
    if len(matching) > MOST_ALARMS:
        context.observe(
            "alarms left out", f"{len(matching) - MOST_ALARMS} of {len(matching)} matching alarms are left out"
        )
    return tuple(mark for history in histories for mark in history)


async def _alarm_history(context: StepContext, name: str, since: datetime) -> Marks:
    wanted: JsonObject = {
        "AlarmName": name,
        "AlarmTypes": ["MetricAlarm", "CompositeAlarm"],
        "HistoryItemType": "StateUpdate",
        "StartDate": iso(since),
        "EndDate": iso(context.clock.now() + timedelta(minutes=1)),
        "ScanBy": "TimestampAscending",
        "MaxRecords": 100,
    }
    marks = []
    for page in await read_pages(context, "cloudwatch", "DescribeAlarmHistory", wanted):
        for item in structures(page, "AlarmHistoryItems"):
            at = moment(item, "Timestamp")
            old, new = _states(item)
            if at and old != new and "ALARM" in (old, new):
                marks.append(TimelineMark(at, TimelineKind.ALARM, f"{clean(name)} {new or '?'}"))
    return tuple(marks)


def _states(item: JsonObject) -> tuple[str, str]:
    """Return the state before and after a transition: from HistoryData, which is JSON text."""
    try:
        data = json.loads(str(item.get("HistoryData") or "{}"))
    except ValueError:
        data = {}
    if not isinstance(data, dict):
        return "", ""
    return text(structure(data, "oldState"), "stateValue"), text(structure(data, "newState"), "stateValue")


async def configuration_marks(context: StepContext, read: Read, since: datetime) -> Marks:
    """Return start and end of AppConfig deployments since then."""
    answer = await context.read(read)
    marks = []
    for item in structures(answer, "Items"):
        started, completed = moment(item, "StartedAt"), moment(item, "CompletedAt")
        label = f"configuration {text(item, 'ConfigurationName')} version {text(item, 'ConfigurationVersion')}"
        state = text(item, "State")
        if started and started >= since:
            marks.append(TimelineMark(started, TimelineKind.CONFIGURATION, f"{label} started"))
        if completed and completed >= since:
            marks.append(TimelineMark(completed, TimelineKind.CONFIGURATION, f"{label}: {state}"))
    return tuple(marks)


async def log_onset_mark(context: StepContext, onset: LogOnset, since: datetime) -> Marks:
    """Return the first log line since then that matches the pattern.

    Raises:
        IncompleteError: there is none, as far as was looked.
    """
    group, pattern = str(context.resolve(onset.log_group)), str(context.resolve(onset.pattern))
    wanted: JsonObject = {
        "logGroupName": group,
        "filterPattern": pattern,
        "limit": 1,  # pages come oldest first
        "startTime": int(since.timestamp() * 1000),
        "endTime": int(context.clock.now().timestamp() * 1000),
    }
    following: JsonValue = None
    for _ in range(MOST_LOG_PAGES):
        page = await context.call_read(
            "logs", "FilterLogEvents", wanted | ({"nextToken": following} if following else {})
        )
        stamps = [stamp for event in structures(page, "events") if (stamp := number(event, "timestamp")) is not None]
        if stamps:
            at = datetime.fromtimestamp(min(stamps) / 1000, UTC)
            return (TimelineMark(at, TimelineKind.LOG_ONSET, f"first {clean(pattern, 40)} in {clean(group, 60)}"),)
        following = page.get("nextToken")
        if not following:
            raise IncompleteError(f"no line of {clean(group)} since {utc(since)} matches {clean(pattern)}")
    raise IncompleteError(f"{clean(group)} is too long to search it all: {MOST_LOG_PAGES} pages without a match")
