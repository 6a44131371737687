"""What a pane needs to know about its subject."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from cockpit.model.reading import Reading
from cockpit.ui.table import Cells, Column
from cockpit.ui.watch.view import WatchView

if TYPE_CHECKING:
    from cockpit.feeds.snapshot import Snapshot
    from cockpit.ui.base import CockpitScreen
    from cockpit.ui.session import CockpitSession

ItemT = TypeVar("ItemT")


@dataclass(frozen=True)
class PaneSpec(Generic[ItemT]):
    """One subject of the watch screen.

    Attributes:
        name: the pane's title.
        columns: columns of the table; those named ``region`` are shown only with several regions.
        cells: cells of an item at a moment.
        key: identifies an item.
        search: lower-case text the filter looks in.
        items: the pane's items of a view.
        readings: the pane's readings by region.
        summary: words after the title.
        detail: the screen that Enter opens.
        copied: what ``y`` copies of an item.
        empty: words when there is nothing.
        rows: share of the screen's height.
    """

    name: str
    columns: tuple[Column, ...]
    cells: Callable[[ItemT, datetime], Cells]
    key: Callable[[ItemT], str]
    search: Callable[[ItemT], str]
    items: Callable[[WatchView], Sequence[ItemT]]
    readings: Callable[[Snapshot], Mapping[str, Reading[Any]]]
    summary: Callable[[WatchView], str]
    detail: Callable[[CockpitSession, ItemT], CockpitScreen[None]]
    copied: Callable[[ItemT], str]
    empty: str
    rows: int
