"""Watch: what is."""

from cockpit.ui.base import CockpitScreen


class WatchScreen(CockpitScreen[None]):
    """Alarms, deployments and restores of the environment, and the current run."""
