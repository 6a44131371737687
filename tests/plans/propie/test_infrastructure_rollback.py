"""The plan that rolls PropIE's AppSync stack back, from every state a stack can be in, and where it refuses."""

import boto3
import pytest

from cockpit.sim.process import start_simulator
from support.rehearsal import Rehearsal, rehearse

pytestmark = pytest.mark.simulator

PLAN = "propie/infrastructure-rollback"
STACK = "prop-ie-production-appsync-stack"
TABLE = "prop-ie-production-data"
FAST = 240.0


@pytest.fixture
def played(request, monkeypatch):
    """A simulator that plays the scenario of the parameter."""
    with start_simulator(request.param, speed=FAST) as simulator:
        for name, value in simulator.environ.items():
            monkeypatch.setenv(name, value)
        yield simulator


def stack():
    return boto3.client("cloudformation").describe_stacks(StackName=STACK)["Stacks"][0]


def done(state):
    return {name for name, step in state.steps.items() if step.outcome == "done"}


def sent(state):
    """Return what the run changed: (operation, parameters)."""
    return [(call.intent.operation, call.intent.params) for step in state.steps.values() for call in step.calls]


def api_writes_to(simulator):
    return simulator.get_json("/_cockpit/truth/application")["api"]


@pytest.mark.parametrize("played", ["propie-stack-update-failed"], indirect=True)
def test_a_failed_update_is_rolled_back(played, tmp_path):
    """UPDATE_FAILED: the stack is whole again, and agents' edits reach the table."""
    assert api_writes_to(played).startswith("refused")
    state = rehearse(played, PLAN, tmp_path)
    ((operation, params),) = sent(state)
    assert (operation, params["StackName"]) == ("RollbackStack", STACK)
    assert stack()["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert api_writes_to(played) == TABLE
    # The token that was recorded before the call is the one in the stack's history.
    events = boto3.client("cloudformation").describe_stack_events(StackName=STACK)["StackEvents"]
    assert {event["ClientRequestToken"] for event in events[:5]} == {params["ClientRequestToken"]}


@pytest.mark.parametrize("played", ["propie-stack-updating"], indirect=True)
def test_a_hanging_update_is_cancelled(played, tmp_path):
    """UPDATE_IN_PROGRESS: cancelled, CloudFormation takes the update back."""
    state = rehearse(played, f"{PLAN}-updating", tmp_path)
    assert [operation for operation, _ in sent(state)] == ["CancelUpdateStack"]
    assert stack()["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert api_writes_to(played) == TABLE


@pytest.mark.parametrize("played", ["propie-stack-rollback-failed"], indirect=True)
def test_a_rollback_that_failed_is_continued_without_what_drifts(played, tmp_path):
    """UPDATE_ROLLBACK_FAILED: what is skipped was typed, is named, and is still missing afterwards."""
    state = rehearse(played, f"{PLAN}-rollback-failed", tmp_path)
    ((operation, params),) = sent(state)
    assert (operation, params["ResourcesToSkip"]) == ("ContinueUpdateRollback", ["ArchiveProperty"])
    assert "accept_drift" in done(state)
    assert stack()["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    outputs = {each["OutputKey"]: each["OutputValue"] for each in stack()["Outputs"]}
    resolvers = boto3.client("appsync").list_resolvers(apiId=outputs["ApiId"], typeName="Mutation")["resolvers"]
    assert [each["fieldName"] for each in resolvers] == ["updateProperty"]


@pytest.mark.parametrize("played", ["propie-stack-bad-update"], indirect=True)
def test_an_update_that_went_through_is_taken_back_by_a_change_set(played, tmp_path):
    """UPDATE_COMPLETE: previous template and parameters; declined at the review, nothing is left behind."""
    declined = Rehearsal(played, f"{PLAN}-bad-update", tmp_path / "declined", review={"abort": "undo"})
    assert (declined.finish().ended, declined.operator.troubles) == ("aborted", [])
    assert boto3.client("cloudformation").list_change_sets(StackName=STACK)["Summaries"] == []
    assert api_writes_to(played).startswith("refused"), "nothing has changed"

    state = rehearse(played, f"{PLAN}-bad-update", tmp_path)
    assert [operation for operation, _ in sent(state)] == ["CreateChangeSet", "ExecuteChangeSet"]
    compared = state.steps["compare"].captured
    assert compared["replaced"] == ["Source"]
    assert sorted(compared["removed"]) == ["PublishProperty", "Publisher"]
    assert "accept_replacement" in done(state)
    assert stack()["StackStatus"] == "UPDATE_COMPLETE"
    assert api_writes_to(played) == TABLE
    assert {each["ParameterKey"]: each["ParameterValue"] for each in stack()["Parameters"]}[
        "TableAccess"
    ] == "dynamodb:*"
