"""What a snapshot amounts to, for scripts and exit codes."""

from cockpit.feeds.snapshot import Snapshot
from cockpit.model.alarm import Alarm, AlarmState
from cockpit.model.deployment import Deployment, DeploymentState
from cockpit.model.reading import Fault

WELL, FIRING, UNREAD = 0, 1, 2
_BAD_ENDS = (DeploymentState.FAILED, DeploymentState.STOPPED)
_BAD_STATES = (AlarmState.ALARM, AlarmState.UNKNOWN)


def firing(alarms: tuple[Alarm, ...]) -> tuple[Alarm, ...]:
    """Return the alarms that fire; a state this version does not know counts as firing."""
    return tuple(alarm for alarm in alarms if alarm.state in _BAD_STATES)


def failing(deployments: tuple[Deployment, ...]) -> tuple[Deployment, ...]:
    """Return the failed or stopped deployments that no later one of the same group has followed.

    Args:
        deployments: newest first.
    """
    latest: dict[tuple[str, str], Deployment] = {}
    for deployment in deployments:
        latest.setdefault((deployment.application, deployment.group), deployment)
    return tuple(deployment for deployment in latest.values() if deployment.state in _BAD_ENDS)


def faults(snapshot: Snapshot) -> list[tuple[str, str, Fault]]:
    """Return what could not be read: what, region, why."""
    found = [] if snapshot.identity.fault is None else [("identity", "", snapshot.identity.fault)]
    for what, readings in (
        ("alarms", snapshot.alarms),
        ("deployments", snapshot.deployments),
        ("restores", snapshot.restores),
    ):
        found += [(what, region, reading.fault) for region, reading in readings.items() if reading.fault is not None]
    return found


def verdict(snapshot: Snapshot) -> int:
    """Return 2 if something could not be read, else 1 if something fires or fails, else 0."""
    gaps = any(reading.value is not None and reading.value.gaps for reading in snapshot.restores.values())
    if gaps or faults(snapshot):
        return UNREAD
    fires = any(firing(reading.value or ()) for reading in snapshot.alarms.values())
    fails = any(failing(reading.value or ()) for reading in snapshot.deployments.values())
    return FIRING if fires or fails else WELL
