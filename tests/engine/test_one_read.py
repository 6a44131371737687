"""Reads of a region that may be down: its silence is an answer, soon, and only where the plan says so."""

import time

import pytest
from pydantic import ValidationError

from cockpit.aws.gateway import Gateway
from cockpit.aws.port import ReadFailed
from cockpit.engine import one_read
from cockpit.engine.one_read import make_read
from cockpit.model.clock import SystemClock
from cockpit.plans.actions.aws import AwsSpec
from cockpit.plans.probe import Read, Reconcile

GONE, HERE = "eu-north-1", "us-east-1"


@pytest.fixture
def gone(idle_simulator, monkeypatch, request):
    """A region that is gone, by the kind of fault."""
    for name, value in idle_simulator.environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(one_read, "UNREACHABLE_AFTER", 1.5)
    rule = idle_simulator.post_json("/_cockpit/faults", {"kind": request.param, "region": GONE})
    yield
    idle_simulator.post_json("/_cockpit/faults", {"clear": rule["number"]})


async def made(read, region=HERE):
    port = Gateway(None, SystemClock())
    try:
        return await make_read(port, read, {}, region)
    finally:
        await port.close()


@pytest.mark.simulator
@pytest.mark.parametrize("gone", ["silent", "server_error"], indirect=True)
async def test_a_region_that_is_gone_gives_an_empty_answer_soon(gone):
    """Preflight and steps would wait for minutes for a region whose absence is the reason for the plan."""
    read = Read(read="dynamodb:ListTables", region=GONE, unreachable="absent")
    assert await made(Read(read="dynamodb:ListTables")) == {"TableNames": []}  # the simulator's first answer is slow
    began = time.monotonic()
    assert await made(read) == {}
    assert time.monotonic() - began < 5
    assert await made(read.model_copy(update={"region": HERE})) == {"TableNames": []}


@pytest.mark.simulator
@pytest.mark.parametrize("gone", ["denied"], indirect=True)
async def test_a_refusal_is_no_absence(gone):
    """A region that refuses lives: to take it for gone would rebuild the service for want of a permission."""
    with pytest.raises(ReadFailed, match="AccessDenied"):
        await made(Read(read="dynamodb:ListTables", region=GONE, unreachable="absent"))


def test_silence_of_the_runs_own_region_and_of_a_reconcile_means_nothing():
    """A passing failure of the own region would be read as "there is none", or as "it did not happen"."""
    with pytest.raises(ValidationError, match="another region than the run's"):
        Read(read="dynamodb:ListTables", unreachable="absent")
    with pytest.raises(ValidationError, match="another region than the run's"):
        AwsSpec(call="dynamodb:ListTables", unreachable="absent")
    with pytest.raises(ValidationError, match="cannot be told"):
        Reconcile(read="dynamodb:ListTables", region=GONE, unreachable="absent", how="listed", done_when="answer")
