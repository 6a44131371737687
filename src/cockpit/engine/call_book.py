"""What the engine has to know of a call besides sending it: its ``aws`` command line and its idempotency token."""

from typing import Protocol

from pydantic import JsonValue

from cockpit.aws.catalogue import shared_catalogue
from cockpit.aws.command_line import command_line


class CallBook(Protocol):
    """Facts about calls that need botocore's service models. `cockpit.aws` has them."""

    def command_line(self, service: str, operation: str, region: str, params: dict[str, JsonValue]) -> str:
        """Return the equivalent ``aws`` command, quoted for a shell."""

    def token_member(self, service: str, operation: str) -> str | None:
        """Return the parameter that takes an idempotency token; None if the operation has none."""


class AwsCallBook:
    """The call book over botocore's own models; they are loaded at the first question."""

    def command_line(self, service: str, operation: str, region: str, params: dict[str, JsonValue]) -> str:
        """Return the equivalent ``aws`` command."""
        return command_line(service, operation, region, params)

    def token_member(self, service: str, operation: str) -> str | None:
        """Return the parameter that takes an idempotency token; None if the operation has none."""
        return shared_catalogue().token_member(service, operation)
