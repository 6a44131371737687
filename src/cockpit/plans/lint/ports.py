"""What the checks need to know of AWS operations. `cockpit.aws.catalogue` knows it; the command line joins the two."""

from collections.abc import Mapping
from typing import Protocol

from pydantic import JsonValue


class OperationCatalogue(Protocol):
    """Facts about operations, from files, without a network."""

    def exists(self, service: str, operation: str) -> bool:
        """Tell whether the service has the operation."""

    def validate(self, service: str, operation: str, params: Mapping[str, JsonValue]) -> tuple[str, ...]:
        """Return what is wrong with the parameters, one sentence each, each naming the value it is about."""

    def is_read(self, service: str, operation: str) -> bool:
        """Tell whether the operation is on the guard's read list."""

    def access_level(self, service: str, operation: str) -> str | None:
        """Return the IAM access level (``Read``, ``List``, ``Write`` …); None if it is not known."""

    def token_member(self, service: str, operation: str) -> str | None:
        """Return the parameter that makes the call safe to repeat; None if it has none."""
