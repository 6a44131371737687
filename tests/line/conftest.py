"""Fixtures of the line tests: the SSH server, and desks with the long job."""

import pytest
from long_job import Desk

from support.sshd import Sshd


@pytest.fixture(scope="session")
def sshd(tmp_path_factory):
    """A real SSH server on 127.0.0.1."""
    with Sshd(tmp_path_factory.mktemp("sshd")) as server:
        yield server


@pytest.fixture
def desk(tmp_path, idle_simulator):
    """Make a desk whose program counts for so many seconds: `desk(6)`."""
    return lambda seconds: Desk(tmp_path, idle_simulator, seconds)
