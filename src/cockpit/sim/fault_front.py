"""AWS at its worst: stands before the simulator's front and refuses, delays, spoils or loses what rules say.

Only calls over the network pass here; what a scenario itself does is never hit.
"""

import io
import json
import os
import select
import socket
import struct
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any, cast
from wsgiref.handlers import format_date_time

from pydantic import Field, ValidationError

from cockpit.sim.calls import Call, identify
from cockpit.sim.fault_answers import refused, rewritten
from cockpit.sim.fault_book import FaultBook, StandingRule
from cockpit.sim.fault_rule import FaultRule, Kind
from cockpit.sim.fault_visibility import Veil
from cockpit.sim.front import OWN_PATH, length_of
from cockpit.sim.refusals import Answer
from cockpit.sim.simulation import Simulation

PAGE = OWN_PATH + "faults"
NEVER_CARRIED_OUT = 0
"""Stands in the log of calls, instead of an HTTP status, for a call that got no answer and was never carried out."""

_LONGEST_SILENCE = 300.0  # real seconds
_UNANSWERED: frozenset[Kind] = frozenset({"reset", "silent"})
_Wsgi = Callable[..., Iterable[bytes]]


class _Order(FaultRule):
    """A rule as it is posted: `lasts` are seconds of the story; without it the rule stands until it is cleared."""

    lasts: float | None = Field(default=None, gt=0)


