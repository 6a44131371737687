"""CloudWatch alarms as the cockpit shows them."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class AlarmState(StrEnum):
    """State of an alarm. `UNKNOWN` stands for a value this version does not know; the raw text is kept beside it."""

    ALARM = "ALARM"
    INSUFFICIENT_DATA = "INSUFFICIENT_DATA"
    OK = "OK"
    UNKNOWN = "UNKNOWN"

    @property
    def severity(self) -> int:
        """Sort key: the most alarming state first."""
        return (AlarmState.ALARM, AlarmState.UNKNOWN, AlarmState.INSUFFICIENT_DATA, AlarmState.OK).index(self)


@dataclass(frozen=True, slots=True)
class MetricRef:
    """One CloudWatch metric with the statistic and period (seconds) an alarm or a probe reads."""

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...] = ()
    statistic: str = "Sum"
    period: int = 60


@dataclass(frozen=True, slots=True)
class Alarm:
    """One alarm, metric or composite. All text is cleaned.

    Attributes:
        since: UTC time of the last state change; None if AWS did not say.
        metric: the metric of a plain metric alarm; None for composites and metric-math alarms.
        rule: the rule of a composite alarm; empty otherwise.
    """

    name: str
    region: str
    state: AlarmState
    raw_state: str
    reason: str
    since: datetime | None
    actions_enabled: bool = True
    arn: str = ""
    description: str = ""
    metric: MetricRef | None = None
    threshold: float | None = None
    comparison: str = ""
    evaluation_periods: int | None = None
    datapoints_to_alarm: int | None = None
    rule: str = ""


@dataclass(frozen=True, slots=True)
class AlarmTransition:
    """One entry of an alarm's history."""

    at: datetime
    kind: str
    summary: str
    to_state: AlarmState | None = None


@dataclass(frozen=True, slots=True)
class Series:
    """Datapoints of one metric, oldest first: UTC time and value."""

    metric: MetricRef
    points: tuple[tuple[datetime, float], ...] = field(default=())
