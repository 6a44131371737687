"""STS's answer to who the caller is."""

from __future__ import annotations  # JsonValue is for checkers only: `cockpit status` must not pay for pydantic

from typing import TYPE_CHECKING

from cockpit.aws.faults import CallPlace, unreadable
from cockpit.aws.parse import text
from cockpit.aws.port import Identity, ReadFailed

if TYPE_CHECKING:
    from pydantic import JsonValue


def parse_identity(body: dict[str, JsonValue], place: CallPlace) -> Identity:
    """Return the identity of a GetCallerIdentity answer.

    Raises:
        ReadFailed: the answer names no account.
    """
    found = Identity(text(body, "Account"), text(body, "Arn"), text(body, "UserId"))
    if not found.account:
        raise ReadFailed(unreadable(place, "it names no account"))
    return found
