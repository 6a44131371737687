"""One alarm: why it fires, its rule, its metric against the threshold, its history."""

from __future__ import annotations

from rich.text import Text

from cockpit.model.alarm import Alarm, AlarmTransition, Series
from cockpit.model.text import utc
from cockpit.ui.chart import chart
from cockpit.ui.details.base import DetailScreen, field, heading, trouble
from cockpit.ui.marks import ALARM_MARKS
from cockpit.ui.session import CockpitSession
from cockpit.ui.theme import BOLD, DIM
from cockpit.ui.watch.alarms import alarm_state

COMPARISONS = {
    "GreaterThanThreshold": ">",
    "GreaterThanOrEqualToThreshold": "≥",
    "LessThanThreshold": "<",
    "LessThanOrEqualToThreshold": "≤",
}


def condition(alarm: Alarm) -> str:
    """Return the rule of an alarm in one line; empty if AWS did not say."""
    if alarm.rule:
        return alarm.rule
    if alarm.threshold is None:
        return ""
    metric = alarm.metric
    what = f"{metric.statistic} of {metric.namespace} {metric.name}" if metric else "its metric expression"
    compared = COMPARISONS.get(alarm.comparison, alarm.comparison)
    words = f"{what} {compared} {alarm.threshold:g}"
    if alarm.evaluation_periods:
        needed = alarm.datapoints_to_alarm or alarm.evaluation_periods
        words += f", {needed} of {alarm.evaluation_periods} periods"
    return words + (f" of {metric.period} s" if metric else "")


class AlarmScreen(DetailScreen):
    """Details of an alarm."""

    def __init__(self, session: CockpitSession, alarm: Alarm) -> None:
        super().__init__(session)
        self._alarm = alarm
        self._history: tuple[AlarmTransition, ...] | None = None
        self._series: Series | None = None
        self._series_read = False
        self._history_trouble = self._series_trouble = ""

    def copied(self) -> str:
        """Return the ARN, else the name."""
        return self._alarm.arn or self._alarm.name

    async def read(self) -> None:
        """Read history and datapoints."""
        hub = self.session.hub
        if hub is None:
            return
        history, series = hub.alarm_history(self._alarm), hub.alarm_series(self._alarm)
        self._history, self._history_trouble = await self.asked(history)
        self._series, self._series_trouble = await self.asked(series)
        self._series_read = True

    def words(self, width: int) -> Text:
        """Return alarm, metric and history."""
        alarm = self._alarm
        words = Text.assemble(alarm_state(alarm), "  ", (alarm.name, BOLD), "\n")
        for name, value in (
            ("since", utc(alarm.since)),
            ("region", alarm.region),
            ("reason", alarm.reason),
            ("rule", condition(alarm)),
            ("dimensions", ", ".join(f"{k}={v}" for k, v in alarm.metric.dimensions) if alarm.metric else ""),
            ("description", alarm.description),
            ("actions", "" if alarm.actions_enabled else "switched off: nobody is notified"),
            ("ARN", alarm.arn),
        ):
            words.append_text(field(name, value, width))
        return words.append_text(self._metric_words(width)).append_text(self._history_words())

    def _metric_words(self, width: int) -> Text:
        words = heading("metric")
        if self._series_trouble:
            return words.append_text(trouble(self._series_trouble))
        if not self._series_read:
            return words.append("reading …\n", DIM)
        if self._series is None:
            return words.append("a composite or an expression: it has no metric of its own\n", DIM)
        return words.append_text(chart(self._series.points, self._alarm.threshold, width)).append("\n")

    def _history_words(self) -> Text:
        words = heading("history, newest first")
        if self._history_trouble:
            return words.append_text(trouble(self._history_trouble))
        if self._history is None:
            return words.append("reading …\n", DIM)
        for entry in self._history:
            mark, style = ("·", DIM) if entry.to_state is None else (ALARM_MARKS[entry.to_state][0], "")
            words.append(f"{utc(entry.at)}  ", DIM).append(f"{mark} {entry.summary}\n", style)
        return words if self._history else words.append("none kept by CloudWatch\n", DIM)
