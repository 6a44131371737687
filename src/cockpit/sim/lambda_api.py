"""The Lambda operations about functions and versions, and the service's installation. Aliases are apart."""

import base64
import hashlib
from typing import Any

from cockpit.sim.errors import AwsError
from cockpit.sim.lambda_aliases import AliasApi, paged
from cockpit.sim.lambda_model import LATEST, Function, LambdaModel, Version, compare_revision, in_use
from cockpit.sim.lambda_view import version_view
from cockpit.sim.operations import Handler, Request
from cockpit.sim.simulation import Simulation
from cockpit.sim.whole_service import response_class, serve_at

_DEFAULTS = {
    "Timeout": 3,
    "MemorySize": 128,
    "PackageType": "Zip",
    "Architectures": ["x86_64"],
}
_SETTINGS = (
    "Runtime",
    "Role",
    "Handler",
    "Timeout",
    "MemorySize",
    "VpcConfig",
    "DeadLetterConfig",
    "Environment",
    "KMSKeyArn",
    "TracingConfig",
    "Layers",
    "EphemeralStorage",
    "LoggingConfig",
    "PackageType",
    "Architectures",
)


def install(simulation: Simulation) -> None:
    """Put a Lambda with versions, aliases and shares of traffic in place of moto's, which wants containers."""
    model = LambdaModel(simulation.world)
    simulation.parts[LambdaModel] = model
    handlers = {**FunctionApi(model).handlers(), **AliasApi(model).handlers()}
    serve_at("awslambda", {"/20(?P<rest>.*)$": response_class("lambda", handlers)})


