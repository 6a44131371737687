"""One sweep of each feed: what it reads, what it remembers, what it leaves out."""

from datetime import timedelta

import pytest

from cockpit.aws.port import ReadFailed
from cockpit.config.schema import Watch
from cockpit.feeds import details
from cockpit.feeds.alarms import AlarmSweep
from cockpit.feeds.deployments import DeploymentSweep
from cockpit.feeds.restores import LOOK_AGAIN, WINDOWS_PER_SWEEP, RestoreSweep
from cockpit.model.alarm import Alarm, AlarmState, MetricRef
from cockpit.model.reading import FaultKind
from support.feed_port import NOW, ScriptedPort, StillClock, fault


def _alarm(name, state="OK"):
    return {"AlarmName": name, "StateValue": state}


async def test_alarms_are_sorted_and_filtered():
    """The most alarming first, then by name; what matches no pattern is left out."""
    items = [_alarm("b-ok"), _alarm("a-ok"), _alarm("b-fire", "ALARM"), _alarm("b-new", "X"), _alarm("other", "ALARM")]
    port = ScriptedPort({"DescribeAlarms": {"MetricAlarms": items}})
    alarms = await AlarmSweep(port, "us-east-1", ("a-*", "b-*")).sweep()
    assert [alarm.name for alarm in alarms] == ["b-fire", "b-new", "a-ok", "b-ok"]


async def test_one_prefix_is_left_to_cloudwatch():
    """One plain prefix narrows the calls themselves; everything else is filtered here."""
    for patterns, prefix in ((("syncwell-*",), "syncwell-"), (("*",), None), (("a*b*",), None), (("a*", "b*"), None)):
        port = ScriptedPort()
        await AlarmSweep(port, "us-east-1", patterns).sweep()
        assert port.params[0][1].get("AlarmNamePrefix") == prefix
        assert "CompositeAlarm" in port.params[0][1]["AlarmTypes"]


async def test_unchanged_alarms_are_not_parsed_again():
    """Ten thousand alarms of which none changed must cost next to nothing."""
    port = ScriptedPort({"DescribeAlarms": {"MetricAlarms": [_alarm("a")]}})
    sweep = AlarmSweep(port, "us-east-1", ("*",))
    first, second = await sweep.sweep(), await sweep.sweep()
    assert first[0] is second[0]
    port.script["DescribeAlarms"] = {"MetricAlarms": [_alarm("a", "ALARM")]}
    assert (await sweep.sweep())[0].state is AlarmState.ALARM


async def test_all_pages_of_alarms_are_read():
    """An alarm on the second page must not be missing; a page that repeats for ever is a failure, not the end."""
    pages = {
        None: {"MetricAlarms": [_alarm("a")], "NextToken": "2"},
        "2": {"MetricAlarms": [_alarm("b", "ALARM")]},
    }
    port = ScriptedPort({"DescribeAlarms": lambda params: pages[params.get("NextToken")]})
    sweep = AlarmSweep(port, "us-east-1", ("*",))
    assert [alarm.name for alarm in await sweep.sweep()] == ["b", "a"]
    pages["2"]["NextToken"] = "2"
    with pytest.raises(ReadFailed, match="repeats a page"):
        await sweep.sweep()


def _info(deployment_id, status, minutes_ago, application="app"):
    created = NOW - timedelta(minutes=minutes_ago)
    ended = {} if status == "InProgress" else {"completeTime": created.isoformat()}
    return {
        "deploymentId": deployment_id,
        "applicationName": application,
        "status": status,
        "createTime": created.isoformat(),
        **ended,
    }


def _deployment_script(infos):
    by_id = {info["deploymentId"]: info for info in infos}
    return {
        "ListDeployments": {"deployments": list(by_id)},
        "BatchGetDeployments": lambda params: {"deploymentsInfo": [by_id[key] for key in params["deploymentIds"]]},
        "ListDeploymentTargets": {"targetIds": ["t"]},
        "BatchGetDeploymentTargets": {"deploymentTargets": [{"ecsTarget": {"targetId": "t", "status": "InProgress"}}]},
    }