class FaultFront:
    """A WSGI application around the front."""

    def __init__(self, front: _Wsgi, simulation: Simulation) -> None:
        self._front = front
        self._world = simulation.world
        self._calls = simulation.calls
        self._book: FaultBook = simulation.parts[FaultBook]
        self._veil = Veil()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request, well or badly."""
        path = environ.get("PATH_INFO", "")
        if path.startswith(OWN_PATH) and path != PAGE:
            return self._front(environ, start_response)
        body = _take_body(environ)
        if path == PAGE:
            return _send(start_response, self._own_answer(environ, body))
        call = identify(environ, body)
        with self._world.lock:
            self._world.catch_up()
            hit = self._book.pick(call, _access_key(environ))
        if hit is None:
            return _send(start_response, self._carried_out(call, environ, body))
        self._book.wait(hit, hit.rule.delay)
        return self._spoilt(hit, call, environ, body, start_response)

    def _spoilt(
        self,
        hit: StandingRule,
        call: Call,
        environ: dict[str, Any],
        body: bytes,
        start_response: Callable[..., Any],
    ) -> Iterable[bytes]:
        rule = hit.rule
        if rule.carried_out:
            answer = self._carried_out(call, environ, body)
        else:
            answer = (f"{NEVER_CARRIED_OUT:03} None", [], b"")
        if not rule.carried_out and rule.kind not in _UNANSWERED:
            answer = refused(rule, call, environ)
        if not rule.carried_out:
            with self._world.lock:
                self._calls.record(self._world.now(), call, int(answer[0][:3]))
        if rule.kind == "silent":
            self._book.wait(hit, _LONGEST_SILENCE, lambda: _is_gone(environ))
        if rule.kind in _UNANSWERED:
            return _reset(environ)
        if rule.kind == "server_error":
            answer = refused(rule, call, environ)
        if rule.kind == "skew":
            answer = _ahead(answer, rule.seconds)
        status, headers, content = answer
        half = content[: len(content) // 2]
        if rule.kind == "garbage":
            return _send(start_response, rewritten(answer, half or b"{"))
        if rule.kind == "cut_short":
            return _send(start_response, (status, headers, half), len(content))
        return _send(start_response, answer)

    def _carried_out(self, call: Call, environ: dict[str, Any], body: bytes) -> Answer:
        """Have the call answered, and hide from the answer what may not be seen yet."""
        answer = _collect(self._front, environ)
        with self._world.lock:
            now = self._world.now()
            unseen = self._book.pick(call, _access_key(environ), invisible=True)
            if unseen is not None:
                self._veil.hide(call, environ, answer, now + timedelta(seconds=unseen.rule.seconds))
            return self._veil.seen_through(call, environ, body, answer, now)

    def _own_answer(self, environ: dict[str, Any], body: bytes) -> Answer:
        """Take a rule, end rules (``{"clear": 3}``, ``{"clear": "all"}``), tell which rules stand."""
        json_type = [("Content-Type", "application/json")]
        answer: Any = None
        with self._world.lock:
            self._world.catch_up()
            try:
                if environ["REQUEST_METHOD"] == "POST":
                    answer = {"number": self._ordered(body)}
            except ValueError as error:
                return "400 Bad Request", json_type, json.dumps({"error": str(error)}).encode()
            return "200 OK", json_type, json.dumps(answer or self._book.to_json()).encode()

    def _ordered(self, body: bytes) -> int:
        given = json.loads(body)
        if isinstance(given, dict) and set(given) == {"clear"}:
            number = int(given["clear"]) if given["clear"] != "all" else None
            self._book.clear(number)
            return number or 0
        try:
            order = _Order.model_validate(given)
        except ValidationError as error:
            raise ValueError(str(error)) from error
        rule = FaultRule.model_validate(order.model_dump(exclude={"lasts"}))
        return self._book.add(rule, timedelta(seconds=order.lasts) if order.lasts is not None else None)


def _take_body(environ: dict[str, Any]) -> bytes:
    """Read the body, and leave it there to be read again."""
    size = None if environ.get("wsgi.input_terminated") else int(environ.get("CONTENT_LENGTH") or 0)
    body = bytes(environ["wsgi.input"].read(size) if size is not None else environ["wsgi.input"].read())
    environ["wsgi.input"] = io.BytesIO(body)
    return body


def _access_key(environ: dict[str, Any]) -> str:
    credential: str = environ.get("HTTP_AUTHORIZATION", "").partition("Credential=")[2]
    return credential.partition("/")[0]


def _collect(application: _Wsgi, environ: dict[str, Any]) -> Answer:
    started: list[tuple[str, list[tuple[str, str]]]] = []

    def start_response(status: str, headers: list[tuple[str, str]]) -> None:
        started.append((status, headers))

    content = b"".join(application(environ, start_response))
    return *started[-1], content


def _send(start_response: Callable[..., Any], answer: Answer, length: int | None = None) -> Iterable[bytes]:
    status, headers, content = answer
    kept = [(name, value) for name, value in headers if name.lower() != "content-length"]
    stated = length_of(headers, content) if length is None else str(length)
    start_response(status, [*kept, ("Content-Length", stated)])
    return [content]


def _ahead(answer: Answer, seconds: float) -> Answer:
    """Put the answer's `Date` ahead (or back)."""
    status, headers, content = answer

    def moved(name: str, value: str) -> str:
        if name.lower() != "date":
            return value
        return format_date_time((parsedate_to_datetime(value) + timedelta(seconds=seconds)).timestamp())

    return status, [(name, moved(name, value)) for name, value in headers], content


def _is_gone(environ: dict[str, Any]) -> bool:
    connection: socket.socket = environ["werkzeug.socket"]
    readable, _, _ = select.select([connection], [], [], 0)
    try:
        return bool(readable) and not connection.recv(1, socket.MSG_PEEK)
    except OSError:
        return True


class _Broken(Iterator[bytes]):
    """A body that never comes: the connection ends with a TCP reset.

    The server closes a body at the very end, after its own look at the connection; a socket that was closed earlier
    would be a fault of the server, and one that the server closes itself would end with an orderly farewell.
    """

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection

    def __next__(self) -> bytes:
        raise ConnectionResetError("a rule of faults breaks this connection")

    def close(self) -> None:
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        os.close(self._connection.detach())


def _reset(environ: dict[str, Any]) -> Iterable[bytes]:
    return _Broken(cast("socket.socket", environ["werkzeug.socket"]))
