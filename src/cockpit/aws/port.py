"""What the layers above see of AWS: reads, permitted mutations, and the ways they end.

`cockpit.aws.gateway.Gateway` is the implementation. Nothing above this layer catches a botocore exception.
"""

from __future__ import annotations  # JsonValue is for checkers only: `cockpit status` must not pay for pydantic

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from cockpit.model.reading import Fault

if TYPE_CHECKING:
    from pydantic import JsonValue


@dataclass(frozen=True, slots=True)
class AwsAnswer:
    """A parsed answer: times are ISO 8601 UTC strings, bytes are base64 text, metadata is left out.

    Attributes:
        body: the members of botocore's output shape that AWS sent.
        request_id: AWS request id; empty if there was none.
    """

    body: dict[str, JsonValue]
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who STS says the caller is."""

    account: str
    arn: str
    user_id: str = ""


@dataclass(frozen=True, slots=True)
class Permit:
    """Leave for one mutation, made by the engine for one call of a confirmed step of an armed run, and used once.

    Attributes:
        account: the account that STS reported when the run was armed; the call is refused elsewhere.
        service, operation, region: the only call it is good for.
    """

    run_id: str
    step: str
    attempt: int
    call: int
    account: str
    service: str
    operation: str
    region: str


class AwsFailure(Exception):
    """Base of everything a call can end in but an answer.

    AwsFailure
    ├── ReadFailed        a read gave no answer
    ├── GuardRefused      the cockpit itself refused: nothing was sent
    ├── CallRejected      AWS refused a mutation: it surely did not take effect
    └── OutcomeUnknown    no answer to a mutation: it may have taken effect
    """


class ReadFailed(AwsFailure):
    """A read gave no answer; `fault` says why in words."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.message)
        self.fault = fault


class GuardRefused(AwsFailure):
    """The guard refused the call before anything was sent; the text says why."""


class CallRejected(AwsFailure):
    """AWS answered a mutation with an error: it did not take effect."""

    def __init__(self, fault: Fault, request_id: str = "") -> None:
        super().__init__(fault.message)
        self.fault = fault
        self.request_id = request_id


class OutcomeUnknown(AwsFailure):
    """A mutation was sent, or may have been, and no definite answer came. Never repeat it blindly."""

    def __init__(self, evidence: tuple[str, ...]) -> None:
        super().__init__("; ".join(evidence))
        self.evidence = evidence


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One call as made, for the list of calls (`@`) and the cost display."""

    service: str
    operation: str
    region: str
    command: str
    seconds: float
    ended: str
    params: dict[str, JsonValue] = field(default_factory=dict)


class AwsPort(Protocol):
    """Calls to AWS under one environment's credentials. One per event loop."""

    async def read(
        self, service: str, operation: str, region: str, params: dict[str, JsonValue], *, pages: bool = False
    ) -> AwsAnswer:
        """Make a read; with `pages` all pages are merged.

        Raises:
            ReadFailed: no answer.
            GuardRefused: the operation is not on the read list.
        """

    async def mutate(self, permit: Permit, params: dict[str, JsonValue]) -> AwsAnswer:
        """Make one permitted mutation, without automatic retries.

        Raises:
            GuardRefused: the permit does not fit, was used, or the account differs. Nothing was sent.
            CallRejected: AWS refused it.
            OutcomeUnknown: no definite answer.
        """

    async def identity(self, region: str) -> Identity:
        """Ask STS who the caller is.

        Raises:
            ReadFailed: no answer.
        """

    async def clock_skew(self, region: str) -> float:
        """Return seconds that AWS's clock (the Date header of an STS answer) is ahead of the cockpit's clock.

        Raises:
            ReadFailed: no answer.
        """

    async def close(self) -> None:
        """Close every client."""
