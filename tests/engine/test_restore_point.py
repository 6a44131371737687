"""Choosing a restore point: what the timeline shows, what is proposed, what is refused."""

import json
from datetime import datetime, timedelta
from typing import Any

from pydantic import JsonValue

from cockpit.engine.actions.restore_point import RestorePointAction
from cockpit.engine.commands import ChooseRestorePoint
from cockpit.engine.prompts import RestorePointPrompt
from cockpit.engine.records import LossMeasured, WritesHalted
from cockpit.model.effect import Outcome
from cockpit.model.loss_window import WindowEnd
from cockpit.model.reading import Fault, FaultKind
from cockpit.plans.actions.restore_point import RestorePointSpec
from cockpit.plans.functions import iso
from support.action_bench import START, Bench, ScriptedPort, a_plan, denied

MINUTE = timedelta(minutes=1)
SHIPPED = START - 38 * MINUTE
SPEC: dict[str, Any] = {
    "table": "T",
    "application": "app",
    "group": "group",
    "alarms": ["app-*"],
    "log_onset": {"log_group": "/app", "pattern": "OVERWRITTEN"},
    "suspect": "d-BAD",
    "configuration": {"read": "appconfig:ListDeployments", "params": {"ApplicationId": "a", "EnvironmentId": "e"}},
    "writes": {"metric_namespace": "App", "metric_name": "Writes"},
}


def aws() -> ScriptedPort:
    """Return an AWS that tells the story: a deployment, then an alarm, log lines, and writes each half minute."""

    def deployments(params: dict[str, JsonValue]) -> dict[str, JsonValue]:
        times = {"d-GOOD": START - 300 * MINUTE, "d-BAD": SHIPPED + timedelta(milliseconds=400)}
        asked = params["deploymentIds"]
        assert isinstance(asked, list)
        return {
            "deploymentsInfo": [
                {
                    "deploymentId": name,
                    "status": "Succeeded",
                    "createTime": iso(times[str(name)] - MINUTE),
                    "startTime": iso(times[str(name)]),
                    "completeTime": iso(times[str(name)] + 5 * MINUTE),
                }
                for name in asked
            ]
        }

    def counts(params: dict[str, JsonValue]) -> dict[str, JsonValue]:
        begin, end = (datetime.fromisoformat(str(params[name])) for name in ("StartTime", "EndTime"))
        stamps = [START - timedelta(seconds=30 * number + 7) for number in range(1, 200)]
        known: list[JsonValue] = [iso(at) for at in stamps if begin <= at < end]
        return {"MetricDataResults": [{"Id": "m0", "Timestamps": known, "Values": [2.0] * len(known)}]}

    transition = {"oldState": {"stateValue": "OK"}, "newState": {"stateValue": "ALARM"}}
    return ScriptedPort(
        {
            ("dynamodb", "DescribeContinuousBackups"): window(START - 400 * MINUTE, START - 5 * MINUTE),
            ("codedeploy", "ListDeployments"): {"deployments": ["d-BAD", "d-GOOD"]},
            ("codedeploy", "BatchGetDeployments"): deployments,
            ("cloudwatch", "DescribeAlarms"): {
                "MetricAlarms": [{"AlarmName": "app-errors\x1b[31m"}, {"AlarmName": "else"}]
            },
            ("cloudwatch", "DescribeAlarmHistory"): {
                "AlarmHistoryItems": [
                    {"Timestamp": iso(SHIPPED + 6 * MINUTE), "HistoryData": json.dumps(transition)},
                    {"Timestamp": iso(SHIPPED + 7 * MINUTE), "HistoryData": "broken"},
                ]
            },
            ("logs", "FilterLogEvents"): lambda p: (
                {"events": [{"timestamp": int((SHIPPED + 2 * MINUTE).timestamp() * 1000)}]}
                if p.get("nextToken")
                else {"events": [], "nextToken": "1"}
            ),
            ("appconfig", "ListDeployments"): {
                "Items": [
                    {
                        "ConfigurationName": "runtime",
                        "ConfigurationVersion": "7",
                        "State": "COMPLETE",
                        "StartedAt": iso(START - 100 * MINUTE),
                        "CompletedAt": iso(START - 90 * MINUTE),
                    }
                ]
            },
            ("cloudwatch", "ListMetrics"): {"Metrics": [{"Dimensions": []}]},
            ("cloudwatch", "GetMetricData"): counts,
        }
    )


def window(earliest: datetime, latest: datetime) -> dict[str, JsonValue]:
    """Return the answer about the restorable window."""
    description: dict[str, JsonValue] = {
        "PointInTimeRecoveryStatus": "ENABLED",
        "EarliestRestorableDateTime": iso(earliest),
        "LatestRestorableDateTime": iso(latest),
    }
    return {"ContinuousBackupsDescription": {"PointInTimeRecoveryDescription": description}}


def bench(*, chosen: tuple[datetime, ...] = (SHIPPED - timedelta(seconds=1),), **spec: Any) -> Bench:
    """Return a bench whose operator chooses these seconds, one after another."""
    people = [lambda _, moment=moment: ChooseRestorePoint("step", 1, moment) for moment in chosen]
    return Bench(a_plan({"restore_point": {**SPEC, **spec}}), port=aws(), people=people)


async def perform(context: Bench):
    """Carry out the bench's step."""
    assert isinstance(context.step.action, RestorePointSpec)
    return await RestorePointAction().perform(context, context.step.action)


def prompt(context: Bench, number: int = 0) -> RestorePointPrompt:
    """Return what was asked."""
    asked = context.prompts[number]
    assert isinstance(asked, RestorePointPrompt)
    return asked


