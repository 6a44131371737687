"""``http``: look at a URL and assert what it answers."""

import asyncio
import json
import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver
from pydantic import JsonValue
from yarl import URL

from cockpit.engine.actions.again import look_again
from cockpit.engine.actions.base import Result, StepContext
from cockpit.engine.actions.sends_nothing import SendsNothing
from cockpit.engine.secrets import NOT_KEPT
from cockpit.model.effect import Outcome
from cockpit.model.text import clean
from cockpit.plans.actions.http import HttpSpec
from cockpit.plans.expressions import ExpressionError, bare, evaluate

KEYRING_SERVICE = "cockpit"
_MOST_BYTES = 1_000_000


class _Refused(Exception):
    """The request is not made as asked; the text says why."""


class _Instead(AbstractResolver):
    """Leads every name to one server. Its own name, if it is none but an address, is looked up as usual."""

    def __init__(self, host: str, port: int | None) -> None:
        self._host = host
        self._port = port

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return the server's addresses, whatever name is asked for."""
        found = await ThreadedResolver().resolve(self._host, self._port or port, family)
        return [{**each, "hostname": host} for each in found]

    async def close(self) -> None:
        """Keep nothing open."""


@dataclass(frozen=True, slots=True)
class _Request:
    """What is asked, and the text its answer must hold.

    `shown` is the address without user, password and query; `secret` must never be shown.
    """

    url: URL
    headers: dict[str, str]
    text: str
    shown: str
    secret: str
    instead: "_Instead | None"


@dataclass(frozen=True, slots=True)
class _Page:
    status: int
    headers: Mapping[str, str]
    body: str


class HttpAction(SendsNothing):
    """Makes GET requests and follows no redirect: where it leads is for a person to judge."""

    async def perform(self, context: StepContext, spec: HttpSpec) -> Result:
        """Carry out the step; it only reads."""
        try:
            request = await _request(context, spec)
        except _Refused as reason:
            return Result(Outcome.FAILED, reason=f"{reason}; nothing was requested.")
        return await look_again(context, spec, lambda: _look(context, spec, request))


async def _request(context: StepContext, spec: HttpSpec) -> _Request:
    """Fill the address and the headers.

    Raises:
        _Refused: the address is none, or the token is not in the keyring.
    """
    address = str(context.resolve(spec.url))
    headers = {name: str(context.resolve(value)) for name, value in spec.headers.items()}
    try:
        url = URL(address)
    except ValueError as error:
        raise _Refused(f"{clean(address, 200)} is not a URL") from error
    if url.scheme not in ("http", "https") or not url.host:
        raise _Refused(f"{clean(address, 200)} is no http address")
    secret = ""
    if spec.bearer is not None:
        secret = await asyncio.to_thread(_token, str(context.resolve(spec.bearer)))
        headers["Authorization"] = f"Bearer {secret}"
    shown = clean(str(url.with_user(None).with_query(None)), 200)
    text = str(context.resolve(spec.expect_text)) if spec.expect_text else ""
    if spec.connect_to is None:
        return _Request(url, headers, text, shown, secret, None)
    server = str(context.resolve(spec.connect_to))
    return _Request(url, headers, text, f"{shown} at {clean(server, 100)}", secret, _instead(server))


def _instead(server: str) -> _Instead:
    """Return what leads to a server, given as ``host`` or ``host:port``.

    Raises:
        _Refused: it is neither.
    """
    try:
        parts = URL(f"//{server}")
        port = parts.explicit_port
    except ValueError as error:
        raise _Refused(f"{clean(server, 100)} is no host to connect to") from error
    if not parts.host or parts.path not in ("", "/") or parts.user is not None:
        raise _Refused(f"{clean(server, 100)} is no host to connect to")
    return _Instead(parts.host, port)


