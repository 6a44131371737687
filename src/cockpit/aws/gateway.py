"""Calls to AWS through aiobotocore, behind the guard: the implementation of `aws.port.AwsPort`."""

from __future__ import annotations  # JsonValue is for checkers only: `cockpit status` must not pay for pydantic

import asyncio
import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, TypeVar

from botocore import xform_name

from cockpit.aws.answers import check_is_whole, read_streams, to_answer, to_json
from cockpit.aws.call_log import CallLog
from cockpit.aws.clients import Clients
from cockpit.aws.command_line import command_line
from cockpit.aws.faults import CallPlace, fault_of, unreadable
from cockpit.aws.guard import Guard
from cockpit.aws.outcome import ending_of
from cockpit.aws.pages import read_pages
from cockpit.aws.parse_identity import parse_identity
from cockpit.aws.port import AwsAnswer, CallRecord, CallRejected, GuardRefused, Identity, Permit, ReadFailed
from cockpit.aws.read_list import is_read
from cockpit.model.reading import Fault, FaultKind

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from pydantic import JsonValue

    from cockpit.model.clock import Clock

T = TypeVar("T")

READ_SECONDS = 45.0  # for all attempts and pages of a read together, name resolution included
LONG_READ_SECONDS = 120.0
MUTATE_SECONDS = 45.0


class Gateway:
    """The connection to AWS of one environment, in one event loop. Nothing is read or opened before the first call."""

    def __init__(
        self,
        profile: str | None,
        clock: Clock,
        *,
        account: str | None = None,
        regions: tuple[str, ...] = (),
        log: CallLog | None = None,
    ) -> None:
        """Prepare the connection.

        Args:
            profile: AWS profile; None uses the ordinary AWS settings.
            clock: for the clock skew.
            account: the only account that may be changed; None refuses every mutation.
            regions: the only regions in which anything may be changed; empty: any.
            log: list of calls to append to.
        """
        self._profile = profile
        self._clock = clock
        self._guard = Guard(account, regions)
        self._clients = Clients(profile, self._guard)
        self._log = log or CallLog()
        self._account_of_key: dict[str, str] = {}

    async def read(
        self, service: str, operation: str, region: str, params: dict[str, JsonValue], *, pages: bool = False
    ) -> AwsAnswer:
        """Make a read; with `pages` all pages are merged (`AwsPort.read`)."""
        if not is_read(service, operation):
            raise GuardRefused(f"{service} {operation} was not sent: it is not on the read list.")
        limit = LONG_READ_SECONDS if pages else READ_SECONDS
        return to_answer(await self._read_raw(service, operation, region, params, pages=pages, limit=limit))

    async def mutate(self, permit: Permit, params: dict[str, JsonValue]) -> AwsAnswer:
        """Make one permitted mutation, at most once on the wire (`AwsPort.mutate`)."""
        place = CallPlace(permit.service, permit.operation, permit.region, self._profile)
        try:
            account = await self._actual_account(permit.region)
        except ReadFailed as failure:
            why = f"the account of the credentials could not be proven. {failure.fault.message} {failure.fault.remedy}"
            raise GuardRefused(f"{place.words} was not sent: {why.strip()}") from failure
        with self._guard.admit(permit, account) as ticket:
            began = time.monotonic()
            try:
                client = await self._clients.mutating(permit.service, permit.region)
                async with asyncio.timeout(MUTATE_SECONDS):
                    raw = await _method(client, permit.operation)(**params)
                    await read_streams(raw)
            except GuardRefused:
                self._note(place, params, began, "refused by the guard")
                raise
            except Exception as error:
                ending = ending_of(error, place, ticket)
                words = ending.fault.code or ending.fault.kind if isinstance(ending, CallRejected) else "unknown"
                self._note(place, params, began, words)
                if isinstance(ending, CallRejected) and ending.fault.kind is FaultKind.CREDENTIALS:
                    await self._clients.renew()
                raise ending from error
            self._note(place, params, began, "ok")
            return to_answer(raw)

    async def identity(self, region: str) -> Identity:
        """Ask STS who the caller is (`AwsPort.identity`)."""
        raw = await self._read_raw("sts", "GetCallerIdentity", region, {})
        return parse_identity(to_answer(raw).body, CallPlace("sts", "GetCallerIdentity", region, self._profile))

    async def clock_skew(self, region: str) -> float:
        """Return the seconds that AWS's clock is ahead of the cockpit's (`AwsPort.clock_skew`)."""
        before = self._clock.now()
        raw = await self._read_raw("sts", "GetCallerIdentity", region, {})
        middle = before + (self._clock.now() - before) / 2
        stamp = raw.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date", "")
        try:
            sent = parsedate_to_datetime(stamp)
        except (TypeError, ValueError) as error:
            place = CallPlace("sts", "GetCallerIdentity", region, self._profile)
            raise ReadFailed(unreadable(place, "it carries no date")) from error
        aware = sent.replace(tzinfo=UTC) if sent.tzinfo is None else sent
        return _skew(aware, middle)

    async def close(self) -> None:
        """Close every client."""
        await self._clients.close()

    async def _actual_account(self, region: str) -> str:
        """Return the account of the credentials in use. A key never changes its account, so STS is asked once each."""
        place = CallPlace("sts", "GetCallerIdentity", region, self._profile)
        key = await self._translated(self._clients.access_key, place)
        if not key:
            raise ReadFailed(Fault(FaultKind.CREDENTIALS, "Not signed in: there are no credentials."))
        if key not in self._account_of_key:
            self._account_of_key[key] = (await self.identity(region)).account
        return self._account_of_key[key]

    async def _read_raw(
        self,
        service: str,
        operation: str,
        region: str,
        params: dict[str, JsonValue],
        *,
        pages: bool = False,
        limit: float = READ_SECONDS,
    ) -> dict[str, Any]:
        place = CallPlace(service, operation, region, self._profile)

        async def send() -> dict[str, Any]:
            async with asyncio.timeout(limit):
                client = await self._clients.reading(service, region)
                if pages:
                    raw: dict[str, Any] = await read_pages(client, operation, params)
                else:
                    raw = await _method(client, operation)(**params)
                    await read_streams(raw)
                check_is_whole(operation, raw)
                return raw

        began = time.monotonic()
        try:
            raw = await self._translated(send, place)
        except ReadFailed as failure:
            self._note(place, params, began, failure.fault.code or failure.fault.kind)
            raise
        self._note(place, params, began, "ok")
        return raw

    async def _translated(self, call: Callable[[], Awaitable[T]], place: CallPlace) -> T:
        try:
            return await call()
        except GuardRefused:
            raise
        except Exception as error:
            fault = fault_of(error, place)
            if fault.kind is FaultKind.CREDENTIALS:
                await self._clients.renew()
            raise ReadFailed(fault) from error

    def _note(self, place: CallPlace, params: dict[str, JsonValue], began: float, ended: str) -> None:
        shown = {name: to_json(value) for name, value in params.items()}
        command = command_line(place.service, place.operation, place.region, shown, profile=self._profile)
        seconds = time.monotonic() - began
        self._log.add(CallRecord(place.service, place.operation, place.region, command, seconds, ended, shown))


def _method(client: Any, operation: str) -> Callable[..., Awaitable[dict[str, Any]]]:
    method: Callable[..., Awaitable[dict[str, Any]]] = getattr(client, xform_name(operation))
    return method


def _skew(sent: datetime, received: datetime) -> float:
    """Return the difference; the Date header is cut to whole seconds, so half a second is added."""
    return (sent - received).total_seconds() + 0.5
