"""botocore clients: one session, one client per service, region and purpose, made off the event loop."""

import asyncio
from typing import Any

from aiobotocore.config import AioConfig
from aiobotocore.session import AioSession

from cockpit import __version__
from cockpit.aws.answers import check_is_answer, quick_time
from cockpit.aws.guard import Guard
from cockpit.aws.http_once import OnceSession

CONNECT_SECONDS = 3
READ_SECONDS = 15
READ_ATTEMPTS = 3
CONNECTIONS = 16

_COMMON: dict[str, Any] = {
    "connect_timeout": CONNECT_SECONDS,
    "read_timeout": READ_SECONDS,
    "max_pool_connections": CONNECTIONS,
    "user_agent_extra": f"incident-cockpit/{__version__}",
}


class Clients:
    """Makes and keeps the clients of one environment. Every one of them inherits the guard's hooks."""

    def __init__(self, profile: str | None, guard: Guard) -> None:
        self._profile = profile
        self._guard = guard
        self._session: AioSession | None = None
        self._clients: dict[tuple[str, str, bool], Any] = {}
        self._making = asyncio.Lock()

    async def reading(self, service: str, region: str) -> Any:
        """Return the client for reads: botocore's standard retries."""
        return await self._client(service, region, mutating=False)

    async def mutating(self, service: str, region: str) -> Any:
        """Return the client for mutations: no retry, no second sending, a new connection for each call."""
        return await self._client(service, region, mutating=True)

    async def access_key(self) -> str:
        """Return the id of the access key that calls are signed with; empty if there are no credentials."""
        credentials = await (await self._ready_session()).get_credentials()
        if credentials is None:
            return ""
        frozen = await credentials.get_frozen_credentials()
        return str(frozen.access_key or "")

    async def close(self) -> None:
        """Close every client."""
        clients, self._clients = list(self._clients.values()), {}
        for client in clients:
            await client.__aexit__(None, None, None)

    async def _client(self, service: str, region: str, *, mutating: bool) -> Any:
        key = (service, region, mutating)
        if key not in self._clients:
            session = await self._ready_session()
            async with self._making:  # a session makes its clients one at a time
                if key not in self._clients:
                    # The models are large: decoding them takes a tenth of a second, which this loop must not lose.
                    self._clients[key] = await asyncio.to_thread(_make_client, session, service, region, mutating)
        return self._clients[key]

    async def _ready_session(self) -> AioSession:
        async with self._making:
            if self._session is None:
                self._session = await asyncio.to_thread(self._make_session)
            return self._session

    def _make_session(self) -> AioSession:
        session = AioSession(profile=self._profile)
        self._guard.hook(session)
        session.register("before-parse", check_is_answer, unique_id="cockpit-is-answer")
        session.get_component("response_parser_factory").set_parser_defaults(timestamp_parser=quick_time)
        return session


def _make_client(session: AioSession, service: str, region: str, mutating: bool) -> Any:
    if mutating:
        retries = {"mode": "standard", "total_max_attempts": 1}
        own: dict[str, Any] = {
            "http_session_cls": OnceSession,
            "connector_args": {"force_close": True, "keepalive_timeout": None},
        }
    else:
        retries = {"mode": "standard", "total_max_attempts": READ_ATTEMPTS}
        own = {}
    config = AioConfig(retries=retries, **_COMMON, **own)

    async def make() -> Any:
        return await session.create_client(service, region_name=region, config=config).__aenter__()

    return asyncio.run(make())
