"""Answers that take half a minute, with the patience that the cockpit really has: a second stands for fifteen."""

import pytest

from cockpit.aws import clients, gateway
from cockpit.aws.gateway import Gateway
from cockpit.aws.settings import CLIENT_SETTINGS, READ_RETRIES
from cockpit.engine import commands as c
from cockpit.engine import prompts as p
from cockpit.sim.process import start_simulator
from support.engine_rig import REGION, ended, prompt_of, records
from support.fault_rig import answered, creating
from support.panes import is_well, reading, soon, watching

pytestmark = pytest.mark.simulator

SCALE = 15  # seconds of the story, and of the cockpit's patience, in a real second
LATENCY = 30 / SCALE


@pytest.fixture(scope="module")
def simulator():
    with start_simulator(speed=SCALE) as simulator:
        yield simulator


@pytest.fixture(autouse=True)
def patience(monkeypatch, settings):
    """Everything that gives up after so many real seconds does so fifteen times as fast."""
    for name in ("READ_SECONDS", "LONG_READ_SECONDS", "MUTATE_SECONDS"):
        monkeypatch.setattr(gateway, name, getattr(gateway, name) / SCALE)
    timeouts = {name: CLIENT_SETTINGS[name] / SCALE for name in ("connect_timeout", "read_timeout")}
    monkeypatch.setattr(clients, "CLIENT_SETTINGS", {**CLIENT_SETTINGS, **timeouts})
    monkeypatch.setattr(clients, "READ_RETRIES", READ_RETRIES)


async def test_a_read_is_tried_again_while_answers_take_half_a_minute(faults, simulator):
    """One slow answer would blank a pane or stop a run, though the next one comes at once."""
    number = faults.add("slow", "dynamodb", "ListTables", delay=LATENCY, count=1)
    door = Gateway(None, simulator.clock)
    try:
        answer = await door.read("dynamodb", "ListTables", REGION, {})
    finally:
        await door.close()
    assert answer.body["TableNames"] == []
    assert faults.hits(number) == 1


def test_a_change_that_takes_half_a_minute_is_found_and_not_sent_again(faults, runs, table):
    """The answer is given up before the change is made: not seeing it then would pass for its not having happened."""
    run = runs.start([creating("make", table)])
    prompt_of(run, p.ConfirmPrompt)
    faults.add("slow", "dynamodb", "CreateTable", delay=LATENCY)
    answered(run, p.ConfirmPrompt, c.Confirm)
    assert ended(run).ended == "finished"
    assert faults.calls("CreateTable") == [200]
    assert any("no answer in time" in line for line in records(run, "call_unknown")[0].evidence)
    assert [(found.verdict, found.by) for found in records(run, "reconciled")] == [("happened", "aws")]


def test_latency_beyond_patience_is_no_answer(simulator, faults):
    """A pane that waits for half a minute with an old value, and does not say so, shows the past as the present."""
    with watching(simulator, REGION) as hub:
        before = reading(hub, "alarms").value
        faults.add("slow", "cloudwatch", delay=LATENCY)
        soon(lambda: reading(hub, "alarms").fault is not None)
        assert "no answer in time" in reading(hub, "alarms").fault.message
        assert reading(hub, "alarms").value == before
        assert is_well(hub, "deployments")
        faults.clear()
        soon(lambda: is_well(hub, "alarms"))
