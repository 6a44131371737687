"""The Secrets Manager operations, and the service's installation."""

from typing import Any

from cockpit.sim.errors import AwsError
from cockpit.sim.lambda_model import LambdaModel
from cockpit.sim.log_writer import LogWriter
from cockpit.sim.operations import Handler, Request
from cockpit.sim.secrets_model import CURRENT, PENDING, Secret, SecretsModel
from cockpit.sim.secrets_replicas import ReplicasApi, refuse_replica, replicate
from cockpit.sim.secrets_rotation import Rotations
from cockpit.sim.secrets_view import secret_view, version_view
from cockpit.sim.simulation import Simulation
from cockpit.sim.whole_service import given, page, response_class, serve_at

PAGE = 100


def install(simulation: Simulation) -> None:
    """Put a Secrets Manager whose labels and rotations behave as AWS's in place of moto's."""
    model = SecretsModel(simulation.world)
    rotations = Rotations(model, LogWriter(simulation.world))
    simulation.parts[SecretsModel] = model
    simulation.parts[Rotations] = rotations
    api = SecretsApi(model, rotations, simulation.parts[LambdaModel])
    serve_at("secretsmanager", {"/$": response_class("secretsmanager", api.handlers())})


class SecretsApi:
    """The operations, each a function from request to answer."""

    def __init__(self, model: SecretsModel, rotations: Rotations, functions: LambdaModel) -> None:
        self._model = model
        self._rotations = rotations
        self._functions = functions

    def handlers(self) -> dict[str, Handler]:
        """Return the operations by API name."""
        return {
            "CreateSecret": self.create_secret,
            "PutSecretValue": self.put_secret_value,
            "GetSecretValue": self.get_secret_value,
            "DescribeSecret": self.describe_secret,
            "ListSecrets": self.list_secrets,
            "ListSecretVersionIds": self.list_secret_version_ids,
            "UpdateSecretVersionStage": self.update_secret_version_stage,
            "RotateSecret": self.rotate_secret,
            "CancelRotateSecret": self.cancel_rotate_secret,
            "DeleteSecret": self.delete_secret,
            "RestoreSecret": self.restore_secret,
            **ReplicasApi(self._model).handlers(),
        }

    def create_secret(self, request: Request) -> dict[str, Any]:
        """Create a secret, with a first version if it has a value."""
        params = request.params
        secret = self._model.create(
            request.region, params["Name"], params.get("Description", ""), params.get("Tags") or []
        )
        value = _value(params)
        made = self._model.put(secret, value, self._token(params), [CURRENT]).version_id if value is not None else None
        replicas = replicate(self._model, secret, params.get("AddReplicaRegions") or [])
        return {**_named(secret), **given({"VersionId": made, "ReplicationStatus": replicas or None})}

    def put_secret_value(self, request: Request) -> dict[str, Any]:
        """Add a version; it is AWSCURRENT unless other labels are given."""
        secret, params = self._secret(request), request.params
        refuse_replica(secret)
        value = _value(params)
        if value is None:
            raise AwsError("InvalidRequestException", "You must provide either SecretString or SecretBinary.")
        version = self._model.put(secret, value, self._token(params), params.get("VersionStages") or [CURRENT])
        stages = sorted(version.stages)
        return {**_named(secret), "VersionId": version.version_id, "VersionStages": stages}

    def get_secret_value(self, request: Request) -> dict[str, Any]:
        """Give the value of a version, by id or label; AWSCURRENT's unless asked for another."""
        secret, params = self._secret(request), request.params
        stage = params.get("VersionStage") or CURRENT
        version = secret.version(params["VersionId"]) if params.get("VersionId") else secret.holder(stage)
        if version is None or version.value is None:
            message = f"Secrets Manager can't find the specified secret value for staging label: {stage}"
            raise AwsError("ResourceNotFoundException", message)
        version.accessed_at = self._model.world.now()
        member = "SecretBinary" if isinstance(version.value, bytes) else "SecretString"
        return {
            **_named(secret),
            "VersionId": version.version_id,
            "VersionStages": sorted(version.stages),
            "CreatedDate": version.created_at,
            member: version.value,
        }

    def describe_secret(self, request: Request) -> dict[str, Any]:
        """Describe a secret, without any value."""
        return secret_view(self._secret(request, also_deleted=True))

    def list_secrets(self, request: Request) -> dict[str, Any]:
        """List the secrets of a region that are not to be deleted."""
        views = [
            secret_view(each, listed=True)
            for _, each in sorted(self._model.secrets.items())
            if each.region == request.region and each.deleted_at is None
        ]
        return self._paged("SecretList", views, request)

    def list_secret_version_ids(self, request: Request) -> dict[str, Any]:
        """List the versions that have labels, or all."""
        secret = self._secret(request, also_deleted=True)
        every = request.params.get("IncludeDeprecated")
        views = [version_view(each) for each in secret.versions.values() if every or each.stages]
        return {**_named(secret), **self._paged("Versions", views, request)}

    def update_secret_version_stage(self, request: Request) -> dict[str, Any]:
        """Move a label, or take it off."""
        secret, params = self._secret(request), request.params
        source, target = params.get("RemoveFromVersionId"), params.get("MoveToVersionId")
        self._model.move(secret, params["VersionStage"], source, target)
        return _named(secret)

    def rotate_secret(self, request: Request) -> dict[str, Any]:
        """Switch rotation on as configured, and rotate at once unless told not to."""
        secret, params = self._secret(request), request.params
        wanted = {name: params[name] for name in ("RotationLambdaARN", "RotationRules") if params.get(name)}
        rotation = {**secret.rotation, **wanted}
        if not rotation.get("RotationLambdaARN"):
            message = "No Lambda rotation function ARN is associated with this secret."
            raise AwsError("InvalidRequestException", message)
        self._functions.get(request.region, rotation["RotationLambdaARN"])
        pending, current = secret.holder(PENDING), secret.holder(CURRENT)
        if pending is not None and pending is not current:
            message = "A previous rotation isn't complete. That rotation will be reattempted."
            raise AwsError("InvalidRequestException", message)
        secret.rotation, secret.rotates = rotation, True
        self._rotations.schedule(secret)
        if params.get("RotateImmediately", True) is False:
            self._rotations.try_out(secret)
            return _named(secret)
        version_id = self._token(params)
        self._rotations.start(secret, version_id)
        return {**_named(secret), "VersionId": version_id}

    def cancel_rotate_secret(self, request: Request) -> dict[str, Any]:
        """Switch rotation off; one in progress stops where it is, with its labels (E-43)."""
        secret = self._secret(request)
        left = secret.rotating
        secret.rotates, secret.rotating = False, ""
        secret.rotated_at = secret.next_rotation_at = None
        return {**_named(secret), **({"VersionId": left} if left else {})}

    def delete_secret(self, request: Request) -> dict[str, Any]:
        """Mark a secret for deletion; what is only marked can be restored."""
        secret = self._secret(request)
        if request.params.get("ForceDeleteWithoutRecovery"):
            del self._model.secrets[secret.region, secret.name]
        secret.deleted_at = self._model.world.now()
        return {**_named(secret), "DeletionDate": secret.deleted_at}

    def restore_secret(self, request: Request) -> dict[str, Any]:
        """Take the mark off."""
        secret = self._secret(request, also_deleted=True)
        secret.deleted_at = None
        return _named(secret)

    def _secret(self, request: Request, *, also_deleted: bool = False) -> Secret:
        return self._model.get(request.region, request.params["SecretId"], also_deleted=also_deleted)

    def _token(self, params: dict[str, Any]) -> str:
        return str(params.get("ClientRequestToken") or self._model.new_id())

    def _paged(self, member: str, views: list[dict[str, Any]], request: Request) -> dict[str, Any]:
        size = min(int(request.params.get("MaxResults") or PAGE), PAGE)
        shown, token = page(views, request.params.get("NextToken"), size)
        return {member: shown, **({"NextToken": token} if token else {})}


def _named(secret: Secret) -> dict[str, Any]:
    return {"ARN": secret.arn, "Name": secret.name}


def _value(params: dict[str, Any]) -> str | bytes | None:
    text: str | None = params.get("SecretString")
    binary: bytes | None = params.get("SecretBinary")
    return binary if text is None else text
