"""Answers to model values: tolerant of everything AWS may send."""

import json
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from cockpit.aws.parse_alarms import parse_alarm, parse_alarms, parse_history, parse_series
from cockpit.aws.parse_deployments import parse_deployment, parse_targets, revision_words
from cockpit.aws.parse_restores import parse_protection, parse_restore
from cockpit.model.alarm import AlarmState, MetricRef
from cockpit.model.deployment import DeploymentState

NASTY = "\x1b[2J[red]\u202egnp.exe\nline"
JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
KEYS = st.sampled_from(
    [
        "AlarmName", "StateValue", "Dimensions", "Period", "MetricAlarms", "AlarmHistoryItems", "Timestamp",
        "HistoryData", "MetricDataResults", "Timestamps", "Values", "rollbackInfo", "revision", "string", "content",
        "status",
        "deploymentTargets", "ecsTarget", "taskSetsInfo", "lifecycleEvents", "createTime", "Table", "RestoreSummary",
        "ContinuousBackupsDescription", "PointInTimeRecoveryDescription", "CreationDateTime", "HistoryItemType",
    ]
)  # fmt: skip
BODIES = st.recursive(
    JSON, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=20
).filter(lambda value: isinstance(value, dict))


@given(BODIES)
def test_no_answer_breaks_a_parser(body):
    """Missing members, wrong types and unknown values never raise: a pane must not die of them."""
    parse_alarms(body, "us-east-1")
    parse_alarm(body, "us-east-1")
    parse_history(body)
    parse_series(body, MetricRef("n", "m"))
    parse_deployment(body, "us-east-1")
    parse_targets(body)
    parse_protection("T", "us-east-1", body, body)
    parse_restore("T", "us-east-1", body)


def test_alarm_is_read_whole():
    """Name, state, since, metric and threshold of an ordinary metric alarm."""
    alarm = parse_alarm(
        {
            "AlarmName": "errors",
            "StateValue": "ALARM",
            "StateReason": "Threshold Crossed",
            "StateUpdatedTimestamp": "2026-01-31T03:05:00+00:00",
            "StateTransitionedTimestamp": "2026-01-31T03:00:00+00:00",
            "Namespace": "SyncWell",
            "MetricName": "Errors",
            "ExtendedStatistic": "p99",
            "Period": 60,
            "Dimensions": [{"Name": "Service", "Value": "worker"}],
            "Threshold": 5.0,
            "ComparisonOperator": "GreaterThanThreshold",
            "EvaluationPeriods": 3,
            "DatapointsToAlarm": 2,
            "ActionsEnabled": False,
        },
        "us-east-1",
    )
    assert alarm.state is AlarmState.ALARM
    assert alarm.since == datetime(2026, 1, 31, 3, tzinfo=UTC)
    assert alarm.metric == MetricRef("SyncWell", "Errors", (("Service", "worker"),), "p99", 60)
    assert (alarm.threshold, alarm.evaluation_periods, alarm.datapoints_to_alarm) == (5.0, 3, 2)
    assert not alarm.actions_enabled


def test_unknown_state_keeps_its_words():
    """A state of tomorrow is UNKNOWN with the raw text, not OK and not an error."""
    alarm = parse_alarm({"AlarmName": "a", "StateValue": "MELTING"}, "us-east-1")
    assert (alarm.state, alarm.raw_state) == (AlarmState.UNKNOWN, "MELTING")
    deployment = parse_deployment({"status": "Wobbling"}, "us-east-1")
    assert (deployment.state, deployment.raw_state) == (DeploymentState.UNKNOWN, "Wobbling")


def test_all_kinds_of_alarms_are_read():
    """Composite and log alarms must not be missing beside metric alarms."""
    body = {
        "MetricAlarms": [{"AlarmName": "m"}],
        "CompositeAlarms": [{"AlarmName": "c", "AlarmRule": "ALARM(m)"}],
        "LogAlarms": [{"AlarmName": "l"}],
    }
    alarms = parse_alarms(body, "us-east-1")
    assert [alarm.name for alarm in alarms] == ["m", "c", "l"]
    assert alarms[1].rule == "ALARM(m)"


def test_foreign_text_is_cleaned():
    """Escapes and direction marks from AWS never reach a screen; markup stays as text."""
    alarm = parse_alarm({"AlarmName": NASTY, "StateReason": NASTY}, "us-east-1")
    assert "\x1b" not in alarm.name
    assert "\u202e" not in alarm.reason
    assert "[red]" in alarm.name
    assert "\n" not in alarm.name


