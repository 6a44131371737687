"""The guard: one door to every call (DESIGN 7).

Hooks in the client layer refuse every operation that is not on the read list, whoever calls it, unless the current call
carries a live `Permit` for exactly that operation and region. Any doubt is a refusal: nothing is sent.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from cockpit.aws.port import GuardRefused, Permit
from cockpit.aws.read_list import CREDENTIAL_CALLS, REVEALING, is_read

CHECKED_EVENTS = ("before-parameter-build", "before-call")
SENT_EVENT = "before-send"


@dataclass(slots=True)
class Ticket:
    """The permitted mutation that is being made in this task.

    Attributes:
        sends: how often botocore sent it.
        on_wire: how often it went to the network; 0 means that it surely did not take effect.
    """

    permit: Permit
    sends: int = 0
    on_wire: int = 0


class SentOnceOnly(Exception):
    """A second sending of the same request was stopped. What became of the first is not known."""


_ticket: ContextVar[Ticket | None] = ContextVar("ticket", default=None)


class Guard:
    """Checks permits before they are used and every request before it leaves.

    Attributes:
        account: the environment's account; None: nothing may be changed here.
        regions: the environment's regions; nothing may be changed in any other. Empty: any region.
    """

    def __init__(self, account: str | None, regions: tuple[str, ...] = ()) -> None:
        self.account = account
        self.regions = regions
        self._used: set[tuple[str, str, int, int]] = set()
        self._services: dict[str, str] = {}

    def hook(self, session: Any) -> None:
        """Put the guard into a botocore session, before any client is made: clients inherit its hooks."""
        for event in CHECKED_EVENTS:
            session.register(event, self.check_call, unique_id=f"cockpit-guard-{event}")
        session.register(SENT_EVENT, self.check_send, unique_id=f"cockpit-guard-{SENT_EVENT}")

    @contextmanager
    def admit(self, permit: Permit, actual_account: str) -> Iterator[Ticket]:
        """Use up a permit for the calls of this task.

        Args:
            permit: the leave that the engine gave.
            actual_account: the account that STS reports for the credentials the call will be signed with.

        Raises:
            GuardRefused: the permit does not fit, or was used before.
        """
        what = f"{permit.service} {permit.operation} in {permit.region}"
        if self.account is None:
            raise GuardRefused(
                f"{what} was not sent: this environment names no account in cockpit.toml, so nothing may be changed."
            )
        if permit.account != self.account:
            raise GuardRefused(
                f"{what} was not sent: the run was armed for account {permit.account}, the environment is "
                f"{self.account}."
            )
        if self.regions and permit.region not in self.regions:
            raise GuardRefused(f"{what} was not sent: the environment's regions are {', '.join(self.regions)}.")
        if actual_account != permit.account:
            raise GuardRefused(
                f"{what} was not sent: the credentials belong to account {actual_account}, the run to "
                f"{permit.account}. Sign in to the right account."
            )
        if is_read(permit.service, permit.operation):
            raise GuardRefused(f"{what} was not sent: it is a read and needs no permit.")
        key = (permit.run_id, permit.step, permit.attempt, permit.call)
        if key in self._used:
            raise GuardRefused(f"{what} was not sent: its permit was used before (step {permit.step!r}).")
        self._used.add(key)
        ticket = Ticket(permit)
        reset = _ticket.set(ticket)
        try:
            yield ticket
        finally:
            _ticket.reset(reset)

    def check_call(
        self, model: Any, context: dict[str, Any] | None = None, params: dict[str, Any] | None = None, **_: Any
    ) -> None:
        """Refuse a call that may not be made; called by botocore before it is built and before it is signed.

        Raises:
            GuardRefused: it is neither a read nor what the ticket permits, or it would reveal a secret.
        """
        service, operation = model.service_model.service_name, model.name
        self._services[model.service_model.service_id.hyphenize()] = service
        region = str((context or {}).get("client_region", ""))
        self._check(service, operation, region)
        revealing = [name for name in REVEALING.get((service, operation), ()) if (params or {}).get(name)]
        if revealing:
            raise GuardRefused(f"{service} {operation} was not sent: {', '.join(revealing)} would reveal a secret.")

    def check_send(self, event_name: str, **_: Any) -> None:
        """Refuse a request that may not leave; called by botocore before every single sending, retries included.

        Raises:
            GuardRefused: as above, or the same mutation would be sent a second time.
        """
        _event, service_id, operation = event_name.split(".", 2)
        service = self._services.get(service_id, "")
        self._check(service, operation, None)
        ticket = _ticket.get()
        if ticket is not None and _is_of(ticket.permit, service, operation):
            if ticket.sends:
                raise GuardRefused(f"{service} {operation} was not sent a second time on the same permit.")
            ticket.sends += 1

    def _check(self, service: str, operation: str, region: str | None) -> None:
        if is_read(service, operation) or (service, operation) in CREDENTIAL_CALLS:
            return
        ticket = _ticket.get()
        where = "" if region is None else f" in {region}"
        if ticket is None:
            raise GuardRefused(
                f"{service} {operation}{where} was not sent: it is not on the read list, and nothing changes outside "
                "a confirmed step of an armed run."
            )
        permit = ticket.permit
        if not _is_of(permit, service, operation) or (region is not None and region != permit.region):
            raise GuardRefused(
                f"{service} {operation}{where} was not sent: the permit is for {permit.service} {permit.operation} in "
                f"{permit.region}."
            )


def _is_of(permit: Permit, service: str, operation: str) -> bool:
    return (permit.service, permit.operation) == (service, operation)


def count_on_wire() -> None:
    """Count a request of the permitted mutation as it goes to the network; called by `http_once`.

    Raises:
        GuardRefused: there is no permit.
        SentOnceOnly: it went out before (a retry or a redirect below botocore).
    """
    ticket = _ticket.get()
    if ticket is None:
        raise GuardRefused("Nothing was sent: a client that can change things was used without a permit.")
    if ticket.on_wire:
        raise SentOnceOnly("the connection broke or was redirected after the request had left")
    ticket.on_wire += 1
