"""Copy from a screen of a run, through the cockpit's one way of copying."""

from typing import TYPE_CHECKING, Any, cast

from textual.screen import Screen

from cockpit.ui.clipboard import copy

if TYPE_CHECKING:
    from cockpit.ui.app import CockpitApp


def copy_from(screen: Screen[Any], text: str) -> None:
    """Copy a text and say truthfully how far that is certain."""
    copy(cast("CockpitApp", screen.app), text)