async def test_everything_that_happened_is_on_one_axis():
    """The operator judges by deployments, alarms, log and configuration together (RQ-18)."""
    context = bench()
    await perform(context)
    marks = prompt(context).marks
    assert [mark.at for mark in marks] == sorted(mark.at for mark in marks)
    assert [(mark.kind, mark.label) for mark in marks if mark.suspect] == [("deployment", "d-BAD started")]
    labels = {mark.label for mark in marks}
    assert {
        "d-GOOD started",
        "d-BAD ended: Succeeded",
        "app-errors ALARM",
        "first OVERWRITTEN in /app",
        "configuration runtime version 7: COMPLETE",
    } <= labels
    assert prompt(context).gaps == ()


async def test_the_second_before_the_suspect_is_proposed_and_latest_is_not():
    """S0:118; after corruption "latest" restores the corruption."""
    context = bench()
    await perform(context)
    asked = prompt(context)
    assert asked.proposal == SHIPPED - timedelta(seconds=1)
    assert asked.proposal != asked.latest


async def test_the_choice_is_kept_and_the_loss_measured():
    """The restore takes exactly this second, and the loss that is accepted later is counted from it."""
    context = bench()
    context.record(WritesHalted(at=START - MINUTE, proven=True, basis="x"))
    result = await perform(context)
    assert result.captured == {
        "answer": iso(SHIPPED - timedelta(seconds=1)),
        "suspect_at": iso(SHIPPED + timedelta(milliseconds=400)),
    }
    (measured,) = [record for record in context.records if isinstance(record, LossMeasured)]
    assert (measured.start, measured.end) == (SHIPPED - timedelta(seconds=1), START - MINUTE)
    assert measured.end_basis == WindowEnd.PROVEN_HALT
    assert context.state().loss is not None


async def test_a_second_outside_the_window_is_refused_in_words():
    """E-81: AWS would refuse it after the confirmation; the window of that moment counts, not the shown one."""
    late = START - 2 * MINUTE
    context = bench(chosen=(late, SHIPPED - MINUTE))
    result = await perform(context)
    assert result.captured["answer"] == iso(SHIPPED - MINUTE)
    assert "cannot be restored to: the window is" in prompt(context, 1).gaps[0]


async def test_a_source_that_cannot_be_read_is_a_gap():
    """At night one denied call must not keep the operator from choosing by what is known."""
    context = bench()
    context.port.answers["cloudwatch", "DescribeAlarms"] = denied("cloudwatch:DescribeAlarms")
    context.port.answers["cloudwatch", "GetMetricData"] = Fault(FaultKind.THROTTLED, "CloudWatch throttles")
    context.port.answers["logs", "FilterLogEvents"] = {"events": []}
    result = await perform(context)
    asked = prompt(context)
    assert result.outcome is Outcome.DONE
    assert any(gap.startswith("alarms: not allowed") for gap in asked.gaps)
    assert any(gap.startswith("writes: CloudWatch throttles") for gap in asked.gaps)
    assert any(gap.startswith("logs: no line of /app") for gap in asked.gaps)
    assert (asked.buckets, asked.basis) == ((), "")
    assert any(mark.suspect for mark in asked.marks)


async def test_without_a_suspect_nothing_is_proposed():
    """Damage that no deployment brought: the operator reads the traces, the cockpit does not guess."""
    context = bench(suspect=None)
    await perform(context)
    assert prompt(context).proposal is None
    assert "nothing is suspect" in prompt(context).gaps[0]


async def test_a_suspect_before_the_window_is_said():
    """If no good second is left the operator must know that before choosing."""
    context = bench(chosen=(START - 10 * MINUTE,))
    context.port.answers["dynamodb", "DescribeContinuousBackups"] = window(START - 20 * MINUTE, START - 5 * MINUTE)
    await perform(context)
    assert prompt(context).proposal is None
    assert "older than the restorable window" in prompt(context).gaps[0]


async def test_recovery_that_is_off_fails_before_anybody_is_asked():
    """There is nothing to choose if the table has no continuous backups."""
    context = bench()
    context.port.answers["dynamodb", "DescribeContinuousBackups"] = {"ContinuousBackupsDescription": {}}
    result = await perform(context)
    assert (result.outcome, "is off" in result.reason, context.prompts) == (Outcome.FAILED, True, [])


async def test_writes_are_counted_for_every_second_that_can_be_chosen():
    """A bucket that is missing for older seconds would show too small a loss there."""
    context = bench()
    await perform(context)
    asked = prompt(context)
    assert asked.period == 1
    assert len(asked.buckets) == 199
    assert asked.buckets[0].at >= asked.earliest


async def test_without_a_group_every_group_of_the_application_is_read():
    """CodeDeploy refuses an application without a group; a deployment of another group may be the cause."""
    context = bench(group=None)
    context.port.answers["codedeploy", "ListDeploymentGroups"] = {"deploymentGroups": ["one", "two"]}
    await perform(context)
    asked = [
        params["deploymentGroupName"]
        for _, name, params in context.port.sent
        if "ApplicationId" not in params and name == "ListDeployments"
    ]
    assert asked == ["one", "two"]


async def test_alarms_are_asked_by_the_prefix_of_their_pattern():
    """An account with ten thousand alarms must not be read whole for the few that matter."""
    context = bench(alarms=["app-*"])
    await perform(context)
    asked = [params for _, name, params in context.port.sent if name == "DescribeAlarms"]
    assert [params["AlarmNamePrefix"] for params in asked] == ["app-"]
    histories = [params["AlarmName"] for _, name, params in context.port.sent if name == "DescribeAlarmHistory"]
    assert histories == ["app-errors\x1b[31m"]