async def test_deployments_newest_first_running_ones_with_targets():
    """Order by creation; only what runs costs calls for its targets."""
    infos = [_info("d-old", "Succeeded", 300), _info("d-run", "InProgress", 5), _info("d-fail", "Failed", 60)]
    port = ScriptedPort(_deployment_script(infos))
    deployments = await DeploymentSweep(port, "us-east-1", Watch(), StillClock()).sweep()
    assert [item.deployment_id for item in deployments] == ["d-run", "d-fail", "d-old"]
    assert [len(item.targets) for item in deployments] == [1, 0, 0]
    assert port.calls["ListDeploymentTargets"] == 1


async def test_settled_deployments_are_read_once_and_dropped_with_the_window():
    """What ended long ago is not asked for again, and vanishes when the list no longer has it."""
    port = ScriptedPort(_deployment_script([_info("d-old", "Succeeded", 300), _info("d-run", "InProgress", 5)]))
    sweep = DeploymentSweep(port, "us-east-1", Watch(), StillClock())
    await sweep.sweep()
    await sweep.sweep()
    asked = [params["deploymentIds"] for operation, params in port.params if operation == "BatchGetDeployments"]
    assert asked == [["d-old", "d-run"], ["d-run"]]
    port.script |= _deployment_script([_info("d-run", "InProgress", 5)])
    assert [item.deployment_id for item in await sweep.sweep()] == ["d-run"]


async def test_many_deployments_are_read_in_batches():
    """CodeDeploy takes at most 25 at once."""
    port = ScriptedPort(_deployment_script([_info(f"d-{n}", "Succeeded", n) for n in range(60)]))
    assert len(await DeploymentSweep(port, "us-east-1", Watch(), StillClock()).sweep()) == 60
    assert port.calls["BatchGetDeployments"] == 3


async def test_deployments_of_other_applications_are_left_out():
    """The configuration narrows."""
    port = ScriptedPort(_deployment_script([_info("d-1", "Failed", 1, "a"), _info("d-2", "Failed", 2, "b")]))
    watch = Watch(applications=("b",))
    deployments = await DeploymentSweep(port, "us-east-1", watch, StillClock()).sweep()
    assert [item.deployment_id for item in deployments] == ["d-2"]


async def test_a_deployment_without_targets_yet_is_shown():
    """CodeDeploy refuses to list targets of a deployment that has just begun: no reason to blank the pane."""
    script = _deployment_script([_info("d-run", "InProgress", 0)])
    port = ScriptedPort(script | {"ListDeploymentTargets": fault(FaultKind.REJECTED)})
    (deployment,) = await DeploymentSweep(port, "us-east-1", Watch(), StillClock()).sweep()
    assert deployment.targets == ()


def _table(status="ACTIVE", restore=None):
    table = {"TableStatus": status, "CreationDateTime": (NOW - timedelta(minutes=10)).isoformat()}
    return {"Table": table | ({"RestoreSummary": restore} if restore else {})}


def _backups(*, enabled):
    recovery = {
        "PointInTimeRecoveryStatus": "ENABLED" if enabled else "DISABLED",
        "EarliestRestorableDateTime": (NOW - timedelta(days=7)).isoformat(),
        "LatestRestorableDateTime": (NOW - timedelta(minutes=5)).isoformat(),
    }
    return {"ContinuousBackupsDescription": {"PointInTimeRecoveryDescription": recovery}}


def _table_script(tables):
    return {
        "ListTables": {"TableNames": list(tables)},
        "DescribeTable": lambda params: tables[params["TableName"]][0],
        "DescribeContinuousBackups": lambda params: tables[params["TableName"]][1],
    }


RESTORING = {"SourceTableArn": "arn:aws:dynamodb:us-east-1:1:table/a", "RestoreInProgress": True}


