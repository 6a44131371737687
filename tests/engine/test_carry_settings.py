"""Giving a restored table what a restore drops, with a table that behaves like one."""

import json
from datetime import timedelta
from typing import Any

import pytest
from pydantic import JsonValue

from cockpit.engine import pace
from cockpit.engine.actions.carry_settings import CarrySettingsAction
from cockpit.engine.prompts import PlannedCall
from cockpit.engine.reconcile import CONSISTENCY
from cockpit.engine.records import InputSet, Intent
from cockpit.engine.table_differences import moved_policy, renamed
from cockpit.model.effect import Outcome
from cockpit.plans.actions.carry_settings import CarrySettingsSpec
from cockpit.plans.expressions import ExpressionError
from cockpit.plans.functions import FENCE_SID, write_fence
from support.action_bench import ACCOUNT, REGION, START, Bench, ScriptedPort, a_plan, denied, missing


@pytest.fixture(autouse=True)
def _no_real_waiting(monkeypatch):
    """The bench's clock moves by itself: nothing is gained by waiting for the floor of real seconds."""
    monkeypatch.setattr(pace, "FLOOR", 0)


OLD, NEW = "Configs", "Configs-restored-1"
POLICY: dict[str, Any] = {
    "Version": "2012-10-17",
    "Statement": [
        {"Sid": "Readers", "Effect": "Allow", "Principal": "*", "Action": "dynamodb:GetItem", "Resource": "ARN"}
    ],
}


def arn(table: str) -> str:
    """Return the ARN of a table."""
    return f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{table}"


class Tables:
    """Two tables and what belongs to them, as far as settings go: answers reads, takes changes."""

    def __init__(self) -> None:
        bare: dict[str, Any] = {"TableStatus": "ACTIVE", "DeletionProtectionEnabled": False}
        self.tables: dict[str, dict[str, Any]] = {
            OLD: {
                **bare,
                "TableArn": arn(OLD),
                "DeletionProtectionEnabled": True,
                "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
                "TableClassSummary": {"TableClass": "STANDARD_INFREQUENT_ACCESS"},
            },
            NEW: {**bare, "TableArn": arn(NEW)},
        }
        self.recovery = {OLD: 20}
        self.expiry = {OLD: "expires_at"}
        self.tags: dict[str, dict[str, str]] = {arn(OLD): {"team": "sync", "aws:x": "y"}}
        fenced = write_fence(json.loads(json.dumps(POLICY).replace("ARN", arn(OLD))), arn(OLD))
        self.policies = {arn(OLD): json.dumps(fenced)}
        self.targets = [self._target(OLD)]
        self.scaling = [{**self._target(OLD), "PolicyName": "p", "PolicyType": "TargetTrackingScaling"}]
        self.alarms = [self._alarm("configs-throttled", OLD), self._alarm(f"{OLD}-errors", OLD), self._alarm("o", "Z")]
        self.port = ScriptedPort(
            {
                ("dynamodb", "DescribeTable"): lambda p: self._table(str(p["TableName"])),
                ("dynamodb", "DescribeContinuousBackups"): lambda p: self._backups(str(p["TableName"])),
                ("dynamodb", "DescribeTimeToLive"): lambda p: self._expiry(str(p["TableName"])),
                ("dynamodb", "ListTagsOfResource"): lambda p: {
                    "Tags": [{"Key": k, "Value": v} for k, v in self.tags.get(str(p["ResourceArn"]), {}).items()]
                },
                ("dynamodb", "GetResourcePolicy"): lambda p: self._policy(str(p["ResourceArn"])),
                ("application-autoscaling", "DescribeScalableTargets"): lambda _: {"ScalableTargets": self.targets},
                ("application-autoscaling", "DescribeScalingPolicies"): lambda _: {"ScalingPolicies": self.scaling},
                ("cloudwatch", "DescribeAlarms"): lambda _: {"MetricAlarms": self.alarms},
            }
        )

    @staticmethod
    def _target(table: str) -> dict[str, JsonValue]:
        role = f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/x"
        return {
            "ServiceNamespace": "dynamodb",
            "ResourceId": f"table/{table}",
            "ScalableDimension": "dynamodb:table:WriteCapacityUnits",
            "MinCapacity": 5,
            "MaxCapacity": 50,
            "RoleARN": role,
        }

    @staticmethod
    def _alarm(name: str, table: str) -> dict[str, Any]:
        return {
            "AlarmName": name,
            "StateValue": "OK",
            "Namespace": "AWS/DynamoDB",
            "MetricName": "ThrottledRequests",
            "Dimensions": [{"Name": "TableName", "Value": table}],
            "Period": 60,
            "EvaluationPeriods": 1,
            "Threshold": 1.0,
            "ComparisonOperator": "GreaterThanThreshold",
            "Statistic": "Sum",
            "AlarmActions": ["arn:aws:sns:x"],
        }

    def _table(self, table: str):
        return {"Table": self.tables[table]} if table in self.tables else missing()

    def _backups(self, table: str):
        days = self.recovery.get(table)
        state = {"PointInTimeRecoveryStatus": "ENABLED", "RecoveryPeriodInDays": days} if days else {}
        return {"ContinuousBackupsDescription": {"PointInTimeRecoveryDescription": state}}

    def _expiry(self, table: str):
        attribute = self.expiry.get(table)
        status = {"TimeToLiveStatus": "ENABLED", "AttributeName": attribute} if attribute else {}
        return {"TimeToLiveDescription": status}

    def _policy(self, resource: str):
        found = self.policies.get(resource)
        return {"Policy": found} if found else missing("PolicyNotFoundException")

    def take(self, call: PlannedCall) -> None:
        """Make a change, as AWS would."""
        given: dict[str, Any] = dict(call.params)
        table = str(given.get("TableName"))
        match call.operation:
            case "UpdateContinuousBackups":
                self.recovery[table] = given["PointInTimeRecoverySpecification"]["RecoveryPeriodInDays"]
            case "UpdateTimeToLive":
                self.expiry[table] = given["TimeToLiveSpecification"]["AttributeName"]
            case "TagResource":
                self.tags[given["ResourceArn"]] = {tag["Key"]: tag["Value"] for tag in given["Tags"]}
            case "PutResourcePolicy":
                self.policies[given["ResourceArn"]] = given["Policy"]
            case "UpdateTable":
                change = {key: value for key, value in given.items() if key != "TableName"}
                if "TableClass" in change:
                    change = {"TableClassSummary": change}
                self.tables[table] = {**self.tables[table], **change}
            case "RegisterScalableTarget":
                self.targets.append(given)
            case "PutScalingPolicy":
                self.scaling.append(given)
            case "PutMetricAlarm":
                self.alarms.append(given)
            case other:
                raise AssertionError(other)