class FunctionApi:
    """The operations, each a function from request to answer."""

    def __init__(self, model: LambdaModel) -> None:
        self._model = model

    def handlers(self) -> dict[str, Handler]:
        """Return the operations by API name."""
        return {
            "CreateFunction": self.create_function,
            "UpdateFunctionCode": self.update_function_code,
            "UpdateFunctionConfiguration": self.update_function_configuration,
            "PublishVersion": self.publish_version,
            "DeleteFunction": self.delete_function,
            "GetFunction": self.get_function,
            "GetFunctionConfiguration": self.get_function_configuration,
            "ListFunctions": self.list_functions,
            "ListVersionsByFunction": self.list_versions_by_function,
        }

    def create_function(self, request: Request) -> dict[str, Any]:
        """Create a function; its code runs nowhere."""
        params, name = request.params, request.params["FunctionName"]
        if self._model.find(request.region, name):
            raise AwsError("ResourceConflictException", f"Function already exist: {name}", Type="User")
        now = self._model.world.now()
        sha256, size = _code(params["Code"])
        settings = {**_DEFAULTS, **{key: params[key] for key in _SETTINGS if key in params}}
        latest = Version(
            LATEST, settings, sha256, size, now, self._model.new_revision_id(), params.get("Description", "")
        )
        function = Function(request.region, name, latest, now, dict(params.get("Tags") or {}))
        self._model.functions[request.region, name] = function
        return version_view(self._model, function, latest)

    def update_function_code(self, request: Request) -> dict[str, Any]:
        """Change ``$LATEST``'s code; published versions stay as they are."""
        function = self._changeable(request)
        sha256, size = _code(request.params)
        if not request.params.get("DryRun"):
            function.latest.code_sha256, function.latest.code_size = sha256, size
            self._touch(function)
        return version_view(self._model, function, function.latest)

    def update_function_configuration(self, request: Request) -> dict[str, Any]:
        """Change ``$LATEST``'s settings; an Environment replaces the whole old one, and published versions stay."""
        function = self._changeable(request)
        params = request.params
        function.latest.settings.update({key: params[key] for key in _SETTINGS if key in params})
        function.latest.description = params.get("Description", function.latest.description)
        self._touch(function)
        return version_view(self._model, function, function.latest)

    def publish_version(self, request: Request) -> dict[str, Any]:
        """Publish ``$LATEST`` as the next version."""
        function, _ = self._function(request)
        params = request.params
        compare_revision(params.get("RevisionId"), function.latest.revision_id)
        if params.get("CodeSha256") not in (None, function.latest.code_sha256):
            message = "CodeSHA256 does not match that of the function."
            raise AwsError("InvalidParameterValueException", message, Type="User")
        published = self._model.publish(function, params.get("Description", ""))
        return version_view(self._model, function, published)

    def delete_function(self, request: Request) -> dict[str, Any]:
        """Delete a version that no alias uses, or the function with everything."""
        function, own = self._function(request)
        qualifier = request.params.get("Qualifier") or own
        if not qualifier:
            del self._model.functions[function.region, function.name]
            return {}
        if qualifier == LATEST or qualifier in function.aliases:
            message = "$LATEST version and aliases cannot be deleted without deleting the function."
            raise AwsError("InvalidParameterValueException", message, Type="User")
        function.version(qualifier)
        if users := in_use(function, [qualifier]):
            message = f"{function.name}'s version {qualifier} is in use by aliases: {', '.join(users)}"
            raise AwsError("ResourceConflictException", message, Type="User")
        del function.versions[qualifier]
        return {}

    def get_function(self, request: Request) -> dict[str, Any]:
        """Describe a function, a version or what an alias stands for; without a place its code could be had from."""
        function, version = self._version(request)
        tags = {"Tags": function.tags} if function.tags else {}
        return {"Configuration": version_view(self._model, function, version), **tags}

    def get_function_configuration(self, request: Request) -> dict[str, Any]:
        """Describe the settings of the same."""
        function, version = self._version(request)
        return version_view(self._model, function, version)

    def list_functions(self, request: Request) -> dict[str, Any]:
        """List the functions of a region, each as ``$LATEST`` is, or all versions of each."""
        functions = sorted(self._model.functions.items())
        with_all = request.params.get("FunctionVersion") == "ALL"
        views = [
            {**version_view(self._model, function, version, listed=True), "FunctionArn": function.arn(version.number)}
            if with_all
            else version_view(self._model, function, version, listed=True)
            for (region, _), function in functions
            if region == request.region
            for version in (function.latest, *(function.versions.values() if with_all else ()))
        ]
        return paged("Functions", views, request)

    def list_versions_by_function(self, request: Request) -> dict[str, Any]:
        """List ``$LATEST`` and the versions that exist, oldest first, 50 at most at once."""
        function, _ = self._function(request)
        versions = (function.latest, *function.versions.values())
        views = [
            {**version_view(self._model, function, each, listed=True), "FunctionArn": function.arn(each.number)}
            for each in versions
        ]
        return paged("Versions", views, request)

    def _function(self, request: Request) -> tuple[Function, str]:
        return self._model.get(request.region, request.params["FunctionName"])

    def _version(self, request: Request) -> tuple[Function, Version]:
        function, own = self._function(request)
        return function, function.version(request.params.get("Qualifier") or own)

    def _changeable(self, request: Request) -> Function:
        function, _ = self._function(request)
        self._model.refuse_while_busy(function)
        compare_revision(request.params.get("RevisionId"), function.latest.revision_id)
        return function

    def _touch(self, function: Function) -> None:
        function.latest.modified_at = self._model.world.now()
        function.latest.revision_id = self._model.new_revision_id()


def _code(given: dict[str, Any]) -> tuple[str, int]:
    """Return the SHA-256 (base64) and size of code that is given as a file, an image or a place in S3."""
    content = given.get("ZipFile")
    if content is None:
        place = given.get("ImageUri") or "/".join(str(given.get(key, "")) for key in ("S3Bucket", "S3Key"))
        content = place.encode()
    data = content if isinstance(content, bytes) else str(content).encode()
    return base64.b64encode(hashlib.sha256(data).digest()).decode(), len(data)
