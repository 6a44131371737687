"""The HTTP session of clients that mutate: every request leaves at most once.

aiohttp sends PUT and DELETE again by itself when a connection breaks, and follows redirects. For a mutation either
would be a second sending that nobody confirmed.
"""

from typing import Any

from aiobotocore.httpsession import AIOHTTPSession
from aiohttp import ClientHandlerType, ClientRequest, ClientResponse

from cockpit.aws.guard import count_on_wire


class OnceSession(AIOHTTPSession):  # type: ignore[misc]  # aiobotocore ships no types
    """Lets only permitted requests out, each of them once."""

    async def _get_session(self, proxy_url: str | None) -> Any:
        session = await super()._get_session(proxy_url)
        session._middlewares = (_once,)  # noqa: SLF001 - aiobotocore offers no way to pass a middleware
        return session


async def _once(request: ClientRequest, send: ClientHandlerType) -> ClientResponse:
    count_on_wire()
    return await send(request)
