"""Alarms of the simulated CloudWatch: they look at the metrics every minute and remember what they decided."""

import json
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from cockpit.sim import alarm_evaluation
from cockpit.sim.alarm_rule import Rule, parse_rule
from cockpit.sim.errors import AwsError
from cockpit.sim.metrics import MINUTE, MetricKey, MetricStore
from cockpit.sim.simulation import ACCOUNT, AlarmChange
from cockpit.sim.world import World

EVALUATED_EVERY = timedelta(seconds=10)  # alarms with a period below a minute; all others every minute


@dataclass(frozen=True, slots=True)
class HistoryItem:
    """One line of an alarm's history. `kind` is ConfigurationUpdate or StateUpdate."""

    at: datetime
    kind: str
    summary: str
    data: str


@dataclass(eq=False, slots=True)
class Alarm:
    """One alarm. `settings` are the parameters it was put with; `rule` makes it a composite."""

    name: str
    region: str
    settings: dict[str, Any]
    rule: Rule | None
    configured_at: datetime
    updated_at: datetime
    transitioned_at: datetime
    state: str = "INSUFFICIENT_DATA"
    reason: str = "Unchecked: Initial alarm creation"
    reason_data: str = ""
    history: list[HistoryItem] = field(default_factory=list)

    @property
    def arn(self) -> str:
        """Return the alarm's ARN."""
        return f"arn:aws:cloudwatch:{self.region}:{ACCOUNT}:alarm:{self.name}"


