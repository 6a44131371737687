"""Values out of AWS answers, without trusting their shape: what is missing or of another type is simply absent."""

from collections.abc import Iterator
from datetime import UTC, datetime

from pydantic import JsonValue

from cockpit.model.text import clean

JsonObject = dict[str, JsonValue]


def child(answer: JsonValue, *path: str) -> JsonObject:
    """Return the object at the path; an empty one if there is none."""
    for key in path:
        answer = answer.get(key) if isinstance(answer, dict) else None
    return answer if isinstance(answer, dict) else {}


def children(answer: JsonValue, key: str) -> Iterator[JsonObject]:
    """Yield the objects of the list under a key."""
    found = answer.get(key) if isinstance(answer, dict) else None
    for element in found if isinstance(found, list) else ():
        if isinstance(element, dict):
            yield element


def text(answer: JsonValue, key: str) -> str:
    """Return the cleaned text under a key; empty if there is none."""
    found = answer.get(key) if isinstance(answer, dict) else None
    return "" if found is None or isinstance(found, dict | list) else clean(found)


def texts(answer: JsonValue, key: str) -> list[str]:
    """Return the texts of the list under a key as AWS sent them: they are names that go back into calls."""
    found = answer.get(key) if isinstance(answer, dict) else None
    return [element for element in found if isinstance(element, str)] if isinstance(found, list) else []


def number(answer: JsonValue, key: str) -> float | None:
    """Return the number under a key; None if there is none."""
    found = answer.get(key) if isinstance(answer, dict) else None
    return float(found) if isinstance(found, int | float) and not isinstance(found, bool) else None


def moment(answer: JsonValue, key: str) -> datetime | None:
    """Return the UTC time under a key (ISO 8601 text); None if there is none."""
    found = answer.get(key) if isinstance(answer, dict) else None
    return parse_moment(found)


def parse_moment(found: JsonValue) -> datetime | None:
    """Return the UTC time that an ISO 8601 text with offset tells; None if it is anything else."""
    if not isinstance(found, str):
        return None
    try:
        parsed = datetime.fromisoformat(found)
    except ValueError:
        return None
    return parsed.astimezone(UTC) if parsed.tzinfo else None


def iso(at: datetime) -> str:
    """Return a UTC time as botocore takes it in a call and as records keep it."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
