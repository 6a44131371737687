"""The plan that points a Lambda alias back, from start to end against the simulated outages, and where it refuses."""

import boto3
import pytest

from cockpit.engine.state import RunState
from cockpit.engine.unattended import Unattended
from cockpit.model.effect import Outcome
from cockpit.sim.process import start_simulator
from support.rehearsal import Rehearsal, rehearse

pytestmark = pytest.mark.simulator

PLAN = "distro/lambda-alias-rollback"
BY_HAND = f"{PLAN}-by-hand"
ALIAS = {"FunctionName": "orders", "Name": "PROD"}


def use(simulator, patch):
    for name, value in simulator.environ.items():
        patch.setenv(name, value)
    return simulator


@pytest.fixture(scope="module")
def by_hand():
    """One world in which version 6 has a quarter of the calls; tests leave it so, but for the last."""
    patch = pytest.MonkeyPatch()
    with start_simulator("distro-bad-lambda-by-hand", speed=300) as simulator:
        yield use(simulator, patch)
    patch.undo()


def alias():
    found = boto3.client("lambda").get_alias(**ALIAS)
    return found["FunctionVersion"], found.get("RoutingConfig", {}).get("AdditionalVersionWeights", {})


def give(version, **weights):
    routing = {"AdditionalVersionWeights": {name.strip("v"): share for name, share in weights.items()}}
    boto3.client("lambda").update_alias(**ALIAS, FunctionVersion=version, RoutingConfig=routing)


def done(state: RunState) -> set[str]:
    return {step.step for step in state.steps.values() if step.outcome is Outcome.DONE}


def prompt(rehearsal, step):
    """Return the first prompt that a step showed."""
    records = (entry.record for entry in rehearsal.run.entries())
    return next(each.prompt for each in records if each.kind == "prompted" and each.step == step)


def refused_by_preflight(simulator, folder, **inputs):
    """Run with other inputs until the preflight refuses; return what it says."""
    rehearsal = Rehearsal(simulator, BY_HAND, folder, inputs=inputs)
    state = rehearsal.finish()
    assert state.ended == "refused"
    assert not any(step.calls for step in state.steps.values())
    return state.ended_reason


def test_an_alias_of_another_name_is_refused_before_anything_changes(by_hand, tmp_path):
    """The source writes Production and PROD (S3:192, S3:212): the wrong one must not be created or guessed."""
    assert "its alias was not found" in refused_by_preflight(by_hand, tmp_path, alias="Production")


def test_two_apis_of_the_same_name_are_refused_before_anything_changes(by_hand, tmp_path):
    """The wrong API would prove that the rollback worked."""
    for _ in range(2):
        boto3.client("apigatewayv2").create_api(Name="twin", ProtocolType="HTTP")
    assert "or more than one" in refused_by_preflight(by_hand, tmp_path, api="twin")


def test_an_alias_that_somebody_else_moves_meanwhile_is_not_overwritten(by_hand, tmp_path):
    """E-36: two people at the same alias; the second one must learn of the first."""
    rehearsal = Rehearsal(by_hand, BY_HAND, tmp_path)

    def meddle(entry, _state):
        if entry.record.kind == "step_ended" and entry.record.step == "now":
            give("3", v6=0.25)

    rehearsal.operator = Unattended(rehearsal.run, rehearsal.answers, meddle)
    state = rehearsal.finish()
    assert state.ended == "aborted"
    assert "RevisionId" in rehearsal.operator.troubles[0]
    assert alias() == ("3", {"6": 0.25})
    give("4", v6=0.25)


def test_a_call_to_the_faulty_version_during_the_soak_is_told_at_once(by_hand, tmp_path):
    """The plan would end well a quarter of an hour after somebody gave the faulty version calls again."""
    rehearsal = Rehearsal(by_hand, BY_HAND, tmp_path)
    meddled = []

    def meddle(entry, _state):
        record = entry.record
        if record.kind == "observed" and record.step == "soak" and "held for 1 min" in record.text and not meddled:
            meddled.append(entry.at)
            give("4", v6=0.25)

    rehearsal.operator = Unattended(rehearsal.run, rehearsal.answers, meddle)
    state = rehearsal.finish()
    assert state.ended == "aborted"
    assert "It will not become so any more" in rehearsal.operator.troubles[0]
    assert (state.last_at - meddled[0]).total_seconds() < 600


