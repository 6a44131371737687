"""boto3 clients inside the simulator's process: the scenario makes ordinary AWS calls without the network."""

from collections.abc import Callable
from functools import cache
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.config import Config

from cockpit.sim.calls import identify
from cockpit.sim.front import Front

_HOST = "127.0.0.1"  # an address: S3 takes the first part of a name for a bucket


class _Raw(BytesIO):
    """The body of an answer, as botocore reads it from urllib3: whole, or as a stream for blobs."""

    def stream(self, **_: Any) -> Any:
        """Hand out the body in one piece."""
        yield self.read()


def own_clients(front: Front) -> Callable[[str, str], Any]:
    """Return a function (service, region) → client; each client is made once."""
    session = _session()
    clients: dict[tuple[str, str], Any] = {}

    def answer(request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        environ = _environ(request)
        body = _body(request)
        status, headers, content = front.answer(identify(environ, body), environ, body)
        return AWSResponse(request.url, int(status[:3]), dict(headers), _Raw(content))

    def client(service: str, region: str) -> Any:
        if (service, region) not in clients:
            made = session.client(
                service,
                region_name=region,
                endpoint_url=f"http://{_HOST}",
                config=Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}),
            )
            made.meta.events.register("before-send", answer)
            clients[service, region] = made
        return clients[service, region]

    return client


@cache
def _session() -> boto3.session.Session:
    """Return one session for the process: it remembers the service models that it has read."""
    return boto3.session.Session(aws_access_key_id="scenario", aws_secret_access_key="scenario")  # noqa: S106


def _body(request: AWSPreparedRequest) -> bytes:
    """Return the body, which is a file for what is uploaded."""
    body: Any = request.body or b""
    if hasattr(body, "read"):
        body.seek(0)
        body = body.read()
    return body.encode() if isinstance(body, str) else bytes(body)


def _environ(request: AWSPreparedRequest) -> dict[str, Any]:
    """Translate a signed request into what a WSGI application gets."""
    url = urlsplit(request.url)
    headers = {name: value.decode() if isinstance(value, bytes) else value for name, value in request.headers.items()}
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": url.path or "/",
        "QUERY_STRING": url.query,
        "SERVER_NAME": _HOST,
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "wsgi.errors": None,
        "CONTENT_TYPE": headers.get("Content-Type", ""),
        "CONTENT_LENGTH": str(len(_body(request))),
    }
    for name, value in headers.items():
        environ[f"HTTP_{name.upper().replace('-', '_')}"] = value
    environ["HTTP_HOST"] = _HOST
    return environ
