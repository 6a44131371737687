"""A snapshot as JSON: `cockpit status --json`. The shape is a promise; `docs/status.md` tells it in full."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from cockpit.feeds.snapshot import Snapshot
from cockpit.feeds.verdict import verdict
from cockpit.model.reading import Fault, Reading

FORMAT = 1
_WORDS = {0: "well", 1: "firing", 2: "unread"}


def status_json(snapshot: Snapshot, environment: str, kind: str, now: datetime) -> dict[str, Any]:
    """Return the snapshot as JSON values: times are ISO 8601 UTC, what is not known is null."""
    code = verdict(snapshot)
    return {
        "format": FORMAT,
        "environment": environment,
        "kind": kind,
        "at": now.isoformat(),
        "verdict": _WORDS[code],
        "exit_code": code,
        "identity": _reading(snapshot.identity),
        "regions": {
            region: {
                "alarms": _reading(snapshot.alarms[region]),
                "deployments": _reading(snapshot.deployments[region]),
                "restores": _reading(snapshot.restores[region]),
            }
            for region in snapshot.alarms
        },
    }


def _reading(reading: Reading[Any]) -> dict[str, Any]:
    return {
        "value": _plain(reading.value),
        "fetched_at": _plain(reading.fetched_at),
        "fault": None if reading.fault is None else _fault(reading.fault),
    }


def _fault(fault: Fault) -> dict[str, Any]:
    return {"kind": fault.kind.value, "code": fault.code, "message": fault.message, "remedy": fault.remedy}


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return value
