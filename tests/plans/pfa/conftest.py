"""What the tests of the PFA plans share: PostgreSQL, the API's token, the world of a scenario."""

import keyring
import pytest

from support.pfa.stage import TOKEN
from support.pfa.tools import Cluster
from support.pfa.world import Drawer, world_of


@pytest.fixture(scope="session")
def cluster():
    """One PostgreSQL for the session."""
    with Cluster() as running:
        yield running


@pytest.fixture(scope="session")
def token():
    """The API's token, in the keyring."""
    before = keyring.get_keyring()
    keyring.set_keyring(Drawer())
    yield TOKEN
    keyring.set_keyring(before)


@pytest.fixture
def world(request, cluster, token):
    """The world of the scenario of the parameter."""
    with world_of(request.param, cluster) as made:
        yield made
