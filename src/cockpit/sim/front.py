"""The front of the simulated AWS: every request passes here, and only here can one be delayed, refused or spoilt."""

import io
import json
import sys
import traceback
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl
from wsgiref.handlers import format_date_time

from botocore.model import OperationNotFoundError
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

from cockpit.sim.calls import Call, identify
from cockpit.sim.errors import NotSimulated, ServiceDown
from cockpit.sim.holds import NEVER_CARRIED_OUT, Hold, Holds, wait_until_gone
from cockpit.sim.own_services import served
from cockpit.sim.refusals import Answer, refusal
from cockpit.sim.simulation import Simulation

OWN_PATH = "/_cockpit/"


class Front:
    """A WSGI application: lets the world catch up, has moto answer, and turns what is missing into a clear 4xx."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self._holds = Holds()
        self._moto = DomainDispatcherApplication(_create_app)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request."""
        simulation = self._simulation
        body = _take_body(environ)
        hold: Hold | None = None
        with simulation.world.lock:
            simulation.world.catch_up()
            simulation.address = f"http://{environ.get('HTTP_HOST', '')}"
            page = self._page(environ.get("PATH_INFO", ""))
            if page is not None:
                status, headers, content = page
            elif environ.get("PATH_INFO", "").startswith(OWN_PATH):
                status, headers, content = self._own_answer(environ, body)
            else:
                call = identify(environ, body)
                hold = self._holds.of(call)
                if hold is not None and hold.order.effect == "before":
                    status, headers, content = f"{NEVER_CARRIED_OUT:03} Held", [], b""
                else:
                    status, headers, content = self.answer(call, environ, body)
                simulation.calls.record(simulation.world.now(), call, int(status[:3]))
            date = format_date_time(simulation.world.now().timestamp())
            if hold is not None:
                hold.held = True
        if hold is not None:
            wait_until_gone(environ)
            raise ConnectionAbortedError("the client of a held call is gone: there is nobody to answer")
        kept = [(name, value) for name, value in headers if name.lower() not in ("date", "content-length")]
        start_response(status, [*kept, ("Date", date), ("Content-Length", length_of(headers, content))])
        return [content]

    def answer(self, call: Call, environ: dict[str, Any], body: bytes) -> Answer:
        """Answer an AWS call at the world's present moment; the caller holds the world's lock."""
        if not call.service:
            message = "The request is not signed, so the simulator cannot tell which service it is for."
            return refusal(environ, "403 Forbidden", "MissingAuthenticationToken", message)
        what = f"{call.service} {call.operation}".strip() or environ.get("PATH_INFO", "")
        environ["wsgi.input"] = io.BytesIO(body)
        try:
            status, headers, content = _collect(served(call.service) or self._moto, environ)
        except (NotImplementedError, NotSimulated, OperationNotFoundError) as error:
            return _not_simulated(environ, what, str(error))
        except ServiceDown as error:
            return refusal(environ, "500 Internal Server Error", error.code, str(error))
        except Exception as error:  # noqa: BLE001 - whatever breaks in here must not look like a passing AWS fault
            traceback.print_exc(file=sys.stderr)
            return _not_simulated(environ, what, f"the simulator failed: {type(error).__name__}: {error}")
        bodiless = environ["REQUEST_METHOD"] == "HEAD"
        if status.startswith("5") or (not bodiless and _is_no_aws_answer(status, headers, content)):
            return _not_simulated(environ, what, "")
        return status, headers, content

    def _page(self, path: str) -> Answer | None:
        """Answer somebody who looks at a web page of the simulated world; None if there is none at that path."""
        for beginning, page in self._simulation.pages.items():
            if path.startswith(beginning):
                status, content = page(path)
                line = f"{status} {HTTPStatus(status).phrase}"
                return line, [("Content-Type", "application/json")], json.dumps(content).encode()
        return None

    def _own_answer(self, environ: dict[str, Any], body: bytes) -> Answer:
        """Answer what is not AWS: the calls received, calls to hold, and the truth that tests compare with."""
        name = environ["PATH_INFO"].removeprefix(OWN_PATH)
        query = dict(parse_qsl(environ.get("QUERY_STRING", "")))
        json_type = [("Content-Type", "application/json")]
        if name == "calls":
            return "200 OK", json_type, json.dumps(self._simulation.calls.to_json()).encode()
        if name == "hold":
            return self._hold_answer(environ, body)
        if name in self._simulation.truth:
            return "200 OK", json_type, json.dumps(self._simulation.truth[name](query)).encode()
        known = ", ".join(sorted(["calls", "hold", *self._simulation.truth]))
        return "404 Not Found", json_type, json.dumps({"error": f"there is no {name!r} here, only: {known}"}).encode()

    def _hold_answer(self, environ: dict[str, Any], body: bytes) -> Answer:
        """Take an order to hold a call (POST), and tell how far every order has come."""
        json_type = [("Content-Type", "application/json")]
        try:
            if environ["REQUEST_METHOD"] == "POST":
                self._holds.give(body)
        except ValueError as error:
            return "400 Bad Request", json_type, json.dumps({"error": str(error)}).encode()
        return "200 OK", json_type, json.dumps(self._holds.to_json()).encode()


def length_of(headers: list[tuple[str, str]], content: bytes) -> str:
    """Return the length that an answer states: its content's, or for a HEAD request that of what is not sent."""
    stated = next((value for name, value in headers if name.lower() == "content-length"), "0")
    return str(len(content)) if content else stated


def _create_app(service: Any) -> Any:
    """Build moto's application of a service so that an error in it reaches the front instead of becoming a 500."""
    if service is None:
        raise NotSimulated("no such service")
    app = create_backend_app(service)
    app.debug = False
    app.config["PROPAGATE_EXCEPTIONS"] = True
    return app


def _take_body(environ: dict[str, Any]) -> bytes:
    if environ.get("wsgi.input_terminated"):
        return bytes(environ["wsgi.input"].read())
    return bytes(environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)))


def _collect(application: Callable[..., Iterable[bytes]], environ: dict[str, Any]) -> Answer:
    """Run a WSGI application to its end."""
    started: list[tuple[str, list[tuple[str, str]]]] = []

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> None:
        del exc_info
        started.append((status, headers))

    chunks = application(environ, start_response)
    try:
        content = b"".join(chunks)
    finally:
        close = getattr(chunks, "close", None)
        if close is not None:
            close()
    return *started[-1], content


def _is_no_aws_answer(status: str, headers: list[tuple[str, str]], content: bytes) -> bool:
    """Tell whether an error comes from the web framework: an unknown path, a method that is not allowed."""
    kind = next((value for name, value in headers if name.lower() == "content-type"), "")
    return status.startswith("4") and (not content or kind.startswith("text/html"))


def _not_simulated(environ: dict[str, Any], what: str, detail: str) -> Answer:
    message = f"{what} is not simulated" + (f" ({detail})." if detail else ".")
    return refusal(environ, "400 Bad Request", "NotSimulated", message)
