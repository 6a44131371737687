"""What botocore's own service models say about operations. Reads files that come with botocore; no network."""

from __future__ import annotations  # JsonValue is for checkers only

from functools import cache
from typing import TYPE_CHECKING, Any

from botocore.exceptions import DataNotFoundError, UnknownServiceError
from botocore.loaders import Loader
from botocore.model import OperationModel, OperationNotFoundError, ServiceModel
from botocore.validate import ParamValidator

from cockpit.aws.access_levels import IamAccess, access_of
from cockpit.aws.read_list import is_read
from cockpit.model.text import clean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import JsonValue


class OperationCatalogue:
    """Answers questions about operations: does it exist, are these its parameters, what can it do."""

    def __init__(self) -> None:
        self._loader = Loader()
        self._models: dict[str, ServiceModel | None] = {}

    def services(self) -> list[str]:
        """Return every service that botocore knows."""
        names: list[str] = self._loader.list_available_services("service-2")
        return names

    def operations(self, service: str) -> list[str]:
        """Return the operations of a service; empty if there is no such service."""
        model = self.service_model(service)
        return [] if model is None else list(model.operation_names)

    def exists(self, service: str, operation: str) -> bool:
        """Tell whether the service has the operation."""
        return self.operation_model(service, operation) is not None

    def is_read(self, service: str, operation: str) -> bool:
        """Tell whether the operation is on the guard's read list."""
        return is_read(service, operation)

    def validate(self, service: str, operation: str, params: Mapping[str, JsonValue]) -> tuple[str, ...]:
        """Return what is wrong with the parameters, in words; empty if nothing is.

        Enum values are checked as well, which botocore itself leaves to AWS.
        """
        model = self.operation_model(service, operation)
        if model is None:
            return (f"{service} has no operation {operation}",)
        shape = model.input_shape
        if shape is None:
            return tuple(f"{operation} takes no parameter {name!r}" for name in params)
        report = ParamValidator().validate(dict(params), shape)
        found = [clean(line, 300) for line in report.generate_report().splitlines() if line.strip()]
        return tuple(found + list(_wrong_enums(params, shape, "")))

    def input_members(self, service: str, operation: str) -> dict[str, str]:
        """Return the parameters of an operation with their types; empty if there is no such operation."""
        return _members(self.operation_model(service, operation), "input_shape")

    def output_members(self, service: str, operation: str) -> dict[str, str]:
        """Return the members of an operation's answer with their types; empty if there is no such operation."""
        return _members(self.operation_model(service, operation), "output_shape")

    def token_member(self, service: str, operation: str) -> str | None:
        """Return the parameter that makes the call safe to repeat; None if it has none (AWS-FACTS 1).

        botocore marks most of them. Those of CloudFormation, SSM automation and ECS services it does not: they are
        known by name.
        """
        model = self.operation_model(service, operation)
        if model is None or model.input_shape is None:
            return None
        members = model.input_shape.members
        marked = [name for name in model.idempotent_members if name in members]
        if marked:
            return str(marked[0])
        return next((name for name in TOKENS_BY_NAME.get(service, ()) if name in members), None)

    def blob_members(self, service: str, operation: str) -> frozenset[str]:
        """Return the parameters that carry bytes."""
        members = self.input_members(service, operation)
        return frozenset(name for name, kind in members.items() if kind == "blob")

    def streams_output(self, service: str, operation: str) -> bool:
        """Tell whether the answer is a stream of bytes, which the `aws` command writes to a file."""
        model = self.operation_model(service, operation)
        return model is not None and bool(model.has_streaming_output)

    def access(self, service: str, operation: str) -> IamAccess | None:
        """Return the IAM action and access level; None if IAM's own list does not know the operation."""
        model = self.service_model(service)
        if model is None:
            return None
        known = self.operation_model(service, operation)
        method = str(known.http.get("method", "")) if known is not None else ""
        return access_of(service, str(model.signing_name), operation, method)

    def access_level(self, service: str, operation: str) -> str | None:
        """Return the IAM access level (``Read``, ``List``, ``Write`` …); None if it is not known."""
        found = self.access(service, operation)
        return None if found is None else found.level

    def service_model(self, service: str) -> ServiceModel | None:
        """Return botocore's model of a service; None if there is no such service."""
        if service not in self._models:
            try:
                self._models[service] = ServiceModel(self._loader.load_service_model(service, "service-2"), service)
            except (UnknownServiceError, DataNotFoundError):
                self._models[service] = None
        return self._models[service]

    def operation_model(self, service: str, operation: str) -> OperationModel | None:
        """Return botocore's model of an operation; None if there is no such operation."""
        model = self.service_model(service)
        if model is None:
            return None
        try:
            return model.operation_model(operation)
        except OperationNotFoundError:
            return None


TOKENS_BY_NAME = {
    "cloudformation": ("ClientRequestToken", "ClientToken"),
    "ecs": ("clientToken",),
    "ssm": ("ClientToken",),
    "secretsmanager": ("ClientRequestToken",),
}


@cache
def shared_catalogue() -> OperationCatalogue:
    """Return one catalogue for the whole process: models are large and never change."""
    return OperationCatalogue()


def _members(model: OperationModel | None, which: str) -> dict[str, str]:
    shape = None if model is None else getattr(model, which)
    return {} if shape is None else {name: str(member.type_name) for name, member in shape.members.items()}


def _wrong_enums(value: Any, shape: Any, where: str) -> list[str]:
    """Return values that an enumeration of the service does not have. Filled-in expressions are the caller's matter."""
    if shape.type_name == "structure" and isinstance(value, dict):
        known = [(key, item) for key, item in value.items() if key in shape.members]
        return [line for key, item in known for line in _wrong_enums(item, shape.members[key], f"{where}.{key}")]
    if shape.type_name == "list" and isinstance(value, list | tuple):
        return [line for item in value for line in _wrong_enums(item, shape.member, f"{where}[]")]
    if shape.type_name == "map" and isinstance(value, dict):
        return [line for item in value.values() for line in _wrong_enums(item, shape.value, f"{where}.*")]
    allowed = getattr(shape, "enum", None)
    if allowed and isinstance(value, str) and value not in allowed:
        return [f"{where.lstrip('.')}: expected one of {', '.join(allowed)}; got {clean(value, 60)!r}"]
    return []