def test_an_alarm_during_the_soak_is_told_at_once_and_the_move_can_be_taken_back(by_hand, tmp_path):
    """An abort with undo would leave the alias at the wrong version, or without the shares it had."""
    rehearsal = Rehearsal(by_hand, BY_HAND, tmp_path, soak={"trouble": "undo"})
    set_off = []

    def meddle(entry, _state):
        record = entry.record
        if record.kind == "observed" and record.step == "soak" and "held for 1 min" in record.text and not set_off:
            set_off.append(entry.at)
            alarm = {"AlarmName": "orders-throttles", "StateValue": "ALARM", "StateReason": "a test"}
            boto3.client("cloudwatch").set_alarm_state(**alarm)

    before = alias()
    rehearsal.operator = Unattended(rehearsal.run, rehearsal.answers, meddle)
    state = rehearsal.finish()
    assert (rehearsal.operator.troubles, state.ended) == ([], "aborted")
    assert "orders-throttles" in prompt(rehearsal, "soak").message
    assert state.steps["move"].undone is Outcome.DONE
    assert alias() == before


def test_a_share_made_by_hand_is_taken_away(by_hand, tmp_path):
    """E-36: after the plan the alias must stand for the good version alone, and the faulty one get no call.

    The answer to the move is lost on the way: it is looked for, and not sent twice.
    """
    by_hand.post_json(
        "/_cockpit/faults", {"kind": "reset", "operation": "UpdateAlias", "takes_effect": True, "count": 1}
    )
    rehearsal = Rehearsal(by_hand, BY_HAND, tmp_path)
    state = rehearsal.finish()
    assert (rehearsal.operator.troubles, state.ended) == ([], "finished")
    assert {"move", "endpoint_try", "soak"} <= done(state)
    assert "release_stop" not in done(state)
    assert [call.end.kind for call in state.steps["move"].calls] == ["reconciled"]
    assert alias() == ("4", {})
    faulty = [choice.label for choice in prompt(rehearsal, "faulty").choices]
    assert faulty[0].startswith("version 6 (2.3.0), published ")
    assert faulty[1].endswith(": 0 of " + faulty[1].rpartition(": 0 of ")[2])
    offered = {choice.value: choice.refused for choice in prompt(rehearsal, "good").choices}
    assert offered == {"6": "it is the faulty one", "4": "", "3": "", "2": "", "1": ""}
    assert boto3.client("cloudwatch").describe_alarms(StateValue="ALARM")["MetricAlarms"] == []


def test_a_release_in_progress_is_stopped_before_the_alias_is_touched(tmp_path, monkeypatch):
    """E-36, E-37: CodeDeploy would go on shifting; after the plan nothing moves the alias, and all calls are sound."""
    with start_simulator("distro-bad-lambda", speed=240) as simulator:
        use(simulator, monkeypatch)
        state = rehearse(simulator, PLAN, tmp_path)
        assert {"release_stop", "release_given_back", "soak"} <= done(state)
        assert alias() == ("4", {})
        codedeploy = boto3.client("codedeploy")
        first, second = reversed(codedeploy.list_deployments()["deployments"])
        stopped = codedeploy.get_deployment(deploymentId=first)["deploymentInfo"]
        assert (stopped["status"], stopped["rollbackInfo"]["rollbackDeploymentId"]) == ("Stopped", second)
        assert boto3.client("cloudwatch").describe_alarms(StateValue="ALARM")["MetricAlarms"] == []
        assert [text.phase for text in state.posted] == ["initial", "final"]
        assert state.still_halted == ()
