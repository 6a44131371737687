"""Names that a crash cannot change: run ids and idempotency tokens."""

import re
import secrets
from datetime import UTC, datetime
from uuid import UUID, uuid5

_SPACE = UUID("3c0c8d5e-6c8a-5d0b-9a53-6a0f3d1b7a11")
_WORDS_OF_PLAN = 2


def new_run_id(plan_id: str, now: datetime) -> str:
    """Return an id that sorts by time and tells the plan: ``20261121T031502Z-plan-g-4f1a``.

    It holds only letters, digits and dashes, and at most 40 characters: it goes into names and descriptions on AWS.
    """
    words = re.findall(r"[a-z0-9]+", plan_id.rpartition("/")[2])[:_WORDS_OF_PLAN]
    slug = "-".join(words)[:18].rstrip("-") or "run"
    return f"{now.astimezone(UTC):%Y%m%dT%H%M%SZ}-{slug}-{secrets.token_hex(2)}"


def token(run_id: str, step: str, attempt: int, call: int) -> str:
    """Return the idempotency token of one call (AWS-FACTS 1): known before the call, the same after a crash."""
    return str(uuid5(_SPACE, f"{run_id}/{step}/{attempt}/{call}"))
