"""Services that are simulated whole, in place of moto's: no state of moto's is left to disagree with ours."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib import import_module
from typing import Any, TypeVar

from moto.core.responses import BaseResponse

from cockpit.sim.errors import AwsError
from cockpit.sim.operations import Handler, add_operations

T = TypeVar("T")


def response_class(service: str, handlers: dict[str, Handler]) -> type[BaseResponse]:
    """Return a moto response class for a service, by its botocore name, that knows exactly these operations."""

    class Response(BaseResponse):
        use_raw_body = True

        def __init__(self) -> None:
            super().__init__(service_name=service)

    add_operations(Response, handlers)
    return Response


def serve_at(moto_service: str, paths: Mapping[str, type[BaseResponse]]) -> None:
    """Let these response classes answer at these paths (regular expressions) in place of moto's own service."""
    urls = import_module(f"moto.{moto_service}.urls")
    urls.url_paths.clear()
    urls.url_paths.update({"{0}" + path: response.dispatch for path, response in paths.items()})


def only(source: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Return the named members that are there: an answer leaves out what is not set, as AWS does."""
    return {name: source[name] for name in names if source.get(name) is not None}


def given(members: Mapping[str, Any]) -> dict[str, Any]:
    """Return the members that are set."""
    return {name: value for name, value in members.items() if value is not None}


def page(
    items: Sequence[T], token: str | None, size: int, error: str = "InvalidNextTokenException"
) -> tuple[list[T], str | None]:
    """Return one page of items and the token of the next; None after the last.

    Raises:
        AwsError: no earlier page gave that token; `error` is the service's name for it.
    """
    if token is not None and not (token.isdecimal() and 0 < int(token) < len(items)):
        raise AwsError(error, "The next token was specified in an invalid format.")
    start = int(token or 0)
    end = start + size
    return list(items[start:end]), str(end) if end < len(items) else None


def as_utc(moment: datetime | None) -> datetime | None:
    """Return a time parsed by moto, which is naive UTC, with its zone."""
    return None if moment is None else moment.replace(tzinfo=moment.tzinfo or UTC)