def bench(tables: Tables, *, restored: str = NEW, dry: bool = False) -> Bench:
    """Return a bench for the step; the policy is the one from before the fence, still with a fence in it."""
    policy = tables.policies[arn(OLD)].replace("{{", "").replace("}}", "")
    spec = {"source_table": OLD, "restored_table": restored, "policy": "{{ inputs.policy }}"}
    context = Bench(a_plan({"carry_settings": spec}, effect="mutate"), port=tables.port, on_change=tables.take, dry=dry)
    context.record(InputSet(name="policy", value=policy, basis="test"))
    return context


async def verdict_on_expiry(context: Bench):
    """Find out about an UpdateTimeToLive whose answer was lost."""
    assert isinstance(context.step.action, CarrySettingsSpec)
    params: dict[str, JsonValue] = {
        "TableName": NEW,
        "TimeToLiveSpecification": {"Enabled": True, "AttributeName": "expires_at"},
    }
    lost = Intent(
        step="step", attempt=1, call=0, service="dynamodb", operation="UpdateTimeToLive", region=REGION, params=params
    )
    found = await CarrySettingsAction().reconcile(context, context.step.action, lost)
    assert found is not None
    return found.verdict


async def perform(context: Bench):
    """Carry out the bench's step."""
    assert isinstance(context.step.action, CarrySettingsSpec)
    return await CarrySettingsAction().perform(context, context.step.action)


async def test_the_restored_table_gets_every_setting():
    """E-05: without recovery a second incident is final, without time to live expired items return, and so on."""
    tables = Tables()
    context = bench(tables)
    result = await perform(context)
    assert result.outcome is Outcome.DONE, result.reason
    assert tables.recovery[NEW] == 20
    assert tables.expiry[NEW] == "expires_at"
    assert tables.tags[arn(NEW)] == {"team": "sync"}
    restored = tables.tables[NEW]
    assert restored["DeletionProtectionEnabled"] is True
    assert restored["StreamSpecification"]["StreamViewType"] == "NEW_IMAGE"
    assert restored["TableClassSummary"] == {"TableClass": "STANDARD_INFREQUENT_ACCESS"}
    assert [t["ResourceId"] for t in tables.targets] == [f"table/{OLD}", f"table/{NEW}"]
    assert "RoleARN" not in tables.targets[1]
    assert {alarm["AlarmName"] for alarm in tables.alarms[3:]} == {f"configs-throttled-{NEW}", f"{NEW}-errors"}
    assert all(alarm["Dimensions"][0]["Value"] == NEW for alarm in tables.alarms[3:])
    assert all("StateValue" not in alarm for alarm in tables.alarms[3:])


async def test_the_fence_does_not_follow_the_data():
    """A deny-write policy carried over would keep the recovered service from writing."""
    tables = Tables()
    await perform(bench(tables))
    assert FENCE_SID in tables.policies[arn(OLD)]
    carried = json.loads(tables.policies[arn(NEW)])
    assert [statement["Sid"] for statement in carried["Statement"]] == ["Readers"]
    assert carried["Statement"][0]["Resource"] == arn(NEW)


async def test_everything_is_shown_before_anything_is_sent():
    """One confirmation shows every call with before and after; recovery is first, alarms are last."""
    context = bench(Tables())
    await perform(context)
    ((calls, notes),) = context.confirmed
    assert [call.operation for call in calls] == [call.operation for call in context.changed]
    assert calls[0].operation == "UpdateContinuousBackups"
    assert calls[-1].operation == "PutMetricAlarm"
    assert "point-in-time recovery: off \u2192 20 days" in notes
    assert len(notes) == len(calls)


