"""botocore clients: one session, one client per service, region and purpose, made off the event loop."""

import asyncio
import time
from typing import Any

from aiobotocore.config import AioConfig
from aiobotocore.session import AioSession

from cockpit.aws.guard import Guard
from cockpit.aws.http_once import OnceSession
from cockpit.aws.settings import CLIENT_SETTINGS, NO_RETRIES, READ_RETRIES, prepare

RENEW_SECONDS = 5.0  # the least time between two looks for credentials
RETIRE_SECONDS = 150.0  # longer than any call may take


class Clients:
    """Makes and keeps the clients of one environment. Every one of them inherits the guard's hooks."""

    def __init__(self, profile: str | None, guard: Guard) -> None:
        self._profile = profile
        self._guard = guard
        self._session: AioSession | None = None
        self._clients: dict[tuple[str, str, bool], Any] = {}
        self._making = asyncio.Lock()
        self._retired: list[tuple[float, Any]] = []
        self._renewed_at = float("-inf")

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

    async def renew(self) -> None:
        """Look for credentials anew at the next call: somebody may have signed in meanwhile.

        A client keeps the credentials it was made with, even if there were none. The old clients are closed once no
        call can be using them any more.
        """
        now = time.monotonic()
        if now - self._renewed_at < RENEW_SECONDS:
            return
        self._renewed_at = now
        self._retired += [(now, client) for client in self._clients.values()]
        self._clients, self._session = {}, None
        over = [client for since, client in self._retired if now - since > RETIRE_SECONDS]
        self._retired = [(since, client) for since, client in self._retired if now - since <= RETIRE_SECONDS]
        for client in over:
            await client.__aexit__(None, None, None)

    async def close(self) -> None:
        """Close every client."""
        clients = [*self._clients.values(), *(client for _, client in self._retired)]
        self._clients, self._retired = {}, []
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
        prepare(session, self._guard)
        return session


def _make_client(session: AioSession, service: str, region: str, mutating: bool) -> Any:
    own: dict[str, Any] = {"retries": READ_RETRIES}
    if mutating:
        fresh_connection = {"force_close": True, "keepalive_timeout": None}
        own = {"retries": NO_RETRIES, "http_session_cls": OnceSession, "connector_args": fresh_connection}
    config = AioConfig(**CLIENT_SETTINGS, **own)

    async def make() -> Any:
        return await session.create_client(service, region_name=region, config=config).__aenter__()

    return asyncio.run(make())