async def test_board_shows_protected_tables_and_restores():
    """Tables with a window, and the restore that runs; a table without PITR is left out."""
    tables = {
        "a": (_table(), _backups(enabled=True)),
        "b": (_table(), _backups(enabled=False)),
        "c": (_table("CREATING", RESTORING), fault(FaultKind.NOT_FOUND)),
    }
    board = await RestoreSweep(ScriptedPort(_table_script(tables)), "us-east-1", (), StillClock()).sweep()
    assert [table.table for table in board.tables] == ["a"]
    assert board.tables[0].latest == NOW - timedelta(minutes=5)
    assert [(item.table, item.source_table, item.in_progress) for item in board.restores] == [("c", "a", True)]
    assert board.gaps == ()


async def test_named_tables_are_shown_even_without_pitr():
    """Who names a table wants to see that it has no recovery."""
    tables = {"a": (_table(), _backups(enabled=True)), "b": (_table(), _backups(enabled=False))}
    board = await RestoreSweep(ScriptedPort(_table_script(tables)), "us-east-1", ("b",), StillClock()).sweep()
    assert [(table.table, table.pitr_enabled) for table in board.tables] == [("b", False)]


async def test_sweeps_after_the_first_cost_little():
    """Of a hundred tables a later sweep looks only at a handful of windows; the rest are looked at again in time."""
    tables = {f"t{n:03}": (_table(), _backups(enabled=n < 30)) for n in range(100)}
    port, clock = ScriptedPort(_table_script(tables)), StillClock()
    sweep = RestoreSweep(port, "us-east-1", (), clock)
    await sweep.sweep()
    assert port.calls["DescribeTable"] == 100
    clock.at += timedelta(seconds=10)
    assert len((await sweep.sweep()).tables) == 30
    assert port.calls["DescribeTable"] == 100 + WINDOWS_PER_SWEEP
    clock.at += LOOK_AGAIN + timedelta(seconds=1)
    await sweep.sweep()
    assert port.calls["DescribeTable"] == 200 + WINDOWS_PER_SWEEP


async def test_one_unreadable_table_is_a_gap_and_not_the_end():
    """A table one may not look at must not hide the others, nor be passed over in silence."""
    tables = {"a": (_table(), _backups(enabled=True)), "secret": (fault(FaultKind.DENIED), {})}
    board = await RestoreSweep(ScriptedPort(_table_script(tables)), "us-east-1", (), StillClock()).sweep()
    assert [table.table for table in board.tables] == ["a"]
    assert board.gaps == ("secret: no answer (denied)",)


async def test_nothing_readable_fails():
    """If no table can be looked at the pane says so instead of showing none."""
    tables = {"a": (fault(FaultKind.DENIED), {}), "b": (fault(FaultKind.DENIED), {})}
    with pytest.raises(ReadFailed):
        await RestoreSweep(ScriptedPort(_table_script(tables)), "us-east-1", (), StillClock()).sweep()


async def test_deleted_tables_vanish():
    """A table that went between listing and looking is no trouble."""
    tables = {"a": (_table(), _backups(enabled=True)), "gone": (fault(FaultKind.NOT_FOUND), {})}
    port = ScriptedPort(_table_script(tables))
    sweep = RestoreSweep(port, "us-east-1", (), StillClock())
    assert (await sweep.sweep()).gaps == ()
    port.script["ListTables"] = {"TableNames": []}
    assert (await sweep.sweep()).tables == ()


async def test_series_of_a_metric_alarm():
    """The sparkline asks for what the alarm evaluates; an alarm without a metric has none."""
    metric = MetricRef("SyncWell", "Errors", (("Service", "worker"),), "p99", 60)
    alarm = Alarm("a", "us-east-1", AlarmState.ALARM, "ALARM", "", None, metric=metric)
    port = ScriptedPort({"GetMetricData": {"MetricDataResults": [{"Timestamps": [NOW.isoformat()], "Values": [3.0]}]}})
    series = await details.alarm_series(port, alarm, NOW)
    assert series is not None
    assert series.points == ((NOW, 3.0),)
    query = port.params[0][1]["MetricDataQueries"][0]["MetricStat"]
    assert (query["Stat"], query["Period"], query["Metric"]["Namespace"]) == ("p99", 60, "SyncWell")
    composite = Alarm("c", "us-east-1", AlarmState.OK, "OK", "", None, rule="ALARM(a)")
    assert await details.alarm_series(port, composite, NOW) is None