def _token(name: str) -> str:
    """Return a token from the keyring.

    Raises:
        _Refused: it has none of that name, or cannot be opened.
    """
    import keyring  # noqa: PLC0415 - most plans need no token
    from keyring.errors import KeyringError  # noqa: PLC0415

    where = f"the keyring entry {clean(name, 60)} (put it there: keyring set {KEYRING_SERVICE} {clean(name, 60)})"
    try:
        token = keyring.get_password(KEYRING_SERVICE, name)
    except KeyringError as error:
        raise _Refused(f"{where} cannot be read: {clean(error, 200)}") from error
    if not token:
        raise _Refused(f"There is no token: {where} is missing or empty")
    return token


async def _look(context: StepContext, spec: HttpSpec, request: _Request) -> Result:
    """Make one request and judge its answer."""
    captured: dict[str, JsonValue] = {}
    try:
        page = await _get(request, spec.timeout.total_seconds())
    except TimeoutError:
        words = f"did not answer within {spec.timeout.total_seconds():.0f} s. Retry, or look at the service"
    except (aiohttp.ClientError, OSError) as error:
        words = f"could not be reached: {clean(error, 300)}"
    else:
        captured["status"] = page.status
        problem, more = _judge(context, spec, page)
        if not problem and request.text not in page.body:
            problem = f"the body does not contain {clean(request.text, 100)}; it begins {clean(page.body[:200])!r}"
        if not problem:
            context.observe("http", f"{request.shown} answered {page.status}", ok=True)
            return Result(captured={**captured, **more})
        words = f"answered {page.status}: {problem}"
    if request.secret:
        words = words.replace(request.secret, NOT_KEPT)
    context.observe("http", f"{request.shown} {words}", ok=False)
    return Result(Outcome.FAILED, captured, f"{request.shown} {words}.")


async def _get(request: _Request, seconds: float) -> _Page:
    limits = aiohttp.ClientTimeout(total=seconds)
    # A proxy would look the name up by itself, so there is none on the way to a server that is named instead.
    connector = aiohttp.TCPConnector(resolver=request.instead) if request.instead else None
    async with (
        aiohttp.ClientSession(timeout=limits, trust_env=request.instead is None, connector=connector) as session,
        session.get(request.url, headers=request.headers, allow_redirects=False) as response,
    ):
        body = b""
        async for chunk in response.content.iter_chunked(65_536):
            body += chunk
            if len(body) > _MOST_BYTES:
                break
        return _Page(response.status, response.headers.copy(), body[:_MOST_BYTES].decode("utf-8", "replace"))


def _judge(context: StepContext, spec: HttpSpec, page: _Page) -> tuple[str, dict[str, JsonValue]]:
    """Return what is not as wanted, in words (empty if all is well), and what is captured."""
    if problem := _outside(spec, page):
        return problem, {}
    if spec.expect_json is None and not spec.capture:
        return "", {}
    try:
        answer: JsonValue = json.loads(page.body)
    except ValueError:
        return f"the body is not JSON; it begins {clean(page.body[:200])!r}", {}
    try:
        if spec.expect_json is not None:
            holds = context.resolve("{{ " + bare(spec.expect_json) + " }}", {"answer": answer})
            if holds in (False, [], {}):
                return f"not true: {clean(spec.expect_json, 200)}; it begins {clean(page.body[:200])!r}", {}
        names = context.names({"answer": answer})
        return "", {name: evaluate(source, names) for name, source in spec.capture.items()}
    except ExpressionError as error:
        return clean(error, 300), {}


def _outside(spec: HttpSpec, page: _Page) -> str:
    """Return what is wrong with status, headers and text of an answer; empty if nothing is."""
    if page.status != spec.expect_status:
        location = page.headers.get("Location", "")
        return f"{spec.expect_status} was expected" + (f", it leads to {clean(location, 200)}" if location else "")
    for name, pattern in spec.expect_headers.items():
        value = page.headers.get(name)
        if value is None or not re.match(pattern, value):
            found = "is missing" if value is None else f"is {clean(value, 100)!r}"
            return f"the header {clean(name, 60)} {found}, expected {clean(pattern, 100)}"
    if spec.expect_body is not None and not re.search(spec.expect_body, page.body):
        return f"the body does not contain {clean(spec.expect_body, 100)}; it begins {clean(page.body[:200])!r}"
    return ""
