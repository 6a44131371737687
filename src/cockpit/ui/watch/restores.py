"""The restores pane: tables under point-in-time recovery, and restores. AWS reports no percentage, so there is none."""

from datetime import datetime

from rich.text import Text

from cockpit.model.restore import ProtectedTable, TableRestore
from cockpit.ui.base import CockpitScreen
from cockpit.ui.session import CockpitSession
from cockpit.ui.table import Cells, Column
from cockpit.ui.theme import BAD, DIM, GOOD, PLAIN, WARN
from cockpit.ui.watch.spec import PaneSpec
from cockpit.ui.watch.view import WatchView
from cockpit.ui.words import coarse, short_day, short_time

RestoreItem = ProtectedTable | TableRestore
DOCUMENTED = "AWS: 20 min to hours"


def restore_state(item: RestoreItem) -> Text:
    """Return by glyph and word: restoring, restored, protected, or not."""
    if isinstance(item, TableRestore):
        return Text("▶ restoring", WARN) if item.in_progress else Text("✓ restored", DIM)
    return Text("· protected", GOOD) if item.pitr_enabled else Text("✗ no PITR", BAD)


def _cells(item: RestoreItem, now: datetime) -> Cells:
    if isinstance(item, TableRestore):
        name = Text(item.table, PLAIN).append(f" ← {item.source_table}", DIM)
        when = f"to {short_time(item.restored_to, now)}"
        if item.in_progress:
            return (
                restore_state(item),
                name,
                item.region,
                Text(f"{coarse(item.elapsed(now))} so far, {DOCUMENTED}"),
                when,
            )
        return (restore_state(item), name, item.region, Text(when, DIM), f"begun {short_time(item.started_at, now)}")
    name = Text(item.table)
    if item.status != "ACTIVE":
        name.append(f" {item.status}", WARN)
    if not item.pitr_enabled:
        return (restore_state(item), name, item.region, Text("cannot be restored to a point in time", DIM), "")
    window = f"{short_day(item.earliest)} … {short_time(item.latest, now)}"
    return (restore_state(item), name, item.region, window, f"{item.recovery_days} d" if item.recovery_days else "")


def _summary(view: WatchView) -> str:
    running = sum(isinstance(item, TableRestore) and item.in_progress for item in view.restores)
    protected = sum(isinstance(item, ProtectedTable) and item.pitr_enabled for item in view.restores)
    return f"{running} running, {protected} table{'' if protected == 1 else 's'} protected"


def _key(item: RestoreItem) -> str:
    kind = "restore" if isinstance(item, TableRestore) else "table"
    return f"{kind} {item.region} {item.table}"


def _detail(session: CockpitSession, item: RestoreItem) -> CockpitScreen[None]:
    from cockpit.ui.details.restore import RestoreScreen  # noqa: PLC0415 - after the first paint

    return RestoreScreen(session, item)


RESTORES = PaneSpec[RestoreItem](
    name="RESTORES",
    columns=(
        Column("state", 11),
        Column("table", share=1),
        Column("region", 14),
        Column("restorable window, or time so far", 36),
        Column("", 18, from_width=100),
    ),
    cells=_cells,
    key=_key,
    search=lambda item: f"{restore_state(item).plain} {item.table} {item.region}".lower(),
    items=lambda view: view.restores,
    readings=lambda snapshot: snapshot.restores,
    summary=_summary,
    detail=_detail,
    copied=lambda item: item.table,
    empty="no table with point-in-time recovery, no restore",
    rows=3,
)
