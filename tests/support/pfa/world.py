"""A simulated AWS and the application's host beside it: the world of a PFA scenario."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from keyring.backend import KeyringBackend

from cockpit.config.schema import Environment
from cockpit.sim.process import Simulator, start_simulator
from cockpit.sim.scenario import load_scenario
from support.pfa.stage import TOKEN, Vanguard
from support.pfa.tools import Cluster

FAST = 240.0


class Drawer(KeyringBackend):
    """A keyring with one token."""

    priority = 1

    def get_password(self, service: str, username: str) -> str | None:
        return TOKEN if (service, username) == ("cockpit", "pfa-test-token") else None

    def set_password(self, service: str, username: str, password: str) -> None:
        raise NotImplementedError

    def delete_password(self, service: str, username: str) -> None:
        raise NotImplementedError


class World:
    """A simulated AWS and the application's host.

    Attributes:
        simulator: plays the scenario.
        vanguard: the application.
        environment: the scenario's, with the names of this host.
        site_url: where visitors find the frontend.
    """

    def __init__(self, simulator: Simulator, vanguard: Vanguard, scenario: str) -> None:
        self.simulator, self.vanguard = simulator, vanguard
        known = load_scenario(scenario).environment
        (edge,) = simulator.get_json("/_cockpit/distributions").values()
        self.site_url = f"http://{edge['address']}"
        names = {**known.names["pfa"], **vanguard.names(site_url=self.site_url)}
        hosts = {"pfa": vanguard.host()}
        self.environment: Environment = known.model_copy(update={"names": {"pfa": names}, "hosts": hosts})


@contextmanager
def world_of(scenario: str, cluster: Cluster, speed: float = FAST) -> Iterator[World]:
    """Play a scenario beside the application's host; ordinary AWS clients of this process find it."""
    with start_simulator(scenario, speed=speed) as simulator, world_beside(simulator, cluster, scenario) as world:
        yield world


@contextmanager
def world_beside(simulator: Simulator, cluster: Cluster, scenario: str) -> Iterator[World]:
    """Set the application's host beside a simulator; ordinary AWS clients of this process find that."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in simulator.environ.items():
            patch.setenv(name, value)
        with Vanguard(cluster, simulator) as vanguard:
            yield World(simulator, vanguard, scenario)
