"""The snapshot in the order in which the panes show it. Pure; computed in the feeds' thread, not in the screen's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from cockpit.model.alarm import Alarm, AlarmState
from cockpit.model.deployment import Deployment
from cockpit.model.reading import Fault, Freshness, Reading
from cockpit.model.restore import ProtectedTable, TableRestore

if TYPE_CHECKING:
    from cockpit.feeds.snapshot import Snapshot

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class WatchView:
    """Everything the panes list, sorted: what needs attention first."""

    alarms: tuple[Alarm, ...] = ()
    deployments: tuple[Deployment, ...] = ()
    restores: tuple[ProtectedTable | TableRestore, ...] = ()


def watch_view(snapshot: Snapshot) -> WatchView:
    """Return the lists of a snapshot over all its regions."""
    boards = [reading.value for reading in snapshot.restores.values() if reading.value is not None]
    tables = [table for board in boards for table in board.tables]
    restores = [restore for board in boards for restore in board.restores]
    running = sorted((r for r in restores if r.in_progress), key=lambda r: (r.table, r.region))
    over = sorted((r for r in restores if not r.in_progress), key=lambda r: r.started_at or LONG_AGO, reverse=True)
    return WatchView(
        alarms=tuple(sorted(_all(snapshot.alarms), key=_alarm_order)),
        deployments=tuple(sorted(_all(snapshot.deployments), key=_deployment_order)),
        restores=(*running, *sorted(tables, key=lambda t: (t.table, t.region)), *over),
    )


def firing(view: WatchView) -> tuple[Alarm, ...]:
    """Return the alarms in state ALARM."""
    return tuple(alarm for alarm in view.alarms if alarm.state is AlarmState.ALARM)


@dataclass(frozen=True, slots=True)
class PaneHealth:
    """How far a pane can be trusted, over all its regions: the worst freshness, the oldest age, every fault."""

    freshness: Freshness
    age: timedelta | None
    faults: tuple[tuple[str, Fault], ...] = ()


def health_of(readings: Mapping[str, Reading[Any]], now: datetime, stale_after: timedelta) -> PaneHealth:
    """Judge the readings of one pane."""
    worst = (Freshness.FAILED, Freshness.STALE, Freshness.LOADING, Freshness.FRESH)
    found = [reading.freshness(now, stale_after) for reading in readings.values()] or [Freshness.LOADING]
    ages = [age for reading in readings.values() if (age := reading.age(now)) is not None]
    faults = tuple((region, reading.fault) for region, reading in readings.items() if reading.fault is not None)
    return PaneHealth(min(found, key=worst.index), max(ages, default=None), faults)


def _all(readings: Mapping[str, Reading[tuple[Any, ...]]]) -> list[Any]:
    return [item for reading in readings.values() for item in reading.value or ()]


def _alarm_order(alarm: Alarm) -> tuple[int, float, str, str]:
    return (alarm.state.severity, -(alarm.since or LONG_AGO).timestamp(), alarm.name, alarm.region)


def _deployment_order(deployment: Deployment) -> tuple[bool, float, str]:
    created = deployment.created_at or LONG_AGO
    return (not deployment.state.is_running, -created.timestamp(), deployment.deployment_id)
