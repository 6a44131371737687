"""What a DynamoDB table has beside its data, as far as a point-in-time restore drops it (E-05, AWS-FACTS 2).

`read_settings` takes a picture of a table, `engine.table_differences` compares two.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace

from pydantic import JsonValue

from cockpit.aws.parse import number, structure, structures, text
from cockpit.aws.port import ReadFailed
from cockpit.engine.actions.base import StepContext
from cockpit.engine.paged import JsonObject, read_pages
from cockpit.model.reading import FaultKind
from cockpit.model.text import clean
from cockpit.plans.actions.carry_settings import DeclaredSettings


@dataclass(frozen=True, slots=True)
class TableSettings:
    """The settings of one table. Objects are as AWS sends them, without what only describes the moment.

    Attributes:
        recovery_days: length of the point-in-time-recovery window; None while it is off.
        expiry: attribute of the time to live; empty while it is off.
        stream: view type of the stream; empty without one.
        policy: resource policy as JSON text; empty without one.
        targets, policies: Application Auto Scaling targets and policies of the table and its indexes.
        alarms: CloudWatch metric alarms with the table as dimension.
        replicas: regions of a global table.
        unread: what could not be read, name to reason; those settings cannot be compared.
    """

    table: str
    arn: str
    recovery_days: int | None = None
    expiry: str = ""
    stream: str = ""
    protected: bool = False
    table_class: str = "STANDARD"
    tags: dict[str, str] = field(default_factory=dict)
    policy: str = ""
    targets: tuple[JsonObject, ...] = ()
    policies: tuple[JsonObject, ...] = ()
    alarms: tuple[JsonObject, ...] = ()
    replicas: tuple[str, ...] = ()
    unread: dict[str, str] = field(default_factory=dict)


class AlarmList:
    """The account's metric alarms, read once for both tables: there may be thousands, at nine pages a second."""

    def __init__(self) -> None:
        self._alarms: list[JsonObject] | None = None

    async def read(self, context: StepContext) -> list[JsonObject]:
        """Return all metric alarms.

        Raises:
            ReadFailed: CloudWatch gave no answer.
        """
        if self._alarms is None:
            wanted: JsonObject = {"AlarmTypes": ["MetricAlarm"], "MaxRecords": 100}
            pages = await read_pages(context, "cloudwatch", "DescribeAlarms", wanted)
            self._alarms = [alarm for page in pages for alarm in structures(page, "MetricAlarms")]
        return self._alarms


async def read_settings(context: StepContext, table: str, alarms: AlarmList) -> TableSettings:
    """Read all settings of a table. What the caller may not read is named in `unread`.

    Raises:
        ReadFailed: the table itself could not be read, or AWS did not answer.
    """
    described = structure(await context.call_read("dynamodb", "DescribeTable", {"TableName": table}), "Table")
    stream = structure(described, "StreamSpecification")
    settings = TableSettings(
        table=table,
        arn=text(described, "TableArn"),
        stream=text(stream, "StreamViewType") if stream.get("StreamEnabled") else "",
        protected=described.get("DeletionProtectionEnabled") is True,
        table_class=text(structure(described, "TableClassSummary"), "TableClass") or "STANDARD",
        replicas=tuple(text(replica, "RegionName") for replica in structures(described, "Replicas")),
    )
    readers = (*_READERS, ("alarms", lambda context, settings: _with_alarms(context, settings, alarms)))
    for name, reader in readers:
        try:
            settings = await reader(context, settings)
        except ReadFailed as failure:
            if failure.fault.kind not in (FaultKind.DENIED, FaultKind.REJECTED):
                raise
            settings = replace(settings, unread={**settings.unread, name: clean(failure.fault.message)})
    return settings


def declared_settings(table: str, declared: DeclaredSettings) -> TableSettings:
    """Return settings as somebody has written them down; what nobody writes down is named in `unread`."""
    why = "the table's region does not answer"
    return TableSettings(
        table=table,
        arn="",
        recovery_days=declared.recovery_days,
        expiry=declared.time_to_live,
        stream=declared.stream or "",
        protected=declared.deletion_protection,
        table_class=declared.table_class,
        tags=dict(declared.tags),
        unread=dict.fromkeys(("resource policy", "auto scaling", "alarms"), why),
    )


