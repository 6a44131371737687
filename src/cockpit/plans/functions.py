"""The functions that expressions have beside JMESPath's own. Pure; each is listed in docs/writing-plans.md."""

import base64
import binascii
import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

from jmespath import functions
from jmespath.exceptions import JMESPathError
from pydantic import JsonValue

from cockpit.model import text

_ARN = re.compile(r"arn:[a-z-]+:[a-z0-9-]+:[a-z0-9-]*:[0-9]*:[^\s\"',;]+")
FENCE_SID = "CockpitWriteFence"
FENCED = (
    "PutItem",
    "UpdateItem",
    "DeleteItem",
    "BatchWriteItem",
    "PartiQLInsert",
    "PartiQLUpdate",
    "PartiQLDelete",
)


class FunctionFailed(JMESPathError):
    """A function was given a value it cannot use; the text says which."""


def parse_time(value: str) -> datetime:
    """Return a UTC time from ISO 8601 text with an offset.

    Raises:
        FunctionFailed: it is not such a text.
    """
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        moment = datetime.min  # noqa: DTZ901 - naive on purpose: refused by the next line
    if moment.tzinfo is None:
        raise FunctionFailed(f"{value[:60]!r} is not a time with an offset")
    return moment.astimezone(UTC)


def iso(moment: datetime) -> str:
    """Return a time as expressions carry it: ``2026-11-21T03:15:02Z``, with fractions only where there are any."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def write_fence(policy: dict[str, JsonValue], table_arn: str) -> dict[str, JsonValue]:
    """Return a DynamoDB resource policy with one more statement, which denies everybody every write to the table.

    An explicit deny wins over any permission, whoever holds it. TransactWriteItems and PartiQL writes are authorized as
    the writes they are made of (AWS documentation: DynamoDB API permissions).
    """
    old = policy.get("Statement", [])
    statements = [item for item in (old if isinstance(old, list) else [old]) if item]
    kept = [item for item in statements if not (isinstance(item, dict) and item.get("Sid") == FENCE_SID)]
    fence: dict[str, JsonValue] = {
        "Sid": FENCE_SID,
        "Effect": "Deny",
        "Principal": "*",
        "Action": [f"dynamodb:{name}" for name in FENCED],
        "Resource": table_arn,
    }
    return {"Version": "2012-10-17", **policy, "Statement": [*kept, fence]}


class PlanFunctions(functions.Functions):
    """Custom functions; jmespath finds them by their names ``_func_…``."""

    @functions.signature({"types": ["string"]})
    def _func_compact_utc(self, time: str) -> str:
        return parse_time(time).strftime("%Y%m%dT%H%M%SZ")

    @functions.signature({"types": ["string"]})
    def _func_utc_words(self, time: str) -> str:
        return parse_time(time).strftime("%Y-%m-%d %H:%M:%S UTC")

    @functions.signature({"types": ["number"]})
    def _func_duration_words(self, seconds: float) -> str:
        return text.duration(timedelta(seconds=seconds))

    @functions.signature({"types": ["string"]})
    def _func_epoch(self, time: str) -> float:
        return parse_time(time).timestamp()

    @functions.signature({"types": ["string"]})
    def _func_epoch_millis(self, time: str) -> int:
        return round(parse_time(time).timestamp() * 1000)

    @functions.signature({"types": ["number"]})
    def _func_time_of_millis(self, milliseconds: float) -> str:
        return iso(datetime.fromtimestamp(milliseconds / 1000, UTC))

    @functions.signature({"types": ["string"]}, {"types": ["number"]})
    def _func_seconds_before(self, time: str, seconds: float) -> str:
        return iso(parse_time(time) - timedelta(seconds=seconds))

    @functions.signature({"types": ["string"]}, {"types": ["string"]})
    def _func_seconds_between(self, earlier: str, later: str) -> float:
        return (parse_time(later) - parse_time(earlier)).total_seconds()

    @functions.signature({"types": ["string"]})
    def _func_next_minute(self, time: str) -> str:
        moment = parse_time(time).replace(second=0, microsecond=0)
        return iso(moment + timedelta(minutes=1))

    @functions.signature({"types": []})
    def _func_to_string(self, value: JsonValue) -> str | None:
        # JMESPath's own gives the text "null" for what is absent: it would pass for a value (RQ-24).
        return None if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

    @functions.signature({"types": ["object", "array"]})
    def _func_to_json_string(self, value: JsonValue) -> str:
        return json.dumps(value, indent=2, ensure_ascii=False)

    @functions.signature({"types": ["string"]})
    def _func_parse_json(self, source: str) -> Any:
        try:
            return json.loads(source)
        except ValueError:
            raise FunctionFailed("the text is not JSON") from None

    @functions.signature({"types": ["string"]})
    def _func_from_base64(self, source: str) -> str:
        try:
            return base64.b64decode(source, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            raise FunctionFailed("the text is not base64 of UTF-8 text") from None

    @functions.signature({"types": ["object"]}, {"types": ["string"]})
    def _func_value_at(self, value: dict[str, JsonValue], key: str) -> JsonValue:
        return value.get(key)

    @functions.signature({"types": ["object"]}, {"types": ["string"]}, {"types": []})
    def _func_with_key(self, value: dict[str, JsonValue], key: str, new: JsonValue) -> dict[str, JsonValue]:
        if new is None:
            raise FunctionFailed(f"there is no value to put under {key}")
        return {**value, key: new}

    @functions.signature({"types": ["array"]}, {"types": ["string"]}, {"types": []})
    def _func_where(self, items: list[JsonValue], key: str, wanted: JsonValue) -> list[JsonValue]:
        return [item for item in items if isinstance(item, dict) and wanted is not None and item.get(key) == wanted]

    @functions.signature({"types": ["array"]}, {"types": ["string"]}, {"types": ["string"]})
    def _func_where_contains(self, items: list[JsonValue], key: str, part: str) -> list[JsonValue]:
        return [item for item in items if isinstance(item, dict) and part in str(item.get(key, ""))]

    @functions.signature({"types": ["array"]}, {"types": ["array", "null"]})
    def _func_without(self, items: list[JsonValue], others: list[JsonValue] | None) -> list[JsonValue]:
        return [item for item in items if item not in (others or [])]

    @functions.signature({"types": ["object"]}, {"types": ["string"]})
    def _func_with_write_fence(self, policy: dict[str, JsonValue], table_arn: str) -> str:
        return json.dumps(write_fence(policy, table_arn), indent=2)

    @functions.signature({"types": ["string"]})
    def _func_arns_in(self, source: str) -> list[str]:
        return _ARN.findall(source)

    @functions.signature({"types": ["string"]}, {"types": ["string"]})
    def _func_after_last(self, source: str, mark: str) -> str:
        return source.rpartition(mark)[2]

    @functions.signature({"types": ["string"]}, {"types": ["string"]})
    def _func_before_last(self, source: str, mark: str) -> str:
        return source.rpartition(mark)[0]
