"""A reading: the last known value, how old it is, and what went wrong since."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Generic, TypeVar

T = TypeVar("T")


class FaultKind(StrEnum):
    """Why AWS could not be read, as far as it changes what the operator does next."""

    CREDENTIALS = "credentials"  # expired or missing: renew them elsewhere, the cockpit retries
    DENIED = "denied"  # signed in, but not allowed
    THROTTLED = "throttled"
    UNREACHABLE = "unreachable"  # no connection, DNS, time-out, reset
    SERVICE = "service"  # AWS answered with an error of its own (5xx)
    NOT_FOUND = "not found"
    REJECTED = "rejected"  # any other 4xx: the call itself is wrong, repeating it is pointless
    UNREADABLE = "unreadable"  # an answer that is not of the service's shape


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that went wrong in a call, in words for people.

    Attributes:
        kind: what class of trouble it is.
        message: what happened, on which service and region; already cleaned of control characters.
        remedy: what to do next; empty if waiting is all there is.
        code: AWS error code such as ``ThrottlingException``; empty if AWS did not answer.
    """

    kind: FaultKind
    message: str
    remedy: str = ""
    code: str = ""


class Freshness(StrEnum):
    """How far a reading can be trusted."""

    LOADING = "LOADING"
    FRESH = "FRESH"
    STALE = "STALE"
    FAILED = "FAILED"


@dataclass(frozen=True, slots=True)
class Reading(Generic[T]):
    """A value with the time it was fetched and the fault of the latest attempt.

    Attributes:
        value: the last value that could be read; None if there never was one.
        fetched_at: UTC time of that value; None if there never was one.
        attempted_at: UTC time of the latest attempt; None before the first.
        fault: what went wrong in the latest attempt; None if it went well.
    """

    value: T | None = None
    fetched_at: datetime | None = None
    attempted_at: datetime | None = None
    fault: Fault | None = None

    def succeeded(self, value: T, at: datetime) -> "Reading[T]":
        """Return the reading after a good attempt."""
        return Reading(value, at, at, None)

    def failed(self, fault: Fault, at: datetime) -> "Reading[T]":
        """Return the reading after a bad attempt: the old value stays, with its age."""
        return replace(self, attempted_at=at, fault=fault)

    def age(self, now: datetime) -> timedelta | None:
        """Return how old the value is; None if there is no value."""
        return None if self.fetched_at is None else max(now - self.fetched_at, timedelta(0))

    def freshness(self, now: datetime, stale_after: timedelta) -> Freshness:
        """Tell how far the value can be trusted: FAILED if the latest attempt failed, STALE past `stale_after`."""
        if self.fault is not None:
            return Freshness.FAILED
        age = self.age(now)
        if age is None:
            return Freshness.LOADING
        return Freshness.STALE if age > stale_after else Freshness.FRESH
