"""A simulator whose answers can be made to go wrong, and runs on it."""

import uuid

import pytest

from cockpit.aws import clients
from cockpit.sim.process import start_simulator
from support.fault_rig import SimulatedRun
from support.faults import Faults

SPEED = 60.0  # a minute of the story in a second


@pytest.fixture(scope="session")
def simulator():
    """One simulated account for all tests of faults."""
    with start_simulator(speed=SPEED) as simulator:
        yield simulator


@pytest.fixture
def faults(simulator):
    """What goes wrong, only during the test."""
    with Faults(simulator) as faults:
        yield faults


@pytest.fixture(autouse=True)
def settings(monkeypatch, simulator, tmp_path):
    """Ordinary AWS settings of a fresh machine; the simulator is found by them."""
    for name, value in simulator.environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setattr(clients, "RENEW_SECONDS", 0.0)
    # botocore's own retries only put off what is tested here, by seconds of real time.
    monkeypatch.setattr(clients, "READ_RETRIES", {"mode": "standard", "total_max_attempts": 1})


@pytest.fixture
def sign_in(monkeypatch, tmp_path):
    """Sign in with a key, as somebody does in another terminal: by the credentials file."""
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")

    def write(key):
        text = f"[default]\naws_access_key_id={key}\naws_secret_access_key=secret\n"
        (tmp_path / "credentials").write_text(text)

    return write


@pytest.fixture
def runs(simulator, tmp_path):
    """Start runs on the simulator."""
    with SimulatedRun(simulator, tmp_path) as started:
        yield started


@pytest.fixture
def table():
    """Name of a table that is not there yet."""
    return f"T-{uuid.uuid4()}"
