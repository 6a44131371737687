"""CloudWatch Logs: moto keeps groups and events; queries and filters are answered here."""

import shlex
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from moto.logs.models import LogGroup, logs_backends
from moto.logs.responses import LogsResponse

from cockpit.sim.errors import AwsError, NotSimulated
from cockpit.sim.logs_query import Row, parse_query, run_query
from cockpit.sim.operations import Request, add_operations
from cockpit.sim.simulation import ACCOUNT, Simulation
from cockpit.sim.world import World

MOST_EVENTS = 10_000
QUERY_TAKES = timedelta(seconds=2)


def install(simulation: Simulation) -> None:
    """Put filter and query in place."""
    operations = _Operations(simulation.world)
    add_operations(
        LogsResponse,
        {
            "FilterLogEvents": operations.filter_events,
            "StartQuery": operations.start_query,
            "GetQueryResults": operations.query_results,
            "StopQuery": operations.stop_query,
        },
    )


@dataclass(frozen=True, slots=True)
class _Running:
    rows: list[Row]
    started_at: datetime
    scanned: int


class _Operations:
    def __init__(self, world: World) -> None:
        self._world = world
        self._queries: dict[str, _Running] = {}

    def filter_events(self, request: Request) -> dict[str, Any]:
        params = request.params
        group = _group(request.region, params)
        words = _words(params.get("filterPattern") or "")
        wanted, prefix = params.get("logStreamNames"), params.get("logStreamNamePrefix") or ""
        start, end = params.get("startTime") or 0, params.get("endTime")
        found = sorted(
            (
                (event.timestamp, event.event_id, name, event)
                for name, stream in group.streams.items()
                if (not wanted or name in wanted) and name.startswith(prefix)
                for event in stream.events
                if event.timestamp >= start
                and (end is None or event.timestamp <= end)
                and all(word in event.message for word in words)
            ),
            key=lambda each: each[:2],
        )
        first = int(params.get("nextToken") or 0)
        after_last = first + min(int(params.get("limit") or MOST_EVENTS), MOST_EVENTS)
        answer: dict[str, Any] = {
            "events": [
                {**event.to_filter_dict(), "logStreamName": name} for *_, name, event in found[first:after_last]
            ],
            "searchedLogStreams": [],
        }
        if after_last < len(found):
            answer["nextToken"] = str(after_last)
        return answer

    def start_query(self, request: Request) -> dict[str, Any]:
        params = request.params
        names = params.get("logGroupNames") or ([params["logGroupName"]] if params.get("logGroupName") else [])
        names += [
            name.removesuffix(":*").rpartition(":log-group:")[2] for name in params.get("logGroupIdentifiers") or ()
        ]
        if not names:
            raise AwsError("InvalidParameterException", "Give the log groups to query.")
        groups = [_group(request.region, {"logGroupName": name}) for name in names]
        query = parse_query(params["queryString"])
        query.limit = min(query.limit, int(params.get("limit") or query.limit))
        rows = run_query(query, groups, params["startTime"], params["endTime"])
        query_id = f"{len(self._queries) + 1:08x}-0000-4000-8000-000000000000"
        scanned = sum(len(stream.events) for group in groups for stream in group.streams.values())
        self._queries[query_id] = _Running(rows, self._world.now(), scanned)
        return {"queryId": query_id}

    def query_results(self, request: Request) -> dict[str, Any]:
        query = self._query(request)
        if self._world.now() < query.started_at + QUERY_TAKES:
            return {"status": "Running", "results": []}
        statistics = {
            "recordsMatched": float(len(query.rows)),
            "recordsScanned": float(query.scanned),
            "bytesScanned": 0.0,
        }
        return {"status": "Complete", "results": query.rows, "statistics": statistics}

    def stop_query(self, request: Request) -> dict[str, Any]:
        self._query(request)
        return {"success": False}

    def _query(self, request: Request) -> _Running:
        query = self._queries.get(request.params["queryId"])
        if query is None:
            raise AwsError("ResourceNotFoundException", "Query does not exist.")
        return query


def _group(region: str, params: dict[str, Any]) -> LogGroup:
    name = (
        params.get("logGroupName")
        or params.get("logGroupIdentifier", "").removesuffix(":*").rpartition(":log-group:")[2]
    )
    group = logs_backends[ACCOUNT][region].groups.get(name)
    if group is None:
        raise AwsError("ResourceNotFoundException", "The specified log group does not exist.")
    return group


def _words(pattern: str) -> list[str]:
    """Return the words and quoted phrases that a message must all contain.

    Raises:
        NotSimulated: the pattern uses brackets, JSON, ? or - terms.
    """
    if pattern[:1] in ("{", "[", "%"):
        raise NotSimulated(f"the filter pattern {pattern}")
    try:
        words = shlex.split(pattern)
    except ValueError:
        raise AwsError("InvalidParameterException", "Invalid filter pattern") from None
    if any(word[:1] in ("?", "-") for word in words):
        raise NotSimulated(f"the filter pattern {pattern}")
    return words