async def test_a_table_that_lacks_nothing_is_left_alone():
    """Done twice (after a crash, or by a retry) the step changes nothing and asks nobody."""
    tables = Tables()
    await perform(bench(tables))
    again = bench(tables)
    result = await perform(again)
    assert (result.outcome, result.captured["applied"]) == (Outcome.DONE, [])
    assert not again.confirmed


async def test_a_setting_that_does_not_arrive_fails_by_name():
    """Eventual consistency is waited for; a setting that never shows up must not pass as done."""
    tables = Tables()
    context = bench(tables)
    context.on_change = lambda call: None if call.operation == "UpdateTimeToLive" else tables.take(call)
    result = await perform(context)
    assert result.outcome is Outcome.FAILED
    assert "time to live: off \u2192 expires_at" in result.reason
    assert "recovery" not in result.reason


async def test_what_may_not_be_read_is_left_for_people():
    """A denied read must neither stop the recovery nor silently drop the setting."""
    tables = Tables()
    tables.port.answers["dynamodb", "ListTagsOfResource"] = denied("dynamodb:ListTagsOfResource")
    result = await perform(bench(tables))
    assert result.outcome is Outcome.DONE
    left = result.captured["left_for_people"]
    assert isinstance(left, list)
    assert any(str(line).startswith("Compare by hand: tags could not be read") for line in left)
    assert arn(NEW) not in tables.tags


async def test_declared_settings_serve_when_the_source_cannot_be_asked():
    """In a regional outage the old table does not answer; what nobody has written down is left for people by name."""
    tables = Tables()
    del tables.tables[OLD]
    context = bench(tables)
    declared = {
        "recovery_days": 35,
        "time_to_live": "expires_at",
        "deletion_protection": True,
        "tags": {"team": "sync"},
    }
    context.record(InputSet(name="settings", value=declared, basis="test"))
    spec = CarrySettingsSpec(source_table=OLD, restored_table=NEW, declared="{{ inputs.settings }}")
    result = await CarrySettingsAction().perform(context, spec)
    assert result.outcome is Outcome.DONE, result.reason
    assert (tables.recovery[NEW], tables.expiry[NEW], tables.tags[arn(NEW)]) == (35, "expires_at", {"team": "sync"})
    assert tables.tables[NEW]["DeletionProtectionEnabled"] is True
    left = " ".join(str(line) for line in result.captured["left_for_people"] or ())
    assert all(f"{name} could not be read" in left for name in ("alarms", "auto scaling", "resource policy"))


async def test_declared_settings_that_are_none_are_refused():
    """A misspelt setting would silently be left out of the restored table."""
    context = bench(Tables())
    context.record(InputSet(name="settings", value={"recovery": 35}, basis="test"))
    spec = CarrySettingsSpec(source_table=OLD, restored_table=NEW, declared="{{ inputs.settings }}")
    with pytest.raises(ExpressionError, match="recovery"):
        await CarrySettingsAction().perform(context, spec)
    assert not context.confirmed


async def test_a_dry_run_shows_all_calls_without_a_restored_table():
    """Before anything is restored a dry run must still show what would be set."""
    tables = Tables()
    context = bench(tables, restored="Configs-later", dry=True)
    result = await perform(context)
    assert result.outcome is Outcome.DONE
    assert {"UpdateContinuousBackups", "UpdateTimeToLive", "UpdateTable"} <= {c.operation for c in context.changed}
    assert "Configs-later" not in tables.recovery


async def test_a_lost_answer_is_found_by_comparing():
    """Whether a call took effect shows in the table itself."""
    tables = Tables()
    context = bench(tables)
    before = await verdict_on_expiry(context)
    assert (context.clock.at - START).total_seconds() >= CONSISTENCY
    tables.expiry[NEW] = "expires_at"
    assert (before, await verdict_on_expiry(context)) == ("not_happened", "happened")


async def test_a_setting_that_shows_late_is_not_sent_again():
    """A change that DynamoDB shows only after a while would be taken for one that did not happen."""
    tables = Tables()
    context = bench(tables)

    def shown_late(params):
        if context.clock.at >= START + timedelta(seconds=30):
            tables.expiry[NEW] = "expires_at"
        return tables._expiry(str(params["TableName"]))

    tables.port.answers["dynamodb", "DescribeTimeToLive"] = shown_late
    assert await verdict_on_expiry(context) == "happened"


def test_only_the_whole_name_moves():
    """A longer table name that begins alike must not be rewritten in a policy; alarms get names of their own."""
    assert moved_policy(f"{arn('T')} {arn('T')}/index/i {arn('T2')}", arn("T"), arn("T-new")) == (
        f"{arn('T-new')} {arn('T-new')}/index/i {arn('T2')}"
    )
    assert renamed("T-errors", "T", "T-new") == "T-new-errors"
    assert renamed("throttled", "T", "T-new") == "throttled-T-new"
