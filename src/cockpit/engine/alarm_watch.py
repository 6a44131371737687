"""Looking at the alarms that a probe watches: are they quiet, and have they been since it began to hold?"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase

from pydantic import JsonValue

from cockpit.aws.parse_alarms import parse_alarms
from cockpit.engine.run_core import RunCore
from cockpit.model.alarm import Alarm, AlarmState
from cockpit.model.text import clean, utc_time
from cockpit.plans.expressions import resolve
from cockpit.plans.probe import AlarmWatch

_WILD = re.compile(r"[*?\[]")
_KINDS: tuple[JsonValue, ...] = ("MetricAlarm", "CompositeAlarm")
_NAMED = 3  # alarms that are named in a line; the others are counted


class NothingWatched(Exception):
    """A pattern fits no alarm; the text is a sentence for the operator."""


Changes = Mapping[str, datetime | None]
"""Names of alarms to the time of their last change of state, by AWS's clock."""


@dataclass(frozen=True, slots=True)
class AlarmsSeen:
    """One look at the watched alarms. `words` names those that are not quiet, and counts all."""

    quiet: bool
    words: str
    changes: Changes


async def look_at_alarms(
    core: RunCore, watch: AlarmWatch, before: Changes, extra: Mapping[str, JsonValue] | None
) -> AlarmsSeen:
    """Read the watched alarms once, in the run's region.

    Args:
        core: the run.
        watch: which alarms, and what missing data mean.
        before: what was seen when the hold began: an alarm that has left OK since, and is back, is not quiet. Empty if
            nothing holds yet.
        extra: further names for the patterns.

    Raises:
        NothingWatched: a pattern fits no alarm.
        ExpressionError: a pattern has no value.
        ReadFailed: no answer.
    """
    alarms: dict[str, Alarm] = {}
    for pattern in _patterns(core, watch, extra):
        found = await _read(core, pattern)
        if not found:
            raise NothingWatched(f"No alarm is called {clean(pattern, 200)}: nothing would be watched.")
        alarms.update((alarm.name, alarm) for alarm in found)
    loud = [words for alarm in alarms.values() if (words := _why_not_quiet(alarm, watch, before))]
    return AlarmsSeen(not loud, _words(loud, len(alarms)), {alarm.name: alarm.since for alarm in alarms.values()})


def _patterns(core: RunCore, watch: AlarmWatch, extra: Mapping[str, JsonValue] | None) -> list[str]:
    resolved = resolve(list(watch.alarms), core.context(extra))
    given = resolved if isinstance(resolved, list) else [resolved]
    return [str(name) for item in given for name in (item if isinstance(item, list) else [item])]


async def _read(core: RunCore, pattern: str) -> list[Alarm]:
    head = _WILD.split(pattern, maxsplit=1)[0]
    params: dict[str, JsonValue] = {"AlarmTypes": list(_KINDS)}
    if head == pattern:
        params["AlarmNames"] = [pattern]
    elif head:
        params["AlarmNamePrefix"] = head
    region = core.state.scope.region
    answer = await core.port.read("cloudwatch", "DescribeAlarms", region, params, pages=True)
    return [alarm for alarm in parse_alarms(answer.body, region) if fnmatchcase(alarm.name, pattern)]


def _why_not_quiet(alarm: Alarm, watch: AlarmWatch, before: Changes) -> str:
    state = alarm.raw_state or alarm.state.value
    if alarm.state is AlarmState.INSUFFICIENT_DATA and watch.no_data == "quiet":
        return ""
    if alarm.state is not AlarmState.OK:
        return f"{clean(alarm.name, 100)} is {clean(state, 40)} since {utc_time(alarm.since)}"
    if watch.no_data == "breaks" and before.get(alarm.name, alarm.since) != alarm.since:
        return f"{clean(alarm.name, 100)} was not OK until {utc_time(alarm.since)}"
    return ""


def _words(loud: Sequence[str], count: int) -> str:
    if not loud:
        return f"{count} watched alarm{'s' if count > 1 else ''} quiet"
    more = f" and {len(loud) - _NAMED} more" if len(loud) > _NAMED else ""
    return f"of {count} watched alarm{'s' if count > 1 else ''}: {', '.join(loud[:_NAMED])}{more}"
