"""The alarms pane."""

from datetime import datetime

from rich.text import Text

from cockpit.model.alarm import Alarm, AlarmState
from cockpit.ui.base import CockpitScreen
from cockpit.ui.marks import ALARM_MARKS
from cockpit.ui.session import CockpitSession
from cockpit.ui.table import Cells, Column
from cockpit.ui.theme import DIM, PLAIN
from cockpit.ui.watch.spec import PaneSpec
from cockpit.ui.watch.view import WatchView
from cockpit.ui.words import short_time


def alarm_state(alarm: Alarm) -> Text:
    """Return the state by glyph and word; a state this version does not know by its own word."""
    glyph, word, style = ALARM_MARKS[alarm.state]
    return Text(f"{glyph} {alarm.raw_state if alarm.state is AlarmState.UNKNOWN and alarm.raw_state else word}", style)


def _cells(alarm: Alarm, now: datetime) -> Cells:
    name = Text(alarm.name, PLAIN if alarm.state is AlarmState.ALARM else DIM)
    if not alarm.actions_enabled:
        name.append(" (actions off)", DIM)
    return (alarm_state(alarm), name, alarm.region, short_time(alarm.since, now), Text(alarm.reason, DIM))


def _summary(view: WatchView) -> str:
    counts = dict.fromkeys(AlarmState, 0)
    for alarm in view.alarms:
        counts[alarm.state] += 1
    words = [f"{counts[AlarmState.ALARM]} firing"]
    if counts[AlarmState.UNKNOWN]:
        words.append(f"{counts[AlarmState.UNKNOWN]} unknown")
    if counts[AlarmState.INSUFFICIENT_DATA]:
        words.append(f"{counts[AlarmState.INSUFFICIENT_DATA]} without data")
    words.append(f"{len(view.alarms)} in all")
    return ", ".join(words)


def _detail(session: CockpitSession, alarm: Alarm) -> CockpitScreen[None]:
    from cockpit.ui.details.alarm import AlarmScreen  # noqa: PLC0415 - after the first paint

    return AlarmScreen(session, alarm)


ALARMS = PaneSpec[Alarm](
    name="ALARMS",
    columns=(
        Column("state", 9),
        Column("alarm", share=2),
        Column("region", 14),
        Column("since", 12),
        Column("reason", from_width=100, share=3),
    ),
    cells=_cells,
    key=lambda alarm: f"{alarm.region} {alarm.name}",
    search=lambda alarm: f"{alarm.state} {alarm.name} {alarm.region} {alarm.reason}".lower(),
    items=lambda view: view.alarms,
    readings=lambda snapshot: snapshot.alarms,
    summary=_summary,
    detail=_detail,
    copied=lambda alarm: alarm.arn or alarm.name,
    empty="no alarms here",
    rows=4,
)
