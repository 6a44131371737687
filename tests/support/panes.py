"""A hub that watches the simulated AWS, and its panes."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from cockpit.config.ordinary import OrdinaryPlace, OrdinaryWatch
from cockpit.feeds.connect import connector
from cockpit.feeds.hub import FeedHub
from cockpit.sim.process import Simulator

HERE, ELSEWHERE = "us-east-1", "eu-west-1"
PANES = {"cloudwatch": "alarms", "codedeploy": "deployments", "dynamodb": "restores"}


@contextmanager
def watching(simulator: Simulator, *regions: str) -> Iterator[FeedHub]:
    """Run a hub that watches some regions; everything has been read once."""
    place = OrdinaryPlace(regions=regions, watch=OrdinaryWatch(every=timedelta(seconds=0.5)))
    hub = FeedHub("drill", place, simulator.clock, connector(place, simulator.clock))
    hub.start()
    try:
        soon(lambda: all(is_well(hub, pane, region) for pane in PANES.values() for region in regions))
        yield hub
    finally:
        assert hub.stop(10)


def soon(condition: Callable[[], Any], seconds: float = 20.0) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def reading(hub: FeedHub, pane: str, region: str = HERE) -> Any:
    """Return the reading of a pane."""
    return getattr(hub.snapshot(), pane)[region]


def is_well(hub: FeedHub, pane: str, region: str = HERE) -> bool:
    """Tell whether a pane has been read and its last attempt went well."""
    return reading(hub, pane, region).value is not None and reading(hub, pane, region).fault is None
