"""What a restored table lacks, and the calls that give it to it. Pure functions over two pictures of settings."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pydantic import JsonValue

from cockpit.aws.parse import text
from cockpit.engine.paged import JsonObject
from cockpit.engine.table_settings import TableSettings
from cockpit.model.text import clean


@dataclass(frozen=True, slots=True)
class Difference:
    """One setting that the restored table lacks, and the call that gives it.

    Attributes:
        setting: its name in words.
        before: what the restored table has now, in words.
        after: what it gets, in words.
    """

    setting: str
    before: str
    after: str
    service: str
    operation: str
    params: JsonObject

    @property
    def words(self) -> str:
        """Return one line: the setting, before and after."""
        return f"{self.setting}: {self.before} \u2192 {self.after}"


def differences(source: TableSettings, restored: TableSettings, policy: str) -> list[Difference]:
    """Return what has to be done to the restored table, in the order in which to do it.

    Recovery comes first, so that a second incident finds a window; alarms last, when what they watch is there.

    Args:
        source: the settings wanted, but for the resource policy.
        restored: the settings there are.
        policy: the resource policy wanted, as JSON text for the source table: the one from before the fence, which
            must not follow the data. Empty: none.
    """
    comparisons: tuple[Callable[[], Iterator[Difference]], ...] = (
        lambda: _recovery(source, restored),
        lambda: _tags(source, restored),
        lambda: _expiry(source, restored),
        lambda: _table_options(source, restored),
        lambda: _policy(source, restored, policy),
        lambda: _scaling(source, restored),
        lambda: _alarms(source, restored),
    )
    unread = set(source.unread) | set(restored.unread)
    found = [difference for compare in comparisons for difference in compare()]
    return [difference for difference in found if _subject(difference) not in unread]


def left_for_people(source: TableSettings, restored: TableSettings) -> tuple[str, ...]:
    """Return what the cockpit does not carry over, one sentence each."""
    lines = [
        f"IAM policies that name table/{source.table} need table/{restored.table} too, with /index/* and /stream/*."
        if restored.table != source.table
        else f"IAM policies that name a region in table/{source.table}'s ARN need the other one.",
        f"Adopt {restored.table} into infrastructure as code before the next apply, or it is dropped or recreated.",
    ]
    if source.stream:
        lines.append(
            f"The stream of {restored.table} is a new one: point its consumers (Lambda event source mappings) at it."
        )
    if source.replicas:
        lines.append(f"{source.table} is a global table ({', '.join(source.replicas)}): add the replicas by hand.")
    if source.alarms:
        names = ", ".join(clean(alarm.get("AlarmName")) for alarm in source.alarms)
        lines.append(
            f"The copies of alarms {names} have new names: tell the composite alarms, deployment groups and AppConfig "
            "monitors that use the old ones."
        )
    unread = {**restored.unread, **source.unread}
    lines += [f"Compare by hand: {setting} could not be read ({reason})." for setting, reason in unread.items()]
    lines.append("Not compared: contributor insights, Kinesis streaming destinations, warm throughput.")
    return tuple(lines)


def renamed(name: str, source: str, restored: str) -> str:
    """Return a name for the restored table's copy: the table's name in it replaced, or else added at its end."""
    return name.replace(source, restored, 1) if source in name else f"{name}-{restored}"


def moved_policy(policy: str, source_arn: str, restored_arn: str) -> str:
    """Return a resource policy that names the restored table where it named the source."""
    if not source_arn:
        return policy
    whole = rf"(?<![A-Za-z0-9_.-]){re.escape(source_arn)}(?![A-Za-z0-9_.-])"
    return re.sub(whole, lambda _: restored_arn, policy)


def _subject(difference: Difference) -> str:
    """Return the name under which a setting that could not be read is listed."""
    return difference.setting.partition(" (")[0]


def _recovery(source: TableSettings, restored: TableSettings) -> Iterator[Difference]:
    days = source.recovery_days
    if days is None or days == restored.recovery_days:
        return
    specification: JsonObject = {"PointInTimeRecoveryEnabled": True, "RecoveryPeriodInDays": days}
    yield Difference(
        "point-in-time recovery",
        "off" if restored.recovery_days is None else f"{restored.recovery_days} days",
        f"{days} days",
        "dynamodb",
        "UpdateContinuousBackups",
        {"TableName": restored.table, "PointInTimeRecoverySpecification": specification},
    )


def _tags(source: TableSettings, restored: TableSettings) -> Iterator[Difference]:
    missing = {key: value for key, value in sorted(source.tags.items()) if restored.tags.get(key) != value}
    if missing:
        yield Difference(
            "tags",
            f"{len(restored.tags)}",
            clean(", ".join(f"{key}={value}" for key, value in missing.items()), 300),
            "dynamodb",
            "TagResource",
            {"ResourceArn": restored.arn, "Tags": [{"Key": key, "Value": value} for key, value in missing.items()]},
        )


def _expiry(source: TableSettings, restored: TableSettings) -> Iterator[Difference]:
    if source.expiry and source.expiry != restored.expiry:
        yield Difference(
            "time to live",
            clean(restored.expiry) or "off",
            clean(source.expiry),
            "dynamodb",
            "UpdateTimeToLive",
            {
                "TableName": restored.table,
                "TimeToLiveSpecification": {"Enabled": True, "AttributeName": source.expiry},
            },
        )


def _table_options(source: TableSettings, restored: TableSettings) -> Iterator[Difference]:
    """One UpdateTable each: DynamoDB takes the changes of a table one by one."""
    if source.stream and source.stream != restored.stream:
        view: JsonObject = {"StreamEnabled": True, "StreamViewType": source.stream}
        yield _update("stream", restored, restored.stream or "off", source.stream, {"StreamSpecification": view})
    if source.table_class != restored.table_class:
        wanted: JsonObject = {"TableClass": source.table_class}
        yield _update("table class", restored, restored.table_class, source.table_class, wanted)
    if source.protected and not restored.protected:
        yield _update("deletion protection", restored, "off", "on", {"DeletionProtectionEnabled": True})


def _update(setting: str, restored: TableSettings, before: str, after: str, change: JsonObject) -> Difference:
    params: JsonObject = {"TableName": restored.table, **change}
    return Difference(setting, before, after, "dynamodb", "UpdateTable", params)


def _policy(source: TableSettings, restored: TableSettings, policy: str) -> Iterator[Difference]:
    wanted = moved_policy(policy, source.arn, restored.arn) if policy else ""
    if wanted and not _same_json(wanted, restored.policy):
        yield Difference(
            "resource policy",
            "another one" if restored.policy else "none",
            "the one from before the fence",
            "dynamodb",
            "PutResourcePolicy",
            {"ResourceArn": restored.arn, "Policy": wanted},
        )


_TARGET_MEMBERS = ("ServiceNamespace", "ScalableDimension", "MinCapacity", "MaxCapacity", "SuspendedState")
_POLICY_MEMBERS = (
    "PolicyName",
    "ServiceNamespace",
    "ScalableDimension",
    "PolicyType",
    "StepScalingPolicyConfiguration",
    "TargetTrackingScalingPolicyConfiguration",
    "PredictiveScalingPolicyConfiguration",
)


def _scaling(source: TableSettings, restored: TableSettings) -> Iterator[Difference]:
    for setting, operation, members, wanted, there in (
        ("auto scaling", "RegisterScalableTarget", _TARGET_MEMBERS, source.targets, restored.targets),
        ("auto scaling", "PutScalingPolicy", _POLICY_MEMBERS, source.policies, restored.policies),
    ):
        present = [_scaling_params(found, members, restored.table, restored.table) for found in there]
        for found in wanted:
            params = _scaling_params(found, members, source.table, restored.table)
            if params not in present:
                what = text(found, "PolicyName") or f"{found.get('MinCapacity')} to {found.get('MaxCapacity')}"
                yield Difference(
                    f"{setting} ({text(found, 'ScalableDimension')})",
                    "none",
                    clean(what),
                    "application-autoscaling",
                    operation,
                    params,
                )


def _scaling_params(found: JsonObject, members: tuple[str, ...], table: str, restored: str) -> JsonObject:
    params: JsonObject = {member: found[member] for member in members if found.get(member) not in (None, {})}
    resource = str(found.get("ResourceId"))
    params["ResourceId"] = f"table/{restored}" + resource.removeprefix(f"table/{table}")
    role = str(found.get("RoleARN") or "")
    if "RoleARN" in found and ":role/aws-service-role/" not in role:
        params["RoleARN"] = role
    return params


_ALARM_MEMBERS = (
    "AlarmDescription",
    "ActionsEnabled",
    "OKActions",
    "AlarmActions",
    "InsufficientDataActions",
    "MetricName",
    "Namespace",
    "Statistic",
    "ExtendedStatistic",
    "Dimensions",
    "Period",
    "Unit",
    "EvaluationPeriods",
    "DatapointsToAlarm",
    "Threshold",
    "ComparisonOperator",
    "TreatMissingData",
    "EvaluateLowSampleCountPercentile",
    "Metrics",
    "ThresholdMetricId",
)


def _alarms(source: TableSettings, restored: TableSettings) -> Iterator[Difference]:
    """The old alarms stay: they watch the table that is kept for forensics. The restored table gets copies."""
    present = {str(alarm.get("AlarmName")) for alarm in restored.alarms}
    for alarm in source.alarms:
        old = str(alarm.get("AlarmName"))
        name = renamed(old, source.table, restored.table)[:255]
        if name in present:
            continue
        params: JsonObject = {"AlarmName": name}
        params |= {member: alarm[member] for member in _ALARM_MEMBERS if alarm.get(member) not in (None, [], "")}
        moved = _with_table(params, source.table, restored.table)
        yield Difference(
            f"alarms ({clean(old)})",
            "none",
            clean(name),
            "cloudwatch",
            "PutMetricAlarm",
            moved if isinstance(moved, dict) else params,
        )


def _with_table(value: JsonValue, source: str, restored: str) -> JsonValue:
    """Return a value in which every dimension TableName names the restored table."""
    if isinstance(value, list):
        return [_with_table(element, source, restored) for element in value]
    if not isinstance(value, dict):
        return value
    if value.get("Name") == "TableName" and value.get("Value") == source:
        return {**value, "Value": restored}
    return {key: _with_table(element, source, restored) for key, element in value.items()}


def _same_json(one: str, other: str) -> bool:
    try:
        return bool(json.loads(one) == json.loads(other))
    except ValueError:
        return one == other
