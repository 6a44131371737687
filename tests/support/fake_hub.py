"""A cockpit without AWS: a hub that is told what to say."""

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from cockpit.aws.port import CallRecord, Identity
from cockpit.feeds.snapshot import Snapshot
from cockpit.model.alarm import Alarm, AlarmState, MetricRef
from cockpit.model.clock import SystemClock
from cockpit.model.deployment import Deployment, DeploymentState, DeploymentTarget, LifecycleEvent, TaskSetTraffic
from cockpit.model.reading import Reading
from cockpit.model.restore import ProtectedTable, RestoreBoard, TableRestore

NOW = datetime(2026, 11, 21, 3, 4, 5, tzinfo=UTC)
REGION = "us-east-1"
METRIC = MetricRef("SyncWell", "Errors", (("Service", "worker"),), "Sum", 60)


class StandingClock(SystemClock):
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.moment = NOW

    def now(self) -> datetime:
        return self.moment


class TalkingHub:
    """A feed hub whose snapshots come from the test."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._listeners: list[Callable[[Snapshot], None]] = []
        self.refreshed = 0
        self.answers: dict[str, Any] = {"alarm_history": (), "alarm_series": None, "deployment_detail": None}
        self.records: tuple[CallRecord, ...] = ()

    def start(self) -> None:
        pass

    def stop(self, timeout: float = 3.0) -> bool:
        return True

    def snapshot(self) -> Snapshot:
        return self._snapshot

    def subscribe(self, listener: Callable[[Snapshot], None]) -> Callable[[], None]:
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def say(self, **changes: Any) -> None:
        self._snapshot = replace(self._snapshot, **changes)
        for listener in self._listeners:
            listener(self._snapshot)

    def refresh(self) -> None:
        self.refreshed += 1

    def _answer(self, name: str) -> Future[Any]:
        future: Future[Any] = Future()
        answer = self.answers[name]
        if isinstance(answer, Exception):
            future.set_exception(answer)
        else:
            future.set_result(answer)
        return future

    def alarm_history(self, alarm: Alarm) -> Future[Any]:
        return self._answer("alarm_history")

    def alarm_series(self, alarm: Alarm) -> Future[Any]:
        return self._answer("alarm_series")

    def deployment_detail(self, deployment: Deployment) -> Future[Any]:
        return self._answer("deployment_detail")

    def restore_history(self, region: str) -> tuple[TableRestore, ...]:
        return ()

    def calls(self) -> tuple[CallRecord, ...]:
        return self.records


def make_alarms() -> tuple[Alarm, ...]:
    reason = "Threshold Crossed: 3 datapoints [42.0, 40.0, 38.0] were greater than the threshold (5.0)."
    return (
        Alarm("syncwell-config-overwritten", REGION, AlarmState.ALARM, "ALARM", reason, NOW - timedelta(minutes=12),
              metric=METRIC, threshold=5.0, comparison="GreaterThanThreshold", evaluation_periods=3),
        Alarm("syncwell-worker-errors", REGION, AlarmState.ALARM, "ALARM", reason, NOW - timedelta(minutes=9)),
        Alarm("syncwell-support-tickets", REGION, AlarmState.INSUFFICIENT_DATA, "INSUFFICIENT_DATA", "no datapoints",
              NOW - timedelta(days=2)),
        Alarm("syncwell-api-latency", REGION, AlarmState.OK, "OK", "well", NOW - timedelta(hours=5)),
    )  # fmt: skip


def make_deployments() -> tuple[Deployment, ...]:
    target = DeploymentTarget(
        "syncwell:syncwell-worker",
        "InProgress",
        (
            LifecycleEvent("BeforeInstall", "Succeeded", NOW - timedelta(minutes=38), NOW - timedelta(minutes=37)),
            LifecycleEvent("Install", "Succeeded", NOW - timedelta(minutes=37), NOW - timedelta(minutes=35)),
            LifecycleEvent("AllowTraffic", "InProgress", NOW - timedelta(minutes=35), None),
        ),
        (
            TaskSetTraffic("Blue", "ACTIVE", 90.0, 4, 4, "ecs-svc/1"),
            TaskSetTraffic("Green", "PRIMARY", 10.0, 4, 4, "ecs-svc/2"),
        ),
    )
    return (
        Deployment("d-BADCANARY", REGION, "syncwell-backend", "syncwell-worker", DeploymentState.IN_PROGRESS,
                   "InProgress", NOW - timedelta(minutes=38), targets=(target,), revision="syncwell-worker:42"),
        Deployment("d-OLDGOOD01", REGION, "syncwell-backend", "syncwell-worker", DeploymentState.SUCCEEDED,
                   "Succeeded", NOW - timedelta(hours=5), revision="syncwell-worker:41"),
    )  # fmt: skip


def make_board() -> RestoreBoard:
    return RestoreBoard(
        (ProtectedTable("SyncWellMetadata", REGION, "ACTIVE", True, NOW - timedelta(days=35),
                        NOW - timedelta(minutes=5), 35),),
        (TableRestore("SyncWellMetadata-restored-20261121T024500Z", "SyncWellMetadata", REGION, "CREATING", True,
                      NOW - timedelta(minutes=40), NOW - timedelta(minutes=11)),),
    )  # fmt: skip


def make_snapshot() -> Snapshot:
    identity = Identity("123456789012", "arn:aws:sts::123456789012:assumed-role/oncall/ada")
    at = NOW - timedelta(seconds=4)
    return Snapshot(
        Reading(identity, at, at),
        {REGION: Reading(make_alarms(), at, at)},
        {REGION: Reading(make_deployments(), at, at)},
        {REGION: Reading(make_board(), at, at)},
    )
