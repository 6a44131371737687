"""Secrets and their versions as botocore's output shapes want them. Values are never in here."""

from typing import Any

from cockpit.sim.secrets_model import Secret, SecretVersion
from cockpit.sim.secrets_replicas import replication_view
from cockpit.sim.whole_service import given


def secret_view(secret: Secret, *, listed: bool = False) -> dict[str, Any]:
    """Return a secret as DescribeSecret shows it; lists call its labels otherwise.

    Rotation that was never configured has no member at all; once it was, its schedule stays when it is switched off.
    """
    stages = {each.version_id: sorted(each.stages) for each in secret.versions.values() if each.stages}
    return {
        "ARN": secret.arn,
        "Name": secret.name,
        "CreatedDate": secret.created_at,
        "LastChangedDate": secret.changed_at,
        ("SecretVersionsToStages" if listed else "VersionIdsToStages"): stages,
        **given(
            {
                "Description": secret.description or None,
                "Tags": secret.tags or None,
                "RotationEnabled": secret.rotates if secret.rotation else None,
                "RotationLambdaARN": secret.rotation.get("RotationLambdaARN"),
                "RotationRules": secret.rotation.get("RotationRules"),
                "LastRotatedDate": secret.rotated_at,
                "NextRotationDate": secret.next_rotation_at,
                "DeletedDate": secret.deleted_at,
                "PrimaryRegion": secret.primary_region or (secret.region if secret.replicas else None),
                "ReplicationStatus": (replication_view(secret) or None) if not listed else None,
            }
        ),
    }


def version_view(version: SecretVersion) -> dict[str, Any]:
    """Return a version as ListSecretVersionIds shows it."""
    return {
        "VersionId": version.version_id,
        "VersionStages": sorted(version.stages),
        "CreatedDate": version.created_at,
        "KmsKeyIds": ["DefaultEncryptionKey"],
        **given({"LastAccessedDate": version.accessed_at}),
    }
