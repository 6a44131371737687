"""What a feed needs to know of an environment: `config.schema.Environment` or `config.ordinary.OrdinaryPlace`."""

from datetime import timedelta
from typing import Protocol


class Watched(Protocol):
    """What is watched; the meaning of each is told in `config.schema.Watch`."""

    @property
    def alarms(self) -> tuple[str, ...]:
        """Return name patterns of alarms."""

    @property
    def applications(self) -> tuple[str, ...]:
        """Return CodeDeploy applications; empty means all."""

    @property
    def deployments_since(self) -> timedelta:
        """Return how far back deployments are shown."""

    @property
    def tables(self) -> tuple[str, ...]:
        """Return tables; empty means every table with PITR or a running restore."""

    @property
    def every(self) -> timedelta:
        """Return the pause between sweeps."""


class Place(Protocol):
    """An environment, as far as watching it goes."""

    @property
    def account(self) -> str | None:
        """Return the only account that may be changed; None: none may."""

    @property
    def regions(self) -> tuple[str, ...]:
        """Return the regions to watch."""

    @property
    def profile(self) -> str | None:
        """Return the AWS profile; None: the ordinary AWS settings."""

    @property
    def watch(self) -> Watched:
        """Return what is watched."""
