"""Whole plans in plain lines: the real program through pipes, the world checked afterwards."""

import time

import pytest

from support.aftermath import Aftermath, the_only_run
from support.line_operator import LineOperator
from support.place import Place

pytestmark = pytest.mark.simulator

MANUAL = "syncwell/plan-f-manual-backend-rollback"


def run_plan(place, plan, rules=()):
    operator = LineOperator(["run", plan], place.environ, place.folder, rules)
    code = operator.run(timeout=240)
    assert code == 0, operator.tail()
    return operator, the_only_run(place.state_folder)


def primary_revision(place):
    service = Aftermath.client_of(place.simulator, "ecs").describe_services(
        cluster="syncwell", services=["syncwell-worker"]
    )["services"][0]
    (task_set,) = [each for each in service["taskSets"] if each["status"] == "PRIMARY"]
    return task_set["taskDefinition"].rpartition("/")[2]


def test_plan_g_in_plain_lines_recovers_the_service(simulate, tmp_path):
    """Whoever cannot use the screen could not recover the table, or would be told a wrong loss."""
    place = Place(tmp_path, simulate("syncwell-corruption", speed=120), "syncwell-corruption")
    operator, state = run_plan(place, "syncwell/plan-g-data-corruption")
    Aftermath(place.simulator, state).check()
    shown = "\n".join(operator.transcript)
    assert state.loss is not None
    assert state.loss.writes is not None
    assert f"lost: {state.loss.writes.at_least:,} writes" in shown
    assert "STILL HALTED" in shown


def test_plan_f_stops_the_bad_canary_while_it_runs(simulate, tmp_path):
    """A running canary would be rolled back by a slow new deployment instead of being stopped at once."""
    place = Place(tmp_path, simulate("syncwell-bad-release", speed=60), "syncwell-bad-release")
    _, state = run_plan(place, MANUAL)
    assert place.mutations().get("codedeploy:StopDeployment") == 1
    assert "codedeploy:CreateDeployment" not in {
        f"{call.intent.service}:{call.intent.operation}" for step in state.steps.values() for call in step.calls
    }
    assert primary_revision(place) == "syncwell-worker:2"


def test_plan_f_deploys_the_old_revision_afterwards(simulate, tmp_path):
    """After the full rollout the firing alarm would block the rollback that it asks for (E-09)."""
    place = Place(tmp_path, simulate("syncwell-bad-release", speed=120), "syncwell-bad-release")
    codedeploy = Aftermath.client_of(place.simulator, "codedeploy")
    group = {"applicationName": "syncwell-backend", "deploymentGroupName": "syncwell-worker"}
    deadline = time.monotonic() + 120
    while codedeploy.list_deployments(**group, includeOnlyStatuses=["InProgress"])["deployments"]:
        assert time.monotonic() < deadline, "the deployment never ended"
        time.sleep(0.2)
    _, state = run_plan(place, MANUAL)
    calls = [call for step in state.steps.values() for call in step.calls]
    (call,) = [call for call in calls if call.intent.operation == "CreateDeployment"]
    assert call.intent.params["overrideAlarmConfiguration"]
    assert primary_revision(place) == "syncwell-worker:2"
