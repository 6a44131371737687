"""The sweeps of one region, and all of them once (for `cockpit status`)."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from cockpit.aws.port import AwsPort, Identity
from cockpit.feeds.alarms import AlarmSweep
from cockpit.feeds.deployments import DeploymentSweep
from cockpit.feeds.place import Place
from cockpit.feeds.readings import attempt
from cockpit.feeds.restores import RestoreSweep
from cockpit.feeds.snapshot import Snapshot, empty_snapshot
from cockpit.model.alarm import Alarm
from cockpit.model.clock import Clock
from cockpit.model.deployment import Deployment
from cockpit.model.restore import RestoreBoard

_NEXT_REGION_AFTER = 3.0  # real seconds: a region that lives has answered by then


@dataclass(frozen=True, slots=True)
class RegionSweeps:
    """One sweep per pane; each keeps what it may remember between sweeps."""

    alarms: Callable[[], Awaitable[tuple[Alarm, ...]]]
    deployments: Callable[[], Awaitable[tuple[Deployment, ...]]]
    restores: Callable[[], Awaitable[RestoreBoard]]


def sweeps_of(port: AwsPort, place: Place, region: str, clock: Clock) -> RegionSweeps:
    """Return the sweeps of one region."""
    return RegionSweeps(
        alarms=AlarmSweep(port, region, place.watch.alarms).sweep,
        deployments=DeploymentSweep(port, region, place.watch, clock).sweep,
        restores=RestoreSweep(port, region, place.watch.tables, clock).sweep,
    )


async def read_identity(port: AwsPort, place: Place) -> Identity:
    """Ask STS who the caller is, in the first region that answers; one that keeps silent is not waited for.

    Raises:
        ReadFailed: none answered; the fault is that of the first region.
    """
    asked: list[asyncio.Task[Identity]] = []
    try:
        for region in place.regions:
            asked.append(asyncio.ensure_future(port.identity(region)))
            if answered := await _first_answer(asked, _NEXT_REGION_AFTER):
                return answered.result()
        if answered := await _first_answer(asked, None):
            return answered.result()
        return asked[0].result()
    finally:
        for task in asked:
            task.cancel()


async def _first_answer(asked: list[asyncio.Task[Identity]], within: float | None) -> asyncio.Task[Identity] | None:
    """Return the first that answers within so many seconds; None if none does, or all have failed."""
    try:
        async with asyncio.timeout(within):
            pending = set(asked)
            while pending:
                done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
                answered = next((task for task in done if task.exception() is None), None)
                if answered is not None:
                    return answered
    except TimeoutError:
        pass
    return None


async def read_once(port: AwsPort, place: Place, clock: Clock) -> Snapshot:
    """Make every sweep once, all at the same time. Never raises: what could not be read says so in its reading."""
    blank = empty_snapshot(place.regions)
    sweeps = {region: sweeps_of(port, place, region, clock) for region in place.regions}
    identity, alarms, deployments, restores = await asyncio.gather(
        attempt(blank.identity, lambda: read_identity(port, place), clock),
        asyncio.gather(*(attempt(blank.alarms[region], sweeps[region].alarms, clock) for region in sweeps)),
        asyncio.gather(*(attempt(blank.deployments[region], sweeps[region].deployments, clock) for region in sweeps)),
        asyncio.gather(*(attempt(blank.restores[region], sweeps[region].restores, clock) for region in sweeps)),
    )
    return Snapshot(
        identity=identity[0],
        alarms={region: reading for region, (reading, _) in zip(sweeps, alarms, strict=True)},
        deployments={region: reading for region, (reading, _) in zip(sweeps, deployments, strict=True)},
        restores={region: reading for region, (reading, _) in zip(sweeps, restores, strict=True)},
    )
