"""A connection that can only read, on plain botocore in threads: what `cockpit status` uses.

Importing aiohttp takes a tenth of a second, a third of what the whole command may take (DESIGN 11).
"""

from __future__ import annotations  # JsonValue is for checkers only: `cockpit status` must not pay for pydantic

import asyncio
import threading
import time
from typing import TYPE_CHECKING, Any, NoReturn

from botocore import xform_name
from botocore.config import Config
from botocore.session import Session

from cockpit.aws.answers import to_answer, to_json
from cockpit.aws.command_line import command_line
from cockpit.aws.faults import CallPlace, fault_of
from cockpit.aws.guard import Guard
from cockpit.aws.parse_identity import parse_identity
from cockpit.aws.port import AwsAnswer, CallRecord, GuardRefused, Identity, Permit, ReadFailed
from cockpit.aws.read_list import is_read
from cockpit.aws.settings import CLIENT_SETTINGS, prepare
from cockpit.aws.threads import DetachedThreads

if TYPE_CHECKING:
    from pydantic import JsonValue

    from cockpit.aws.call_log import CallLog


# Whoever wants one look wants it soon: a region that is gone must not hold up what is known of the others.
_IMPATIENT: dict[str, Any] = {"read_timeout": 8, "retries": {"mode": "standard", "total_max_attempts": 2}}


class WatchOnly:
    """Reads of one environment. It has no way to change anything."""

    def __init__(self, profile: str | None, log: CallLog) -> None:
        self._profile = profile
        self._log = log
        self._session: Session | None = None
        self._clients: dict[tuple[str, str], Any] = {}
        self._making = threading.Lock()  # a session makes its clients one at a time
        self._threads = DetachedThreads()

    async def read(
        self, service: str, operation: str, region: str, params: dict[str, JsonValue], *, pages: bool = False
    ) -> AwsAnswer:
        """Make a read; with `pages` all pages are merged (`AwsPort.read`)."""
        if not is_read(service, operation):
            raise GuardRefused(f"{service} {operation} was not sent: it is not on the read list.")
        place = CallPlace(service, operation, region, self._profile)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._read, place, params, pages)

    async def mutate(self, permit: Permit, params: dict[str, JsonValue]) -> NoReturn:
        """Refuse (`AwsPort.mutate`)."""
        del params
        raise GuardRefused(f"{permit.service} {permit.operation} was not sent: this connection can only read.")

    async def identity(self, region: str) -> Identity:
        """Ask STS who the caller is (`AwsPort.identity`)."""
        answer = await self.read("sts", "GetCallerIdentity", region, {})
        return parse_identity(answer.body, CallPlace("sts", "GetCallerIdentity", region, self._profile))

    async def clock_skew(self, region: str) -> NoReturn:
        """Refuse: nothing that only watches needs it (`AwsPort.clock_skew`)."""
        raise GuardRefused(f"The clock skew in {region} was not measured: this connection only watches.")

    async def close(self) -> None:
        """Close every client."""
        for client in self._clients.values():
            client.close()

    def _read(self, place: CallPlace, params: dict[str, JsonValue], pages: bool) -> AwsAnswer:
        began = time.monotonic()
        ended = "ok"
        try:
            return to_answer(self._send(place, params, pages))
        except GuardRefused:
            ended = "refused by the guard"
            raise
        except Exception as error:
            fault = fault_of(error, place)
            ended = fault.code or fault.kind
            raise ReadFailed(fault) from error
        finally:
            self._note(place, params, time.monotonic() - began, ended)

    def _send(self, place: CallPlace, params: dict[str, JsonValue], pages: bool) -> dict[str, Any]:
        client, method = self._client(place.service, place.region), xform_name(place.operation)
        if pages and client.can_paginate(method):
            merged: dict[str, Any] = client.get_paginator(method).paginate(**params).build_full_result()
            return merged
        raw: dict[str, Any] = getattr(client, method)(**params)
        return raw

    def _client(self, service: str, region: str) -> Any:
        with self._making:
            if self._session is None:
                self._session = Session(profile=self._profile)
                prepare(self._session, Guard(None))
            if (service, region) not in self._clients:
                config = Config(**{**CLIENT_SETTINGS, **_IMPATIENT})
                client = self._session.create_client(service, region_name=region, config=config)
                self._clients[service, region] = client
            return self._clients[service, region]

    def _note(self, place: CallPlace, params: dict[str, JsonValue], seconds: float, ended: str) -> None:
        shown = {name: to_json(value) for name, value in params.items()}
        command = command_line(place.service, place.operation, place.region, shown, profile=self._profile)
        self._log.add(CallRecord(place.service, place.operation, place.region, command, seconds, ended, shown))
