"""Regions that have gone down: nothing in them works, and calls to them get no answer."""

from fnmatch import fnmatchcase


class LostRegions:
    """Which regions are down, and which services of them go on all the same."""

    def __init__(self) -> None:
        self._spared: dict[str, tuple[str, ...]] = {}

    def lose(self, region: str, spares: tuple[str, ...] = ()) -> None:
        """Let a region go down, but for some services (patterns of botocore's names)."""
        self._spared[region] = spares

    def is_lost(self, region: str, service: str) -> bool:
        """Tell whether a service is down in a region."""
        return region in self._spared and not any(fnmatchcase(service, one) for one in self._spared[region])
