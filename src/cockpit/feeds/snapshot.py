"""Everything the feeds know at one moment, frozen."""

from collections.abc import Mapping
from dataclasses import dataclass

from cockpit.aws.port import Identity
from cockpit.model.alarm import Alarm
from cockpit.model.deployment import Deployment
from cockpit.model.reading import Reading
from cockpit.model.restore import RestoreBoard


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The latest readings, by region. Every configured region has an entry in each mapping, from the start."""

    identity: Reading[Identity]
    alarms: Mapping[str, Reading[tuple[Alarm, ...]]]
    deployments: Mapping[str, Reading[tuple[Deployment, ...]]]
    restores: Mapping[str, Reading[RestoreBoard]]


def empty_snapshot(regions: tuple[str, ...]) -> Snapshot:
    """Return the snapshot before the first attempt: everything is LOADING."""
    return Snapshot(
        identity=Reading(),
        alarms={region: Reading() for region in regions},
        deployments={region: Reading() for region in regions},
        restores={region: Reading() for region in regions},
    )
