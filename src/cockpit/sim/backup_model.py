"""AWS Backup as far as DynamoDB tables go: vaults, recovery points, copies to other regions, restores.

A recovery point keeps the items of the second at which it was made; its copy keeps that creation date too (AWS Backup
developer guide, "Copy a backup"), so the date tells how old the data are wherever the point lies.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from cockpit.sim.errors import AwsError
from cockpit.sim.item_history import Item, Key
from cockpit.sim.simulation import ACCOUNT
from cockpit.sim.tables import TableRecord
from cockpit.sim.world import World

JobState = Literal["CREATED", "PENDING", "RUNNING", "COMPLETED", "FAILED"]


@dataclass(eq=False)
class RecoveryPoint:
    """What a backup has saved.

    Attributes:
        table: the table it is of; a restore is made like it.
        created_at: the second of its items.
        completed_at: when it was whole in its vault; None while it is not.
        source_vault: ARN of the vault it was copied from; empty if it is no copy.
    """

    arn: str
    vault: "Vault"
    table: TableRecord
    created_at: datetime
    items: Mapping[Key, Item]
    role: str
    completed_at: datetime | None = None
    source_vault: str = ""


@dataclass(eq=False)
class Vault:
    """A backup vault, with its recovery points by ARN."""

    region: str
    name: str
    created_at: datetime
    points: dict[str, RecoveryPoint] = field(default_factory=dict)

    @property
    def arn(self) -> str:
        """Return the vault's ARN."""
        return f"arn:aws:backup:{self.region}:{ACCOUNT}:backup-vault:{self.name}"


@dataclass(eq=False)
class Job:
    """A backup, a copy or a restore.

    Attributes:
        token: the IdempotencyToken it was started with; empty if there was none.
        created_arn: ARN of what it made: a recovery point, or a table.
    """

    job_id: str
    region: str
    point: RecoveryPoint
    created_at: datetime
    state: JobState
    role: str = ""
    token: str = ""
    message: str = ""
    created_arn: str = ""
    completed_at: datetime | None = None

    def end(self, at: datetime, state: JobState, message: str = "") -> None:
        """End it."""
        self.state, self.completed_at, self.message = state, at, message


class BackupModel:
    """Every vault and job of the world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.vaults: dict[tuple[str, str], Vault] = {}
        self.backups: dict[str, Job] = {}
        self.copies: dict[str, Job] = {}
        self.restores: dict[str, Job] = {}
        self._chance = world.random("backup")

    def new_id(self) -> str:
        """Return an id like AWS's, the same for the same seed and order of calls."""
        text = f"{self._chance.getrandbits(128):032X}"
        return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))

    def vault(self, region: str, name: str) -> Vault:
        """Return a vault by name or ARN.

        Raises:
            AwsError: there is none.
        """
        found = self.vaults.get((region, name.rpartition(":")[2]))
        if found is None:
            raise AwsError("ResourceNotFoundException", f"Backup vault {name} does not exist.")
        return found

    def point(self, region: str, arn: str) -> RecoveryPoint:
        """Return a recovery point of a region.

        Raises:
            AwsError: there is none.
        """
        for (where, _), vault in self.vaults.items():
            if where == region and arn in vault.points:
                return vault.points[arn]
        raise AwsError("ResourceNotFoundException", f"Recovery point {arn} does not exist.")

    def add_point(self, vault: Vault, like: RecoveryPoint | None, table: TableRecord, role: str) -> RecoveryPoint:
        """Add a point that is not whole yet: of a table as it is now, or a copy of another point."""
        arn = f"arn:aws:backup:{vault.region}:{ACCOUNT}:recovery-point:{self.new_id()}"
        if like is None:
            point = RecoveryPoint(arn, vault, table, self.world.now(), dict(table.history.current), role)
        else:
            point = RecoveryPoint(arn, vault, table, like.created_at, like.items, role, source_vault=like.vault.arn)
        vault.points[arn] = point
        return point
