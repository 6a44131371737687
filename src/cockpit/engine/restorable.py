"""What can be restored to a second, a DynamoDB table or an Aurora cluster: the few things in which the two differ."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from cockpit.aws.parse import moment, structure, structures, text
from cockpit.engine.actions.base import StepContext
from cockpit.model.text import clean
from cockpit.plans.actions.restorable import OfRestorable


class NotRestorableError(Exception):
    """There is no window to restore into; the text says so."""


@dataclass(frozen=True, slots=True)
class Restorable:
    """A table or a cluster.

    Attributes:
        name: the table's name, or the cluster's identifier.
    """

    noun: Literal["table", "cluster"]
    name: str

    @property
    def dimension(self) -> tuple[str, str]:
        """Return the CloudWatch dimension by which metrics name it."""
        return ("TableName" if self.noun == "table" else "DBClusterIdentifier", self.name)

    async def window(self, context: StepContext) -> tuple[datetime, datetime]:
        """Return the earliest and the latest restorable second, as they are now (latest moves, E-81).

        Raises:
            ReadFailed: the service gave no answer.
            NotRestorableError: it cannot be restored to any second.
        """
        earliest, latest = await (_of_table if self.noun == "table" else _of_cluster)(context, self.name)
        if earliest is None or latest is None:
            what = f"{self.noun} {clean(self.name)}"
            raise NotRestorableError(
                f"Point-in-time recovery of {what} is off or has not begun: there is nothing to restore from. "
                "Nothing was changed."
            )
        return earliest, latest


def restorable(context: StepContext, spec: OfRestorable) -> Restorable:
    """Return what a step's spec names.

    Raises:
        ExpressionError: the name is not known.
    """
    if spec.table is not None:
        return Restorable("table", str(context.resolve(spec.table)))
    return Restorable("cluster", str(context.resolve(spec.cluster)))


async def _of_table(context: StepContext, name: str) -> tuple[datetime | None, datetime | None]:
    answer = await context.call_read("dynamodb", "DescribeContinuousBackups", {"TableName": name})
    recovery = structure(structure(answer, "ContinuousBackupsDescription"), "PointInTimeRecoveryDescription")
    if text(recovery, "PointInTimeRecoveryStatus") != "ENABLED":
        return None, None
    return moment(recovery, "EarliestRestorableDateTime"), moment(recovery, "LatestRestorableDateTime")


async def _of_cluster(context: StepContext, name: str) -> tuple[datetime | None, datetime | None]:
    answer = await context.call_read("rds", "DescribeDBClusters", {"DBClusterIdentifier": name})
    for cluster in structures(answer, "DBClusters"):
        return moment(cluster, "EarliestRestorableTime"), moment(cluster, "LatestRestorableTime")
    return None, None
