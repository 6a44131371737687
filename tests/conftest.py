"""Fixtures that tests of several layers share."""

import pytest

from cockpit.sim.process import start_simulator


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
