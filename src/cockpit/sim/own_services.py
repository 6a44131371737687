"""Services that moto lacks, or whose module there wants packages that are not here: served beside moto's."""

from collections.abc import Callable, Iterable
from typing import Any

from moto.core.request import normalize_request
from moto.core.responses import BaseResponse
from moto.moto_server.werkzeug_app import BackendRequest
from werkzeug.wrappers import Response

Application = Callable[..., Iterable[bytes]]

_SERVED: dict[str, Application] = {}


def serve(service: str, response: type[BaseResponse]) -> None:
    """Let this response class answer every call to a service, by its botocore name."""

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        request = normalize_request(BackendRequest(environ))
        status, headers, body = response.dispatch(request, request.raw_url, dict(request.headers))
        return Response(body, status, headers)(environ, start_response)

    _SERVED[service] = application


def served(service: str) -> Application | None:
    """Return the application that answers a service's calls; None if that is moto's matter."""
    return _SERVED.get(service)