def test_history_tells_the_new_state():
    """A transition's target comes out of the entry's own JSON; other entries have none."""
    items = [
        {
            "Timestamp": "2026-01-31T03:00:00+00:00",
            "HistoryItemType": "StateUpdate",
            "HistorySummary": "Alarm updated from OK to ALARM",
            "HistoryData": '{"newState": {"stateValue": "ALARM"}}',
        },
        {"Timestamp": "2026-01-31T02:00:00+00:00", "HistoryItemType": "ConfigurationUpdate", "HistoryData": "{"},
        {"HistoryItemType": "Action"},
    ]
    found = parse_history({"AlarmHistoryItems": items})
    assert [entry.to_state for entry in found] == [AlarmState.ALARM, None]


def test_series_is_oldest_first():
    """CloudWatch may answer newest first; a sparkline reads from left to right."""
    result = {"Timestamps": ["2026-01-31T03:01:00+00:00", "2026-01-31T03:00:00+00:00"], "Values": [2.0, 1.0]}
    series = parse_series({"MetricDataResults": [result]}, MetricRef("n", "m"))
    assert [value for _, value in series.points] == [1.0, 2.0]


def test_revisions_in_words():
    """What is deployed: task definition of an AppSpec in JSON or YAML, S3 object, commit."""
    arn = "arn:aws:ecs:us-east-1:123456789012:task-definition/syncwell-worker:7"
    as_json = json.dumps({"Resources": [{"T": {"Properties": {"TaskDefinition": arn}}}]})
    as_yaml = f"Resources:\n  - T:\n      Properties:\n        TaskDefinition: {arn}\n"
    assert revision_words({"appSpecContent": {"content": as_json}}) == "syncwell-worker:7"
    assert revision_words({"string": {"content": as_yaml}}) == "syncwell-worker:7"
    assert revision_words({"s3Location": {"bucket": "b", "key": "k.zip"}}) == "s3://b/k.zip"
    assert (
        revision_words({"gitHubLocation": {"repository": "o/r", "commitId": "0123456789abcdef"}}) == "o/r@0123456789ab"
    )
    assert revision_words({}) == ""


def test_deployment_links_and_targets():
    """Rollback links both ways, lifecycle events and the traffic of both task sets."""
    info = {
        "deploymentId": "d-1",
        "status": "Stopped",
        "rollbackInfo": {"rollbackDeploymentId": "d-2", "rollbackTriggeringDeploymentId": "d-0"},
        "errorInformation": {"code": "ALARM_ACTIVE", "message": "alarm"},
    }
    deployment = parse_deployment(info, "us-east-1")
    assert (deployment.rolled_back_by, deployment.rollback_of) == ("d-2", "d-0")
    assert deployment.error_code == "ALARM_ACTIVE"
    task_sets = [
        {"taskSetLabel": "Blue", "trafficWeight": 90.0, "runningCount": 4, "desiredCount": 4, "identifer": "ecs-svc/1"},
        {"taskSetLabel": "Green", "trafficWeight": 10.0},
    ]
    events = [{"lifecycleEventName": "Install", "status": "Succeeded", "startTime": "2026-01-31T03:00:00+00:00"}]
    target = {"targetId": "t", "status": "InProgress", "lifecycleEvents": events, "taskSetsInfo": task_sets}
    (parsed,) = parse_targets({"deploymentTargets": [{"ecsTarget": target}, {"newTarget": {}}]})
    assert [(item.label, item.traffic_percent) for item in parsed.task_sets] == [("BLUE", 90.0), ("GREEN", 10.0)]
    assert parsed.task_sets[0].task_set_id == "ecs-svc/1"
    assert parsed.events[0].name == "Install"


def test_protection_without_pitr_has_no_window():
    """A window is shown only where point-in-time recovery is on."""
    recovery = {
        "PointInTimeRecoveryStatus": "DISABLED",
        "EarliestRestorableDateTime": "2026-01-31T03:00:00+00:00",
    }
    backups = {"ContinuousBackupsDescription": {"PointInTimeRecoveryDescription": recovery}}
    table = parse_protection("T", "us-east-1", {"Table": {"TableStatus": "ACTIVE"}}, backups)
    assert (table.pitr_enabled, table.earliest, table.status) == (False, None, "ACTIVE")


def test_restore_names_its_source():
    """The source table comes out of its ARN."""
    summary = {
        "SourceTableArn": "arn:aws:dynamodb:us-east-1:123456789012:table/SyncWellMetadata",
        "RestoreDateTime": "2026-01-31T03:00:00+00:00",
        "RestoreInProgress": True,
    }
    restore = parse_restore("new", "us-east-1", {"Table": {"TableStatus": "CREATING", "RestoreSummary": summary}})
    assert restore is not None
    assert (restore.source_table, restore.in_progress) == ("SyncWellMetadata", True)
    assert parse_restore("new", "us-east-1", {"Table": {}}) is None
