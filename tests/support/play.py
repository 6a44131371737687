"""A scenario told in this process, under a clock moved by hand: what AWS does in an hour is seen in a moment."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cockpit.sim.scenario import load_scenario
from cockpit.sim.server import build
from cockpit.sim.telling import tell

REGION = "us-east-1"


class MovedByHand:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.time = datetime(2026, 1, 31, 3, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


class Play:
    """One scenario. There is one in a process: a new one ends the old."""

    def __init__(self, scenario: str) -> None:
        self.clock = MovedByHand()
        self.simulation, self.front = build(self.clock)
        self.opening = tell(self.simulation, load_scenario(scenario))

    def client(self, service: str) -> Any:
        """Return an ordinary client."""
        return self.simulation.client(service, REGION)

    def go(self, minutes: float) -> None:
        """Let time pass."""
        self.clock.time += timedelta(minutes=minutes)
        self.simulation.world.catch_up()

    def alarm(self, name: str) -> str | None:
        """Return an alarm's state."""
        return self.simulation.alarms.state(name, REGION)

    def total(self, namespace: str, metric: str, minutes: float, **dimensions: str) -> float:
        """Return the sum of a metric over the last minutes."""
        answer = self.client("cloudwatch").get_metric_statistics(
            Namespace=namespace,
            MetricName=metric,
            Dimensions=[{"Name": name, "Value": value} for name, value in dimensions.items()],
            StartTime=self.clock.now() - timedelta(minutes=minutes),
            EndTime=self.clock.now(),
            Period=60,
            Statistics=["Sum"],
        )
        return float(sum(point["Sum"] for point in answer["Datapoints"]))


def refusal(call: Any, /, **params: Any) -> str:
    """Make a call that must be refused; return the error's code."""
    with pytest.raises(ClientError) as refused:
        call(**params)
    assert 400 <= refused.value.response["ResponseMetadata"]["HTTPStatusCode"] < 500
    return str(refused.value.response["Error"]["Code"])
