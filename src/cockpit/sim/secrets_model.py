"""Secrets Manager's things: secrets, their versions, and the staging labels that say which version is which."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from cockpit.sim.errors import AwsError
from cockpit.sim.simulation import ACCOUNT
from cockpit.sim.world import World

CURRENT, PREVIOUS, PENDING = "AWSCURRENT", "AWSPREVIOUS", "AWSPENDING"


@dataclass(eq=False)
class SecretVersion:
    """One version. Its value never changes; a version that a rotation has only begun has none yet."""

    version_id: str
    created_at: datetime
    value: str | bytes | None = None
    stages: set[str] = field(default_factory=set)
    accessed_at: datetime | None = None


@dataclass(eq=False)
class Secret:
    """One secret.

    Attributes:
        rotation: RotationLambdaARN and RotationRules as last set; kept when rotation is switched off.
        rotates: rotation is switched on.
        rotating: id of the version that a rotation in progress makes; empty if none is.
        next_rotation_at: when the next one begins; None while rotation is off.
        primary_region: where it is a replica from; empty if it is none.
        replicas: regions in which it has replicas.
    """

    region: str
    name: str
    arn: str
    created_at: datetime
    changed_at: datetime
    description: str = ""
    tags: list[dict[str, str]] = field(default_factory=list)
    versions: dict[str, SecretVersion] = field(default_factory=dict)
    rotation: dict[str, Any] = field(default_factory=dict)
    rotates: bool = False
    rotating: str = ""
    rotated_at: datetime | None = None
    next_rotation_at: datetime | None = None
    deleted_at: datetime | None = None
    primary_region: str = ""
    replicas: list[str] = field(default_factory=list)

    def holder(self, stage: str) -> SecretVersion | None:
        """Return the version that has a label."""
        return next((each for each in self.versions.values() if stage in each.stages), None)

    def version(self, version_id: str) -> SecretVersion:
        """Return a version.

        Raises:
            AwsError: there is none (ResourceNotFoundException).
        """
        found = self.versions.get(version_id)
        if found is None:
            message = f"Secrets Manager can't find the specified secret value for VersionId: {version_id}"
            raise AwsError("ResourceNotFoundException", message)
        return found

    def attach(self, stage: str, version: SecretVersion) -> None:
        """Move a label to a version; AWSPREVIOUS follows AWSCURRENT."""
        old = self.holder(stage)
        if old is version:
            return
        if old is not None:
            old.stages.discard(stage)
        version.stages.add(stage)
        if stage == CURRENT and old is not None:
            self.attach(PREVIOUS, old)
            version.stages.discard(PREVIOUS)


class SecretsModel:
    """Every secret of the world, by region and name."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.secrets: dict[tuple[str, str], Secret] = {}
        self._chance = world.random("secretsmanager")

    def create(self, region: str, name: str, description: str, tags: list[dict[str, str]]) -> Secret:
        """Create a secret without a version.

        Raises:
            AwsError: there is one of that name (ResourceExistsException).
        """
        if (region, name) in self.secrets:
            message = f"The operation failed because the secret {name} already exists."
            raise AwsError("ResourceExistsException", message)
        tail = "".join(self._chance.choices("ABCDEFGHJKLMNPQRSTUVWXYZabcdefghjkmnpqrstuvwxyz", k=6))
        arn = f"arn:aws:secretsmanager:{region}:{ACCOUNT}:secret:{name}-{tail}"
        now = self.world.now()
        secret = Secret(region, name, arn, now, now, description, tags)
        self.secrets[region, name] = secret
        return secret

    def get(self, region: str, given: str, *, also_deleted: bool = False) -> Secret:
        """Return a secret by name or ARN, complete or without its random tail.

        Raises:
            AwsError: there is none (ResourceNotFoundException), or it is to be deleted (InvalidRequestException).
        """
        for (place, name), secret in self.secrets.items():
            if place == region and given in (name, secret.arn, secret.arn[:-7]):
                if secret.deleted_at and not also_deleted:
                    message = "You can't perform this operation on the secret because it was marked for deletion."
                    raise AwsError("InvalidRequestException", message)
                return secret
        raise AwsError("ResourceNotFoundException", "Secrets Manager can't find the specified secret.")

    def put(self, secret: Secret, value: str | bytes, version_id: str, stages: list[str]) -> SecretVersion:
        """Add a version with labels; the same value under the same id changes nothing.

        Raises:
            AwsError: another value under that id (ResourceExistsException).
        """
        known = secret.versions.get(version_id)
        if known is not None and known.value not in (None, value):
            message = "You can't modify an existing version, you can only create a new version."
            raise AwsError("ResourceExistsException", message)
        now = self.world.now()
        version = known or SecretVersion(version_id, now)
        version.value = value
        secret.versions[version_id] = version
        for stage in stages:
            secret.attach(stage, version)
        secret.changed_at = now
        return version

    def move(self, secret: Secret, stage: str, source: str | None, target: str | None) -> None:
        """Move a label between versions, compare-and-swap (UpdateSecretVersionStage).

        Raises:
            AwsError: the label sits on another version than said (InvalidParameterException), or a version is missing.
        """
        holder = secret.holder(stage)
        wanted = None if target is None else secret.version(target)
        if target is None and stage == CURRENT:
            message = f"You can only move staging label {CURRENT} to a different secret version. It can't be removed."
            raise AwsError("InvalidParameterException", message)
        if source is not None and (holder is None or holder.version_id != source):
            message = f"The staging label {stage} isn't attached to the version {source}."
            raise AwsError("InvalidParameterException", message)
        if source is None and holder is not None and holder is not wanted:
            message = (
                f"The parameter RemoveFromVersionId can't be empty. Staging label {stage} is currently attached to "
                f"version {holder.version_id}, so you must explicitly reference that version in RemoveFromVersionId."
            )
            raise AwsError("InvalidParameterException", message)
        if wanted is not None:
            secret.attach(stage, wanted)
        elif holder is not None:
            holder.stages.discard(stage)
        secret.changed_at = self.world.now()

    def new_id(self) -> str:
        """Return an id for a version that was asked for without a token."""
        digits = f"{self._chance.getrandbits(128):032x}"
        return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))

    def new_password(self) -> str:
        """Return a password as GetRandomPassword makes them; the same for the same seed."""
        return "".join(self._chance.choices("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#%", k=32))


def next_rotation(rules: dict[str, Any], now: datetime) -> datetime | None:
    """Return when the next rotation is due by a rotation's rules; None if they name no number of days."""
    days = rules.get("AutomaticallyAfterDays")
    return None if days is None else now + timedelta(days=int(days))
