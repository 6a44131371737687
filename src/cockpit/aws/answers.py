"""Answers as plain JSON values, and a check that they are answers at all."""

from __future__ import annotations  # JsonValue is for checkers only: `cockpit status` must not pay for pydantic

import base64
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from cockpit.aws.outcome import request_id_of
from cockpit.aws.port import AwsAnswer

if TYPE_CHECKING:
    from pydantic import JsonValue

WHOLE_CHECK_BYTES = 65_536
_JSON_PROTOCOLS = frozenset({"json", "rest-json"})
_GOOD = range(200, 300)
_UNREAD_METRIC = frozenset({"InternalError", "Forbidden"})


class NotAnAnswer(Exception):
    """What came back is not an answer of the service; the text says why."""


def to_answer(raw: dict[str, Any]) -> AwsAnswer:
    """Return a parsed botocore answer as JSON values, without its metadata."""
    body = {key: to_json(value) for key, value in raw.items() if key != "ResponseMetadata"}
    return AwsAnswer(body, request_id_of(raw))


def to_json(value: Any) -> JsonValue:
    """Turn a value of botocore into JSON: times to ISO 8601 UTC, bytes to base64 text."""
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, dict):
        return {str(key): to_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set):
        return [to_json(item) for item in value]
    if isinstance(value, datetime):
        aware = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
        return aware.isoformat()
    if isinstance(value, bytes | bytearray):
        return base64.b64encode(bytes(value)).decode("ascii")
    return str(value)


async def read_streams(raw: dict[str, Any]) -> None:
    """Read the streaming members of an answer into bytes, in place."""
    for key, value in raw.items():
        if hasattr(value, "read") and hasattr(value, "close"):
            raw[key] = await value.read()


def check_is_whole(operation: str, raw: dict[str, Any]) -> None:
    """Refuse an answer of which the service itself says that parts could not be read.

    GetMetricData answers 200 with an empty list of values for a metric that it could not look up: "no writes", if
    nobody looks at the status (CloudWatch API reference, MetricDataResult: InternalError, Forbidden).

    Raises:
        NotAnAnswer: a part is missing.
    """
    if operation != "GetMetricData":
        return
    for result in raw.get("MetricDataResults", ()):
        if result.get("StatusCode") in _UNREAD_METRIC:
            raise NotAnAnswer(f"CloudWatch says {result['StatusCode']} for the metric {result.get('Id', '')}")


def quick_time(value: Any) -> datetime:
    """Parse a time of an answer. AWS sends most as epoch seconds; those need no general parser."""
    if isinstance(value, int | float):
        return datetime.fromtimestamp(value, UTC)
    from botocore.utils import parse_timestamp  # noqa: PLC0415 - after botocore is loaded anyway

    parsed: datetime = parse_timestamp(value)
    return parsed


def check_is_answer(operation_model: Any, response_dict: dict[str, Any], **_: Any) -> None:
    """Refuse what cannot be an answer, before botocore parses it; called by botocore.

    botocore takes any text for an empty JSON answer, so a sign-in page would show as "no alarms".

    Raises:
        NotAnAnswer: it is no JSON object although the service speaks JSON.
    """
    body = response_dict.get("body")
    protocol = operation_model.service_model.resolved_protocol
    if protocol not in _JSON_PROTOCOLS or response_dict.get("status_code") not in _GOOD or not isinstance(body, bytes):
        return
    shape = operation_model.output_shape
    if shape is None or not shape.members or shape.serialization.get("payload"):
        return
    text = body.strip()
    if not text:
        if protocol == "json" and operation_model.http.get("responseCode", 200) == 200:  # noqa: PLR2004 - the plain case
            raise NotAnAnswer("it is empty")
        return
    if text[:1] != b"{" or text[-1:] != b"}":
        raise NotAnAnswer(f"it is not JSON but begins with {text[:40].decode('utf-8', 'replace')!r}")
    if len(text) <= WHOLE_CHECK_BYTES:
        try:
            json.loads(text)
        except ValueError as error:
            raise NotAnAnswer(f"it is broken JSON ({error})") from error