class AlarmBook:
    """All alarms by region and name.

    Evaluation is lazy, so that ten thousand quiet alarms cost nothing: an alarm without datapoints sleeps until one of
    its metrics gets data.
    """

    def __init__(self, world: World, store: MetricStore) -> None:
        self._world = world
        self._store = store
        self._alarms: dict[str, dict[str, Alarm]] = defaultdict(dict)
        self._names: dict[str, list[str]] = {}
        self._by_metric: dict[MetricKey, set[Alarm]] = defaultdict(set)
        self._by_child: dict[tuple[str, str], set[Alarm]] = defaultdict(set)
        self._awake: dict[Alarm, None] = {}
        self._listeners: list[Callable[[AlarmChange], None]] = []
        self._ticking = False
        store.on_data = self._wake

    def state(self, name: str, region: str) -> str | None:
        """Return an alarm's state; None if there is no such alarm."""
        alarm = self._alarms[region].get(name)
        return alarm.state if alarm else None

    def on_transition(self, listener: Callable[[AlarmChange], None]) -> None:
        """Call `listener` at every change of state, when it happens."""
        self._listeners.append(listener)

    def put(self, region: str, settings: dict[str, Any]) -> Alarm:
        """Create or change an alarm; a changed one keeps its state until it is next evaluated.

        Raises:
            AwsError: it cannot be evaluated here, or a composite's rule names an alarm that does not exist.
        """
        name = settings["AlarmName"]
        rule = parse_rule(settings["AlarmRule"]) if "AlarmRule" in settings else None
        if rule is None:
            alarm_evaluation.check(settings)
        for child in rule.alarms if rule else ():
            if child not in self._alarms[region]:
                raise AwsError("ValidationError", f"Could not save the composite alarm: {child} does not exist.")
        now = self._world.now()
        alarm = self._alarms[region].get(name)
        word = "updated" if alarm else "created"
        if alarm is None:
            alarm = Alarm(name, region, settings, rule, now, now, now)
            self._alarms[region][name] = alarm
            self._names.pop(region, None)
        else:
            self._forget(alarm)
            alarm.settings, alarm.rule, alarm.configured_at = settings, rule, now
        alarm.history.append(HistoryItem(now, "ConfigurationUpdate", f'Alarm "{name}" {word}', "{}"))
        self._watch(alarm)
        return alarm

    def delete(self, region: str, names: Iterable[str]) -> None:
        """Delete alarms; unknown names are passed over."""
        for name in names:
            alarm = self._alarms[region].pop(name, None)
            if alarm:
                self._forget(alarm)
                self._names.pop(region, None)

    def get(self, region: str, name: str) -> Alarm:
        """Return an alarm.

        Raises:
            AwsError: there is none of that name (ResourceNotFound).
        """
        alarm = self._alarms[region].get(name)
        if alarm is None:
            raise AwsError("ResourceNotFound", f"There is no alarm named {name}.")
        return alarm

    def after(self, region: str, name: str = "") -> Iterable[Alarm]:
        """Yield the alarms of a region in order of name, beginning after `name`."""
        names = self._names.get(region)
        if names is None:
            names = self._names[region] = sorted(self._alarms[region])
        for index in range(bisect_right(names, name) if name else 0, len(names)):
            yield self._alarms[region][names[index]]

    def set_state(self, alarm: Alarm, state: str, reason: str, data: str = "") -> None:
        """Put an alarm into a state; listeners and composites hear of it if that changes it."""
        now = self._world.now()
        old, old_reason = alarm.state, alarm.reason
        alarm.state, alarm.reason, alarm.reason_data, alarm.updated_at = state, reason, data, now
        if state == old:
            return
        alarm.transitioned_at = now
        change = {
            "version": "1.0",
            "oldState": {"stateValue": old, "stateReason": old_reason},
            "newState": {"stateValue": state, "stateReason": reason},
        }
        summary = f"Alarm updated from {old} to {state}"
        alarm.history.append(HistoryItem(now, "StateUpdate", summary, json.dumps(change)))
        for composite in list(self._by_child.get((alarm.region, alarm.name), ())):
            self._decide(composite, f"{alarm.arn} transitioned to {state} at {now:%A %d %B, %Y %H:%M:%S %Z}")
        for listener in self._listeners:
            listener(AlarmChange(alarm.name, alarm.region, state, now))

    def reconsider(self, alarm: Alarm) -> None:
        """Have an alarm evaluated at the next minute whether or not there are new data."""
        if alarm.rule is None:
            self._awake[alarm] = None
            self._start_ticking()

    def _watch(self, alarm: Alarm) -> None:
        if alarm.rule is not None:
            for child in alarm.rule.alarms:
                self._by_child[alarm.region, child].add(alarm)
            self._decide(alarm, "its rule was set")
            return
        for key in alarm_evaluation.watched(alarm.region, alarm.settings):
            self._by_metric[key].add(alarm)
        self.reconsider(alarm)

    def _forget(self, alarm: Alarm) -> None:
        self._awake.pop(alarm, None)
        for watchers in (*self._by_metric.values(), *self._by_child.values()):
            watchers.discard(alarm)

    def _wake(self, key: MetricKey) -> None:
        watchers = self._by_metric.get(key)
        if watchers:
            self._awake.update(dict.fromkeys(sorted(watchers, key=lambda alarm: alarm.name)))
            self._start_ticking()

    def _start_ticking(self) -> None:
        """Look at the alarms that are awake at every tenth second, as long as there are any."""
        if self._ticking:
            return
        self._ticking = True
        step = EVALUATED_EVERY.total_seconds()
        after = (self._world.now().timestamp() // step + 1) * step
        self._world.at(datetime.fromtimestamp(after, UTC), self._tick)

    def _tick(self) -> None:
        now = self._world.now()
        every_minute = now.timestamp() % MINUTE == 0
        for alarm in list(self._awake):
            if not every_minute and alarm_evaluation.period_of(alarm.settings) >= MINUTE:
                continue
            verdict = alarm_evaluation.evaluate(self._store, alarm.region, alarm.settings, now, alarm.state)
            if verdict.asleep:
                self._awake.pop(alarm, None)
            if verdict.state != alarm.state:
                self.set_state(alarm, verdict.state, verdict.reason, verdict.data)
        self._ticking = False
        if self._awake:
            self._start_ticking()

    def _decide(self, composite: Alarm, because: str) -> None:
        """Apply a composite's rule."""
        if composite.rule is None:
            return
        holds = composite.rule.holds(lambda name: self.state(name, composite.region))
        self.set_state(composite, "ALARM" if holds else "OK", because)
