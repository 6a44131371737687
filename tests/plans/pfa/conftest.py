"""What the tests of the PFA plans share: PostgreSQL, the application on its host, the simulated AWS beside it."""

import keyring
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


@pytest.fixture(scope="session")
def cluster():
    """One PostgreSQL for the session."""
    with Cluster() as running:
        yield running


@pytest.fixture
def token():
    """The API's token, in the keyring."""
    before = keyring.get_keyring()
    keyring.set_keyring(Drawer())
    yield TOKEN
    keyring.set_keyring(before)


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
        self.environment: Environment = known.model_copy(
            update={"names": {"pfa": names}, "hosts": {"pfa": vanguard.host()}}
        )


@pytest.fixture
def world(request, cluster, token, monkeypatch):
    """The world of the scenario of the parameter."""
    with start_simulator(request.param, speed=FAST) as simulator:
        for name, value in simulator.environ.items():
            monkeypatch.setenv(name, value)
        with Vanguard(cluster, simulator) as vanguard:
            yield World(simulator, vanguard, request.param)
