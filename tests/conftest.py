"""Fixtures that tests of several layers share."""

import pytest

from cockpit.sim.process import start_simulator


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the fast tests first: those that need no simulator, then those that do, then those that need a terminal."""
    items.sort(key=lambda item: sum(item.get_closest_marker(name) is not None for name in ("simulator", "terminal")))


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
