"""Fixtures that tests of several layers share."""

import os

import pytest
from hypothesis import settings

from cockpit.sim.process import start_simulator

# No time limit for one example: machines differ. CI tries the same examples every time, so that a change is judged by
# what it changed; runs at a desk look for new ones.
settings.register_profile("desk", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "desk")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the fast tests first: those that need no simulator, then those that do, then those that need a terminal.

    Of each kind the long ones begin, so that none of them runs on while the other processes have nothing left to do.
    """
    items.sort(
        key=lambda item: (
            sum(item.get_closest_marker(name) is not None for name in ("simulator", "terminal")),
            item.get_closest_marker("long") is None,
        )
    )


@pytest.fixture(scope="session")
def idle_simulator():
    """A simulated AWS with nothing in it, for the whole session; its clock is the machine's."""
    with start_simulator() as simulator:
        yield simulator


@pytest.fixture
def simulate():
    """Start simulators (`simulate("syncwell-corruption", speed=60)`) that end with the test."""
    started = []

    def start(scenario="", speed=1.0, seed=1):
        simulator = start_simulator(scenario, speed, seed)
        started.append(simulator)
        return simulator

    yield start
    for simulator in started:
        simulator.stop()
