"""Aurora clusters and instances that live in time: what there is, who is connected, what can be restored."""

import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar, TypeVar

from cockpit.sim.errors import AwsError
from cockpit.sim.rds_data import Database
from cockpit.sim.simulation import ACCOUNT
from cockpit.sim.world import World

LAG = timedelta(minutes=5)  # how far LatestRestorableTime is behind (AWS-FACTS 3)
CLUSTER_TAKES = timedelta(minutes=3)
RESTORE_TAKES = timedelta(minutes=22)  # "15-30 minutes" (S3:386)
INSTANCE_TAKES = timedelta(minutes=8)
DELETE_TAKES = timedelta(minutes=2)
EVENTS_KEPT = timedelta(days=14)
DEFAULT_SECURITY_GROUP = "sg-0default0default0"

Settings = dict[str, Any]
LivedT = TypeVar("LivedT", bound="Lived")


@dataclass(eq=False)
class Lived:
    """Something that is created, is there, and goes.

    Attributes:
        settings: its members as the API shows them, as far as they are only kept and shown.
    """

    identifier: str
    region: str
    created_at: datetime
    ready_at: datetime
    settings: Settings
    tags: dict[str, str] = field(default_factory=dict)
    deleting: bool = False
    arn_kind: ClassVar[str] = ""
    event_kind: ClassVar[str] = ""

    @property
    def arn(self) -> str:
        """Return its ARN."""
        return f"arn:aws:rds:{self.region}:{ACCOUNT}:{self.arn_kind}:{self.identifier}"

    def status(self, now: datetime) -> str:
        """Return ``creating``, ``available`` or ``deleting``."""
        if self.deleting:
            return "deleting"
        return "available" if now >= self.ready_at else "creating"

    def progress(self, now: datetime) -> int:
        """Return how far its creation is, percent."""
        whole = (self.ready_at - self.created_at).total_seconds()
        return 100 if now >= self.ready_at or not whole else int(100 * (now - self.created_at).total_seconds() / whole)


@dataclass(eq=False)
class Cluster(Lived):
    """One Aurora cluster. It has rows of its own, and serves nobody without an instance (ledger E-13).

    Attributes:
        resource_id: as AWS makes them, ``cluster-…``.
        restored: it was made by a restore.
        roles: feature name and ARN of the associated IAM roles.
        sessions: open connections by client, to see who still holds one.
    """

    resource_id: str = ""
    database: Database = field(default_factory=Database)
    restored: bool = False
    roles: list[tuple[str, str]] = field(default_factory=list)
    sessions: dict[str, int] = field(default_factory=dict)
    arn_kind: ClassVar[str] = "cluster"
    event_kind: ClassVar[str] = "db-cluster"

    def window(self, now: datetime) -> tuple[datetime, datetime] | None:
        """Return the first and the last second that can be restored; None as long as there is none."""
        days = timedelta(days=int(self.settings["BackupRetentionPeriod"]))
        earliest, latest = max(self.ready_at, now - days), (now - LAG).replace(microsecond=0)
        return (earliest, latest) if latest >= earliest else None


@dataclass(eq=False)
class Instance(Lived):
    """One DB instance of a cluster."""

    cluster: str = ""
    arn_kind: ClassVar[str] = "db"
    event_kind: ClassVar[str] = "db-instance"


@dataclass(frozen=True, slots=True)
class RdsEvent:
    """One line of DescribeEvents."""

    at: datetime
    kind: str
    source: str
    arn: str
    message: str
    category: str


@dataclass(frozen=True, slots=True)
class Group:
    """A subnet group or a parameter group; `members` are as the API shows them."""

    name: str
    arn: str
    members: Settings


