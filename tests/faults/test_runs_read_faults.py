"""Runs whose reads fail: nothing is concluded from not being able to see."""

import boto3
import pytest

from cockpit.engine import commands as c
from cockpit.engine import prompts as p
from support.engine_rig import ended, prompt_of, records, until
from support.fault_rig import TABLE, answered, creating, observed, waiting

pytestmark = pytest.mark.simulator


def create(simulator, table):
    """Create a table as somebody else would."""
    keys = {"aws_access_key_id": "else", "aws_secret_access_key": "x"}
    client = boto3.client("dynamodb", region_name="us-east-1", endpoint_url=simulator.endpoint, **keys)
    client.create_table(TableName=table, **TABLE)


def test_expired_credentials_are_waited_for_and_the_run_goes_on_where_it_was(faults, runs, simulator, sign_in, table):
    """A run that took expiry for an end, or needed a restart after signing in again, would stand still at 03:00."""
    sign_in("old")
    run = runs.start([waiting("look", table), creating("make", f"{table}-2")])
    until(lambda: run.state().now_step == "look")
    faults.add("expired", access_key="old")
    create(simulator, table)
    until(lambda: "expired" in observed(run) and "aws sso login" in observed(run))
    assert run.state().now_step == "look"
    sign_in("new")
    prompt_of(run, p.ConfirmPrompt)
    number = faults.add("expired", "dynamodb", "CreateTable", access_key="new")
    answered(run, p.ConfirmPrompt, c.Confirm)
    trouble = prompt_of(run, p.TroublePrompt)
    assert "did not take effect" in trouble.message
    assert "aws sso login" in trouble.remedy
    sign_in("newest")
    answered(run, p.TroublePrompt, c.SolveTrouble, way="retry")
    answered(run, p.ConfirmPrompt, c.Confirm)
    assert ended(run).ended == "finished"
    assert faults.hits(number) == 1
    assert [call.took_effect for call in run.state().steps["make"].calls] == [False, True]


def test_throttling_never_ends_a_wait(faults, runs, simulator, table):
    """An empty answer in place of a refusal would fail the step; only the plan's own time limit may end it."""
    create(simulator, table)
    number = faults.add("throttled", "dynamodb", "DescribeTable")
    run = runs.start([waiting("look", table, timeout="PT4M")])
    trouble = prompt_of(run, p.TroublePrompt)
    assert "Not so after" in trouble.message
    assert "could not be read" in trouble.message
    answered(run, p.TroublePrompt, c.SolveTrouble, way="retry")
    until(lambda: faults.hits(number) > 6)
    faults.clear()
    assert ended(run).ended == "finished"


def test_throttling_never_ends_a_verification(faults, runs, table):
    """A step whose effect cannot be seen is not done, and not failed, until its time limit."""
    run = runs.start([creating("make", table)])
    prompt_of(run, p.ConfirmPrompt)
    number = faults.add("throttled", "dynamodb", "DescribeTable")
    answered(run, p.ConfirmPrompt, c.Confirm)
    until(lambda: faults.hits(number) > 3)
    assert run.state().steps["make"].outcome is None
    faults.clear()
    assert ended(run).ended == "finished"
    assert faults.calls("CreateTable")[-1:] == [200]
    assert len(run.state().steps["make"].calls) == 1


@pytest.mark.parametrize("kind", ["server_error", "garbage"])
def test_a_halt_is_not_proven_by_a_silent_cloudwatch(faults, runs, simulator, table, kind):
    """Not seeing writes is not seeing that there are none: the restore would lose writes that nobody counted."""
    create(simulator, table)
    faults.add(kind, "cloudwatch")
    run = runs.start([{"id": "prove", "prove_halt": {"table": table, "timeout": "PT1M"}}])
    trouble = prompt_of(run, p.TroublePrompt)
    assert "not proven" in trouble.message
    assert records(run, "writes_halted") == []
    assert run.state().halt_proven is False
