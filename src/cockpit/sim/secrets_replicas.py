"""Replicas of secrets in other regions: the same versions and labels, read-only there until they are promoted."""

from copy import deepcopy
from typing import Any

from cockpit.sim.errors import AwsError
from cockpit.sim.operations import Handler, Request
from cockpit.sim.secrets_model import Secret, SecretsModel


def replicate(model: SecretsModel, secret: Secret, regions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Make replicas in these regions (as CreateSecret and ReplicateSecretToRegions name them); return their state.

    Raises:
        AwsError: the secret is a replica itself (InvalidRequestException), or one of its name is in that region.
    """
    refuse_replica(secret)
    for wanted in regions:
        region = str(wanted["Region"])
        replica = model.create(region, secret.name, secret.description, secret.tags)
        replica.arn = secret.arn.replace(f":{secret.region}:", f":{region}:")
        replica.versions = secret.versions  # what is changed in the one is changed in the other, at once
        replica.primary_region = secret.region
        secret.replicas.append(region)
    return replication_view(secret)


def refuse_replica(secret: Secret) -> None:
    """Refuse to change a replica.

    Raises:
        AwsError: it is one (InvalidRequestException).
    """
    if secret.primary_region:
        message = "Operation not permitted on a replica secret. Call must be made in primary secret's region."
        raise AwsError("InvalidRequestException", message)


def replication_view(secret: Secret) -> list[dict[str, Any]]:
    """Return the state of a secret's replicas."""
    return [{"Region": region, "Status": "InSync"} for region in secret.replicas]


class ReplicasApi:
    """ReplicateSecretToRegions, and StopReplicationToReplica, which promotes a replica in its own region."""

    def __init__(self, model: SecretsModel) -> None:
        self._model = model

    def handlers(self) -> dict[str, Handler]:
        """Return the operations by API name."""
        return {"ReplicateSecretToRegions": self.replicate, "StopReplicationToReplica": self.promote}

    def replicate(self, request: Request) -> dict[str, Any]:
        """Make replicas."""
        secret = self._model.get(request.region, request.params["SecretId"])
        state = replicate(self._model, secret, request.params["AddReplicaRegions"])
        return {"ARN": secret.arn, "ReplicationStatus": state}

    def promote(self, request: Request) -> dict[str, Any]:
        """Make a secret of its own out of a replica; the primary need not answer."""
        secret = self._model.get(request.region, request.params["SecretId"])
        if not secret.primary_region:
            raise AwsError("InvalidRequestException", "The secret is not a replica.")
        primary = self._model.secrets.get((secret.primary_region, secret.name))
        if primary is not None:
            primary.replicas.remove(secret.region)
        secret.versions, secret.primary_region = deepcopy(secret.versions), ""
        return {"ARN": secret.arn}
