"""One sweep over the alarms of a region."""

from __future__ import annotations  # JsonValue is for checkers only: `cockpit status` must not pay for pydantic

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from cockpit.aws.parse import structures, text
from cockpit.aws.parse_alarms import ALARM_LISTS, parse_alarm
from cockpit.aws.port import AwsPort
from cockpit.model.alarm import Alarm

if TYPE_CHECKING:
    from pydantic import JsonValue

PAGE = 100  # the most that DescribeAlarms gives at once
ALARM_TYPES = ("CompositeAlarm", "LogAlarm", "MetricAlarm")  # without it AWS leaves out all but metric alarms


class AlarmSweep:
    """Reads every alarm that matches one of the patterns, the most alarming first."""

    def __init__(self, port: AwsPort, region: str, patterns: tuple[str, ...]) -> None:
        self._port = port
        self._region = region
        self._patterns = patterns
        self._params = _params(patterns)
        self._seen: dict[str, tuple[dict[str, JsonValue], Alarm]] = {}

    async def sweep(self) -> tuple[Alarm, ...]:
        """Read all pages.

        Raises:
            ReadFailed: one of the pages could not be read.
        """
        answer = await self._port.read("cloudwatch", "DescribeAlarms", self._region, self._params, pages=True)
        seen = {}
        for kind in ALARM_LISTS:
            for item in structures(answer.body, kind):
                key = f"{kind}/{item.get('AlarmName')}"
                if self._wanted(text(item, "AlarmName")):
                    seen[key] = (item, self._alarm(key, item))
        self._seen = seen
        return tuple(
            sorted((alarm for _, alarm in seen.values()), key=lambda alarm: (alarm.state.severity, alarm.name))
        )

    def _wanted(self, name: str) -> bool:
        return any(pattern == "*" or fnmatchcase(name, pattern) for pattern in self._patterns)

    def _alarm(self, key: str, item: dict[str, JsonValue]) -> Alarm:
        """Reuse what was parsed before: of ten thousand alarms few change between two sweeps."""
        before = self._seen.get(key)
        return before[1] if before is not None and before[0] == item else parse_alarm(item, self._region)


def _params(patterns: tuple[str, ...]) -> dict[str, JsonValue]:
    """Let CloudWatch narrow by itself where there is one pattern and it is a plain prefix."""
    params: dict[str, JsonValue] = {"MaxRecords": PAGE, "AlarmTypes": list(ALARM_TYPES)}
    if len(patterns) == 1:
        prefix = patterns[0].removesuffix("*")
        if prefix and prefix != patterns[0] and not any(mark in prefix for mark in "*?["):
            params["AlarmNamePrefix"] = prefix
    return params