async def _read_recovery(context: StepContext, settings: TableSettings) -> TableSettings:
    answer = await context.call_read("dynamodb", "DescribeContinuousBackups", {"TableName": settings.table})
    recovery = structure(structure(answer, "ContinuousBackupsDescription"), "PointInTimeRecoveryDescription")
    if text(recovery, "PointInTimeRecoveryStatus") != "ENABLED":
        return settings
    return replace(settings, recovery_days=int(number(recovery, "RecoveryPeriodInDays") or 35))


async def _read_expiry(context: StepContext, settings: TableSettings) -> TableSettings:
    answer = await context.call_read("dynamodb", "DescribeTimeToLive", {"TableName": settings.table})
    expiry = structure(answer, "TimeToLiveDescription")
    enabled = text(expiry, "TimeToLiveStatus") in ("ENABLED", "ENABLING")
    return replace(settings, expiry=str(expiry.get("AttributeName") or "")) if enabled else settings


async def _read_tags(context: StepContext, settings: TableSettings) -> TableSettings:
    pages = await read_pages(context, "dynamodb", "ListTagsOfResource", {"ResourceArn": settings.arn})
    tags = {str(tag.get("Key")): str(tag.get("Value") or "") for page in pages for tag in structures(page, "Tags")}
    return replace(settings, tags={key: value for key, value in tags.items() if not key.startswith("aws:")})


async def _read_policy(context: StepContext, settings: TableSettings) -> TableSettings:
    try:
        answer = await context.call_read("dynamodb", "GetResourcePolicy", {"ResourceArn": settings.arn})
    except ReadFailed as failure:
        if failure.fault.code == "PolicyNotFoundException" or failure.fault.kind is FaultKind.NOT_FOUND:
            return settings
        raise
    return replace(settings, policy=str(answer.get("Policy") or ""))


async def _read_scaling(context: StepContext, settings: TableSettings) -> TableSettings:
    def ours(found: JsonObject) -> bool:
        resource = str(found.get("ResourceId"))
        return resource == f"table/{settings.table}" or resource.startswith(f"table/{settings.table}/index/")

    space: dict[str, JsonValue] = {"ServiceNamespace": "dynamodb"}
    service = "application-autoscaling"
    targets = await read_pages(context, service, "DescribeScalableTargets", space)
    policies = await read_pages(context, service, "DescribeScalingPolicies", space)
    return replace(
        settings,
        targets=tuple(found for page in targets for found in structures(page, "ScalableTargets") if ours(found)),
        policies=tuple(found for page in policies for found in structures(page, "ScalingPolicies") if ours(found)),
    )


async def _with_alarms(context: StepContext, settings: TableSettings, alarms: AlarmList) -> TableSettings:
    """Add the alarms of the table, without those that target tracking makes and keeps by itself."""
    own = tuple(
        alarm
        for alarm in await alarms.read(context)
        if names_table(alarm, settings.table) and not str(alarm.get("AlarmName")).startswith("TargetTracking-")
    )
    return replace(settings, alarms=own)


def names_table(alarm: JsonObject, table: str) -> bool:
    """Tell whether an alarm watches a metric with this table as a dimension."""
    metrics = [alarm, *(structure(structure(query, "MetricStat"), "Metric") for query in structures(alarm, "Metrics"))]
    return any(
        dimension.get("Name") == "TableName" and dimension.get("Value") == table
        for metric in metrics
        for dimension in structures(metric, "Dimensions")
    )


_Reader = Callable[[StepContext, TableSettings], Awaitable[TableSettings]]
_READERS: tuple[tuple[str, _Reader], ...] = (
    ("point-in-time recovery", _read_recovery),
    ("time to live", _read_expiry),
    ("tags", _read_tags),
    ("resource policy", _read_policy),
    ("auto scaling", _read_scaling),
)
