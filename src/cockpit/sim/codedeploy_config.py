"""CodeDeploy deployment configurations: how the traffic moves from the old task set or version to the new one."""

import re
from dataclasses import dataclass
from typing import Any

_PREDEFINED = (
    "CodeDeployDefault.ECSAllAtOnce",
    "CodeDeployDefault.ECSCanary10Percent5Minutes",
    "CodeDeployDefault.ECSCanary10Percent15Minutes",
    "CodeDeployDefault.ECSLinear10PercentEvery1Minutes",
    "CodeDeployDefault.ECSLinear10PercentEvery3Minutes",
    "CodeDeployDefault.LambdaAllAtOnce",
    "CodeDeployDefault.LambdaCanary10Percent5Minutes",
    "CodeDeployDefault.LambdaCanary10Percent10Minutes",
    "CodeDeployDefault.LambdaCanary10Percent15Minutes",
    "CodeDeployDefault.LambdaCanary10Percent30Minutes",
    "CodeDeployDefault.LambdaLinear10PercentEvery1Minute",
    "CodeDeployDefault.LambdaLinear10PercentEvery2Minutes",
    "CodeDeployDefault.LambdaLinear10PercentEvery3Minutes",
    "CodeDeployDefault.LambdaLinear10PercentEvery10Minutes",
)
_NAME = re.compile(
    r"CodeDeployDefault\.(ECS|Lambda)"
    r"(?:Canary(\d+)Percent(\d+)Minutes|Linear(\d+)PercentEvery(\d+)Minutes?|AllAtOnce)"
)


@dataclass(frozen=True, slots=True)
class Routing:
    """A way to shift traffic.

    Attributes:
        kind: AllAtOnce, TimeBasedCanary or TimeBasedLinear.
        percent: size of a step; 100 for AllAtOnce.
        minutes: wait between steps.
        platform: ECS or Lambda.
    """

    kind: str
    percent: int = 100
    minutes: int = 0
    platform: str = "ECS"

    def steps(self) -> list[int]:
        """Return the new side's percentages, one after the other, `minutes` apart; the last is 100."""
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


def routing_from(config: dict[str, Any], platform: str) -> Routing:
    """Return the routing that a `trafficRoutingConfig` asks for."""
    if config.get("type") == "TimeBasedCanary":
        canary = config.get("timeBasedCanary", {})
        percent, minutes = canary.get("canaryPercentage", 10), canary.get("canaryInterval", 5)
        return Routing("TimeBasedCanary", percent, minutes, platform)
    if config.get("type") == "TimeBasedLinear":
        linear = config.get("timeBasedLinear", {})
        percent, minutes = linear.get("linearPercentage", 10), linear.get("linearInterval", 1)
        return Routing("TimeBasedLinear", percent, minutes, platform)
    return Routing("AllAtOnce", platform=platform)


def predefined() -> dict[str, Routing]:
    """Return AWS's own configurations for ECS and Lambda by name."""
    return {name: _parse(name) for name in _PREDEFINED}


def _parse(name: str) -> Routing:
    match = _NAME.fullmatch(name)
    platform, *numbers = match.groups() if match else ("ECS", None, None, None, None)
    if numbers[0]:
        return Routing("TimeBasedCanary", int(numbers[0]), int(numbers[1] or 0), platform)
    if numbers[2]:
        return Routing("TimeBasedLinear", int(numbers[2]), int(numbers[3] or 0), platform)
    return Routing("AllAtOnce", platform=platform)
