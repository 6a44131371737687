"""Logs Insights, as far as plans need it: fields, filter like, sort by time, limit."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from moto.logs.models import LogEvent, LogGroup

from cockpit.sim.errors import NotSimulated

MOST_ROWS = 10_000
_FIELDS = ("@timestamp", "@message", "@logStream", "@log", "@ptr")
_FILTER = re.compile(
    r"""@message\s+(?P<no>not\s+)?like\s+(?:/(?P<regex>.+)/(?P<i>i?)|"(?P<text>[^"]+)"|'(?P<single>[^']+)')"""
)
_SORT = re.compile(r"@timestamp(?:\s+(asc|desc))?")

Row = list[dict[str, str]]


@dataclass(slots=True)
class Query:
    """A parsed query."""

    fields: list[str]
    filters: list[Callable[[str], bool]]
    ascending: bool = False
    limit: int = 1000


def parse_query(text: str) -> Query:
    """Parse a query.

    Raises:
        NotSimulated: a command, field or condition beyond what is simulated; never a silently different answer.
    """
    query = Query(["@timestamp", "@message"], [])
    for part in re.split(r"\s*\|\s*(?=(?:fields|filter|sort|limit|stats|parse|display|dedup)\b)", text.strip()):
        command, _, rest = part.strip().partition(" ")
        _apply(query, command, rest.strip())
    return query


def run_query(query: Query, groups: list[LogGroup], start: int, end: int) -> list[Row]:
    """Return the rows of the events between two epoch seconds, both included."""
    found: list[tuple[LogEvent, str, str]] = [
        (event, stream.log_stream_name, group.name)
        for group in groups
        for stream in group.streams.values()
        for event in stream.events
        if start * 1000 <= event.timestamp <= end * 1000 + 999 and all(test(event.message) for test in query.filters)
    ]
    found.sort(key=lambda each: each[0].timestamp, reverse=not query.ascending)
    return [_row(query, *each) for each in found[: query.limit]]


def _apply(query: Query, command: str, rest: str) -> None:
    if command in ("fields", "display"):
        names = [name.strip() for name in rest.split(",")]
        if not set(names) <= set(_FIELDS):
            raise NotSimulated(f"Logs Insights fields beyond {', '.join(_FIELDS)}")
        query.fields = names
    elif command == "filter" and (match := _FILTER.fullmatch(rest)):
        query.filters.append(_test(match))
    elif command == "sort" and (match := _SORT.fullmatch(rest)):
        query.ascending = match[1] == "asc"
    elif command == "limit" and rest.isdigit():
        query.limit = min(int(rest), MOST_ROWS)
    else:
        raise NotSimulated(f"the Logs Insights command {command} {rest}")


def _test(match: re.Match[str]) -> Callable[[str], bool]:
    wanted = match["regex"] or re.escape(match["text"] or match["single"])
    pattern = re.compile(wanted, re.IGNORECASE if match["i"] else 0)
    negated = bool(match["no"])
    return lambda message: (pattern.search(message) is None) == negated


def _row(query: Query, event: LogEvent, stream: str, group: str) -> Row:
    seconds, millis = divmod(event.timestamp, 1000)
    values = {
        "@timestamp": _stamp(seconds, millis),
        "@message": event.message,
        "@logStream": stream,
        "@log": group,
        "@ptr": str(event.event_id),
    }
    return [{"field": name, "value": values[name]} for name in dict.fromkeys([*query.fields, "@ptr"])]


def _stamp(seconds: int, millis: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S}.{millis:03}"
