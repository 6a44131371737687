"""Recovery points and jobs of AWS Backup as its answers show them."""

from typing import Any

from cockpit.sim.backup_model import Job, RecoveryPoint
from cockpit.sim.simulation import ACCOUNT
from cockpit.sim.tables import ITEM_BYTES
from cockpit.sim.whole_service import given


def point_view(point: RecoveryPoint) -> dict[str, Any]:
    """Return a recovery point."""
    return given(
        {
            "RecoveryPointArn": point.arn,
            "BackupVaultName": point.vault.name,
            "BackupVaultArn": point.vault.arn,
            "SourceBackupVaultArn": point.source_vault or None,
            "ResourceArn": point.table.arn,
            "ResourceType": "DynamoDB",
            "ResourceName": point.table.name,
            "IamRoleArn": point.role,
            "Status": "CREATING" if point.completed_at is None else "COMPLETED",
            "CreationDate": point.created_at,
            "InitiationDate": point.created_at,
            "CompletionDate": point.completed_at,
            "BackupSizeInBytes": len(point.items) * ITEM_BYTES,
            "IsEncrypted": True,
            "IsParent": False,
            "VaultType": "BACKUP_VAULT",
        }
    )


def job_view(job: Job, id_member: str, state_member: str, made_member: str) -> dict[str, Any]:
    """Return what all kinds of jobs show, under the names that each kind has for it."""
    shown: dict[str, Any] = {
        id_member: job.job_id,
        "AccountId": ACCOUNT,
        state_member: job.state,
        "StatusMessage": job.message or None,
        "CreationDate": job.created_at,
        "CompletionDate": job.completed_at,
        "IamRoleArn": job.role or None,
        "ResourceType": "DynamoDB",
        "BackupSizeInBytes": len(job.point.items) * ITEM_BYTES,
        made_member: job.created_arn or None,
    }
    if id_member != "CopyJobId":
        shown["PercentDone"] = "100.00%" if job.state == "COMPLETED" else "0.00%"
    return given(shown)
