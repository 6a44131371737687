"""One sweep over the alarms of a region."""

from __future__ import annotations  # JsonValue is for checkers only: `cockpit status` must not pay for pydantic

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from cockpit.aws.parse import structures, text
from cockpit.aws.parse_alarms import ALARM_LISTS, parse_alarm
from cockpit.aws.port import AwsPort, ReadFailed
from cockpit.model.alarm import Alarm
from cockpit.model.reading import Fault, FaultKind

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
        self._seen: dict[str, tuple[int, Alarm]] = {}

    async def sweep(self) -> tuple[Alarm, ...]:
        """Read all pages, one after the other, keeping of each only what is shown.

        Raises:
            ReadFailed: one of the pages could not be read.
        """
        seen: dict[str, tuple[int, Alarm]] = {}
        token: JsonValue = None
        while True:
            params = self._params if token is None else {**self._params, "NextToken": token}
            body = (await self._port.read("cloudwatch", "DescribeAlarms", self._region, params)).body
            self._keep(body, seen)
            before, token = token, body.get("NextToken")
            if not token:
                break
            if token == before:
                raise ReadFailed(Fault(FaultKind.UNREADABLE, f"CloudWatch in {self._region} repeats a page for ever."))
        self._seen = seen
        return tuple(sorted((alarm for _, alarm in seen.values()), key=_order))

    def _keep(self, body: dict[str, JsonValue], seen: dict[str, tuple[int, Alarm]]) -> None:
        for kind in ALARM_LISTS:
            for item in structures(body, kind):
                if self._wanted(text(item, "AlarmName")):
                    key = f"{kind}/{item.get('AlarmName')}"
                    seen[key] = self._parsed(key, item)

    def _wanted(self, name: str) -> bool:
        return any(pattern == "*" or fnmatchcase(name, pattern) for pattern in self._patterns)

    def _parsed(self, key: str, item: dict[str, JsonValue]) -> tuple[int, Alarm]:
        """Reuse what was parsed before: of ten thousand alarms few change between two sweeps.

        The answer itself is not kept, only its fingerprint: it is many times larger than the alarm made of it.
        """
        fingerprint = hash(repr(item))
        before = self._seen.get(key)
        if before is not None and before[0] == fingerprint:
            return before
        return fingerprint, parse_alarm(item, self._region)


def _order(alarm: Alarm) -> tuple[int, str]:
    return alarm.state.severity, alarm.name


def _params(patterns: tuple[str, ...]) -> dict[str, JsonValue]:
    """Let CloudWatch narrow by itself where there is one pattern and it is a plain prefix."""
    params: dict[str, JsonValue] = {"MaxRecords": PAGE, "AlarmTypes": list(ALARM_TYPES)}
    if len(patterns) == 1:
        prefix = patterns[0].removesuffix("*")
        if prefix and prefix != patterns[0] and not any(mark in prefix for mark in "*?["):
            params["AlarmNamePrefix"] = prefix
    return params
