"""CodeDeploy deployment configurations for ECS: how the traffic moves from the old task set to the new one."""

import re
from dataclasses import dataclass
from typing import Any

_PREDEFINED = (
    "CodeDeployDefault.ECSAllAtOnce",
    "CodeDeployDefault.ECSCanary10Percent5Minutes",
    "CodeDeployDefault.ECSCanary10Percent15Minutes",
    "CodeDeployDefault.ECSLinear10PercentEvery1Minutes",
    "CodeDeployDefault.ECSLinear10PercentEvery3Minutes",
)
_NAME = re.compile(
    r"CodeDeployDefault\.ECS(?:Canary(\d+)Percent(\d+)Minutes|Linear(\d+)PercentEvery(\d+)Minutes|AllAtOnce)"
)


@dataclass(frozen=True, slots=True)
class Routing:
    """A way to shift traffic.

    Attributes:
        kind: AllAtOnce, TimeBasedCanary or TimeBasedLinear.
        percent: size of a step; 100 for AllAtOnce.
        minutes: wait between steps.
    """

    kind: str
    percent: int = 100
    minutes: int = 0

    def steps(self) -> list[int]:
        """Return the new task set's percentages, one after the other, `minutes` apart; the last is 100."""
        if self.kind == "TimeBasedLinear":
            return [*range(self.percent, 100, self.percent), 100]
        return [self.percent, 100] if self.percent < 100 else [100]  # noqa: PLR2004 - percent

    def to_api(self) -> dict[str, Any]:
        """Return it as the member `trafficRoutingConfig`."""
        if self.kind == "TimeBasedCanary":
            part = {"timeBasedCanary": {"canaryPercentage": self.percent, "canaryInterval": self.minutes}}
        elif self.kind == "TimeBasedLinear":
            part = {"timeBasedLinear": {"linearPercentage": self.percent, "linearInterval": self.minutes}}
        else:
            part = {}
        return {"type": self.kind, **part}


def routing_from(config: dict[str, Any]) -> Routing:
    """Return the routing that a `trafficRoutingConfig` asks for."""
    if config.get("type") == "TimeBasedCanary":
        canary = config.get("timeBasedCanary", {})
        return Routing("TimeBasedCanary", canary.get("canaryPercentage", 10), canary.get("canaryInterval", 5))
    if config.get("type") == "TimeBasedLinear":
        linear = config.get("timeBasedLinear", {})
        return Routing("TimeBasedLinear", linear.get("linearPercentage", 10), linear.get("linearInterval", 1))
    return Routing("AllAtOnce")


def predefined() -> dict[str, Routing]:
    """Return AWS's own configurations for ECS by name."""
    return {name: _parse(name) for name in _PREDEFINED}


def _parse(name: str) -> Routing:
    match = _NAME.fullmatch(name)
    numbers = match.groups() if match else (None,) * 4
    if numbers[0]:
        return Routing("TimeBasedCanary", int(numbers[0]), int(numbers[1] or 0))
    if numbers[2]:
        return Routing("TimeBasedLinear", int(numbers[2]), int(numbers[3] or 0))
    return Routing("AllAtOnce")
