"""How many clients are connected to an Aurora cluster, from CloudWatch."""

from datetime import datetime, timedelta

from pydantic import JsonValue

from cockpit.aws.parse import moment, structures, texts
from cockpit.engine.actions.base import StepContext
from cockpit.engine.paged import read_pages
from cockpit.plans.functions import iso

CONNECTIONS = "AWS/RDS/DatabaseConnections"

_MINUTE = timedelta(minutes=1)


async def read_connections(context: StepContext, cluster: str, since: datetime) -> dict[datetime, float]:
    """Return the most connections that were open, by the start of each minute that was measured; a 0 is there too.

    Raises:
        ReadFailed: CloudWatch gave no answer.
    """
    namespace, _, name = CONNECTIONS.rpartition("/")
    metric: JsonValue = {
        "Namespace": namespace,
        "MetricName": name,
        "Dimensions": [{"Name": "DBClusterIdentifier", "Value": cluster}],
    }
    params: dict[str, JsonValue] = {
        "MetricDataQueries": [{"Id": "open", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Maximum"}}],
        "StartTime": iso(since.replace(second=0, microsecond=0)),
        "EndTime": iso(context.clock.now().replace(second=0, microsecond=0) + _MINUTE),
        "ScanBy": "TimestampAscending",
    }
    found: dict[datetime, float] = {}
    for page in await read_pages(context, "cloudwatch", "GetMetricData", params):
        for result in structures(page, "MetricDataResults"):
            values = result.get("Values")
            stamps = texts(result, "Timestamps")
            for stamp, value in zip(stamps, values if isinstance(values, list) else (), strict=False):
                at = moment({"at": stamp}, "at")
                if at is not None and isinstance(value, int | float):
                    found[at] = float(value)
    return found