class RdsModel:
    """Everything of RDS, in all regions.

    Attributes:
        restore_takes: how long a restore to a point in time takes.
        groups: (region, kind, name) → group; kinds are ``subgrp``, ``cluster-pg`` and ``pg``, as in ARNs.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.restore_takes = RESTORE_TAKES
        self.clusters: dict[tuple[str, str], Cluster] = {}
        self.instances: dict[tuple[str, str], Instance] = {}
        self.groups: dict[tuple[str, str, str], Group] = {}
        self.events: list[RdsEvent] = []

    def cluster(self, region: str, identifier: str) -> Cluster:
        """Return a cluster.

        Raises:
            AwsError: there is none of that name.
        """
        found = self.clusters.get((region, identifier.lower()))
        if found is None:
            raise AwsError("DBClusterNotFoundFault", f"DBCluster {identifier} not found.")
        return found

    def instance(self, region: str, identifier: str) -> Instance:
        """Return an instance.

        Raises:
            AwsError: there is none of that name.
        """
        found = self.instances.get((region, identifier.lower()))
        if found is None:
            raise AwsError("DBInstanceNotFound", f"DBInstance {identifier} not found.")
        return found

    def members(self, cluster: Cluster) -> list[Instance]:
        """Return the cluster's instances, the writer first once there is one."""
        found = [
            each
            for each in self.instances.values()
            if (each.region, each.cluster) == (cluster.region, cluster.identifier)
        ]
        return sorted(found, key=lambda each: (each.deleting, each.ready_at))

    def writer(self, cluster: Cluster) -> Instance | None:
        """Return the instance that takes writes: the one that has been available for longest; None if none is."""
        now = self.world.now()
        return next((each for each in self.members(cluster) if each.status(now) == "available"), None)

    def host(self, cluster: Cluster, *, reader: bool = False) -> str:
        """Return the cluster's endpoint. It is there from the first second, whether or not anything answers."""
        part = "cluster-ro" if reader else "cluster"
        return f"{cluster.identifier}.{part}-{self._suffix(cluster.region)}.{cluster.region}.rds.amazonaws.com"

    def connect(self, host: str, security_group: str) -> Cluster:
        """Return the cluster behind a host name, as a client would reach it.

        Args:
            host: the endpoint that the client was told.
            security_group: the group that lets this client in; the cluster must have it.

        Raises:
            ConnectionError: nobody answers; the text is what the client would see.
        """
        cluster = next((each for each in self.clusters.values() if self.host(each) == host.lower()), None)
        if cluster is None:
            raise ConnectionError(f"could not translate host name {host!r} to address")
        if security_group not in cluster.settings["VpcSecurityGroupIds"]:
            raise ConnectionError(f"connection to {host!r} timed out")
        if self.writer(cluster) is None:
            raise ConnectionError(f"connection to {host!r} refused: the cluster has no available instance")
        return cluster

    def note(self, thing: Lived, message: str, category: str) -> None:
        """Add an event, which DescribeEvents shows for fourteen days."""
        now = self.world.now()
        self.events = [event for event in self.events if event.at > now - EVENTS_KEPT]
        self.events.append(RdsEvent(now, thing.event_kind, thing.identifier, thing.arn, message, category))

    def remove_later(self, thing: Lived) -> None:
        """Let something go, which takes a while."""
        thing.deleting = True

        def gone() -> None:
            kept: dict[Any, Any] = self.clusters if isinstance(thing, Cluster) else self.instances
            kept.pop((thing.region, thing.identifier), None)
            what = "DB cluster deleted" if isinstance(thing, Cluster) else "DB instance deleted"
            self.note(thing, what, "deletion")

        self.world.at(self.world.now() + DELETE_TAKES, gone)

    def new_id(self, kind: str, name: str) -> str:
        """Return a resource id as AWS makes them, the same for the same seed."""
        return f"{kind}-{_letters(self.world.random(f'rds/{kind}/{name}'), 26, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567')}"

    def _suffix(self, region: str) -> str:
        return "c" + _letters(self.world.random(f"rds/{region}"), 11, "abcdefghijklmnopqrstuvwxyz0123456789")


def _letters(chance: random.Random, count: int, alphabet: str) -> str:
    return "".join(chance.choice(alphabet) for _ in range(count))


def by_name(things: Iterable[LivedT]) -> list[LivedT]:
    """Return things by name, as the API lists them."""
    return sorted(things, key=lambda thing: thing.identifier)
