"""The operations of AWS Backup. What takes time: a backup, a copy, a restore."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from cockpit.sim.backup_model import BackupModel, Job, JobState, RecoveryPoint, Vault
from cockpit.sim.backup_view import job_view, point_view
from cockpit.sim.dynamodb_new_tables import add_copy, refuse_taken
from cockpit.sim.errors import AwsError, NotSimulated
from cockpit.sim.lost_regions import LostRegions
from cockpit.sim.operations import Handler, Request
from cockpit.sim.own_services import serve
from cockpit.sim.simulation import Simulation
from cockpit.sim.tables import Restore, Tables
from cockpit.sim.whole_service import as_utc, page, response_class

BACKUP_TAKES = timedelta(minutes=6)
COPY_TAKES = timedelta(minutes=9)
BEGINS_AFTER = timedelta(seconds=10)  # a restore job is PENDING that long
PAGE = 100


def install(simulation: Simulation) -> None:
    """Serve AWS Backup."""
    model = BackupModel(simulation.world)
    api = BackupApi(model, simulation.parts[Tables], simulation.parts[LostRegions])
    serve("backup", response_class("backup", api.handlers()))


class BackupApi:
    """The operations, each a function from request to answer."""

    def __init__(self, model: BackupModel, tables: Tables, lost: LostRegions) -> None:
        self._model = model
        self._tables = tables
        self._lost = lost

    def handlers(self) -> dict[str, Handler]:
        """Return the operations by API name."""
        return {
            "CreateBackupVault": self.create_vault,
            "DescribeBackupVault": self.describe_vault,
            "StartBackupJob": self.start_backup,
            "DescribeBackupJob": self.describe_backup,
            "StartCopyJob": self.start_copy,
            "DescribeCopyJob": self.describe_copy,
            "ListRecoveryPointsByBackupVault": self.list_points,
            "DescribeRecoveryPoint": self.describe_point,
            "GetRecoveryPointRestoreMetadata": self.restore_metadata,
            "StartRestoreJob": self.start_restore,
            "DescribeRestoreJob": self.describe_restore,
        }

    def create_vault(self, request: Request) -> dict[str, Any]:
        """Create a vault."""
        name = request.params["BackupVaultName"]
        if (request.region, name) in self._model.vaults:
            raise AwsError("AlreadyExistsException", f"Backup vault with the same name already exists: {name}")
        vault = Vault(request.region, name, self._model.world.now())
        self._model.vaults[request.region, name] = vault
        return {"BackupVaultName": name, "BackupVaultArn": vault.arn, "CreationDate": vault.created_at}

    def describe_vault(self, request: Request) -> dict[str, Any]:
        """Describe a vault."""
        vault = self._vault(request)
        return {
            "BackupVaultName": vault.name,
            "BackupVaultArn": vault.arn,
            "CreationDate": vault.created_at,
            "NumberOfRecoveryPoints": len(vault.points),
            "VaultType": "BACKUP_VAULT",
        }

    def start_backup(self, request: Request) -> dict[str, Any]:
        """Save the items of this second; the point is whole some minutes later."""
        params = request.params
        arn = params["ResourceArn"]
        if ":dynamodb:" not in arn:
            raise NotSimulated("only DynamoDB tables are backed up")
        table = self._tables.find(request.region, arn)
        if table is None:
            raise AwsError("ResourceNotFoundException", f"The resource {arn} does not exist.")
        point = self._model.add_point(self._vault(request), None, table, params["IamRoleArn"])
        job = self._new_job(request, point, "RUNNING")
        self._model.backups[job.job_id] = job
        job.created_arn = point.arn
        self._later(BACKUP_TAKES, lambda: self._complete(job))
        return {"BackupJobId": job.job_id, "RecoveryPointArn": point.arn, "CreationDate": job.created_at}

    def describe_backup(self, request: Request) -> dict[str, Any]:
        """Describe a backup job."""
        job = _known(self._model.backups, request, "BackupJobId")
        return job_view(job, "BackupJobId", "State", "RecoveryPointArn")

    def start_copy(self, request: Request) -> dict[str, Any]:
        """Copy a point to a vault of any region; it fails if either region goes down meanwhile."""
        params = request.params
        source = self._model.point(request.region, params["RecoveryPointArn"])
        if source.completed_at is None:
            raise AwsError("InvalidRequestException", "The recovery point is not complete.")
        target = params["DestinationBackupVaultArn"]
        vault = self._model.vault(target.split(":")[3], target)
        copy = self._model.add_point(vault, source, source.table, params["IamRoleArn"])
        job = self._new_job(request, copy, "RUNNING")
        self._model.copies[job.job_id] = job
        self._later(COPY_TAKES, lambda: self._complete(job))
        return {"CopyJobId": job.job_id, "CreationDate": job.created_at}

    def describe_copy(self, request: Request) -> dict[str, Any]:
        """Describe a copy job."""
        job = _known(self._model.copies, request, "CopyJobId")
        return {"CopyJob": job_view(job, "CopyJobId", "State", "DestinationRecoveryPointArn")}

    def list_points(self, request: Request) -> dict[str, Any]:
        """List a vault's points, newest data first."""
        params, vault = request.params, self._vault(request)
        arn, kind = params.get("ByResourceArn"), params.get("ByResourceType")
        before, after = as_utc(params.get("ByCreatedBefore")), as_utc(params.get("ByCreatedAfter"))
        found = [
            point
            for point in vault.points.values()
            if arn in (None, point.table.arn)
            and kind in (None, "DynamoDB")
            and (before is None or point.created_at < before)
            and (after is None or point.created_at > after)
        ]
        found.sort(key=lambda point: point.created_at, reverse=True)
        size = min(int(params.get("MaxResults") or PAGE), 1000)
        shown, token = page(found, params.get("NextToken"), size, "InvalidParameterValueException")
        answer: dict[str, Any] = {"RecoveryPoints": [point_view(point) for point in shown]}
        return {**answer, **({"NextToken": token} if token else {})}

    def describe_point(self, request: Request) -> dict[str, Any]:
        """Describe a recovery point."""
        self._vault(request)
        return point_view(self._model.point(request.region, request.params["RecoveryPointArn"]))

    def restore_metadata(self, request: Request) -> dict[str, Any]:
        """Give what a restore of the point can be started with."""
        vault = self._vault(request)
        point = self._model.point(request.region, request.params["RecoveryPointArn"])
        metadata = {"encryptionType": "Default", "originalTableName": point.table.name}
        return {
            "BackupVaultArn": vault.arn,
            "RecoveryPointArn": point.arn,
            "RestoreMetadata": metadata,
            "ResourceType": "DynamoDB",
        }

    def start_restore(self, request: Request) -> dict[str, Any]:
        """Begin a restore to a new table; the same token gives the same job again."""
        params = request.params
        point = self._model.point(request.region, params["RecoveryPointArn"])
        metadata = {key.lower(): value for key, value in params["Metadata"].items()}
        if not metadata.get("targettablename"):
            raise AwsError("InvalidParameterValueException", "Restore metadata needs targetTableName.")
        if not params.get("IamRoleArn"):
            raise AwsError("MissingParameterValueException", "An IAM role is needed to restore.")
        if point.completed_at is None:
            raise AwsError("InvalidRequestException", "The recovery point is not complete.")
        token = params.get("IdempotencyToken", "")
        known = [job for job in self._model.restores.values() if token and job.token == token]
        if not known:
            made = self._new_job(request, point, "PENDING")
            self._model.restores[made.job_id] = made
            self._later(BEGINS_AFTER, lambda: self._restore(made, metadata["targettablename"]))
            known = [made]
        return {"RestoreJobId": known[0].job_id}

    def describe_restore(self, request: Request) -> dict[str, Any]:
        """Describe a restore job."""
        job = _known(self._model.restores, request, "RestoreJobId")
        return {
            **job_view(job, "RestoreJobId", "Status", "CreatedResourceArn"),
            "RecoveryPointArn": job.point.arn,
            "SourceResourceArn": job.point.table.arn,
            "RecoveryPointCreationDate": job.point.created_at,
        }

    def _restore(self, job: Job, name: str) -> None:
        world, point = self._model.world, job.point
        try:
            refuse_taken(self._tables, job.region, name)
        except AwsError as error:
            job.end(world.now(), "FAILED", str(error.message))
            return
        job.state = "RUNNING"
        record = add_copy(self._tables, point.table, job.region, name, items=point.items)
        record.restore = Restore(point.table.arn, point.created_at, point.arn)
        record.active_at = job.created_at + self._tables.restore_takes
        job.created_arn = record.arn
        world.at(record.active_at, lambda: job.end(world.now(), "COMPLETED"))

    def _complete(self, job: Job) -> None:
        """End a backup or a copy: its point is whole, unless a region it needs is down."""
        now, point = self._model.world.now(), job.point
        for region in (job.region, point.vault.region):
            if self._lost.is_lost(region, "backup"):
                point.vault.points.pop(point.arn, None)
                job.end(now, "FAILED", f"{region} is not reachable.")
                return
        point.completed_at, job.created_arn = now, point.arn
        job.end(now, "COMPLETED")

    def _vault(self, request: Request) -> Vault:
        return self._model.vault(request.region, request.params["BackupVaultName"])

    def _later(self, delay: timedelta, happen: Callable[[], None]) -> None:
        world = self._model.world
        world.at(world.now() + delay, happen)

    def _new_job(self, request: Request, point: RecoveryPoint, state: JobState) -> Job:
        job = Job(self._model.new_id(), request.region, point, self._model.world.now(), state)
        job.role = request.params.get("IamRoleArn", "")
        job.token = request.params.get("IdempotencyToken", "")
        return job


def _known(jobs: dict[str, Job], request: Request, member: str) -> Job:
    job = jobs.get(request.params[member])
    if job is None or job.region != request.region:
        raise AwsError("ResourceNotFoundException", f"Job {request.params[member]} does not exist.")
    return job
