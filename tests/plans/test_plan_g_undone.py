"""Plan G given up after everything is stopped, and taken back in reverse order."""

import json

import pytest

from cockpit.engine.journal_reading import JOURNAL, read_journal
from cockpit.model.effect import Outcome
from cockpit.sim.process import start_simulator
from support.aftermath import TABLE, Aftermath
from support.rehearsal import Rehearsal

pytestmark = pytest.mark.simulator

GIVEN_UP_AT = "other_writers"


def world(simulator):
    """Return what the plan changes up to there, as an ordinary client sees it."""
    ecs, scaling, dynamodb, appconfig = (
        Aftermath.client_of(simulator, name) for name in ("ecs", "application-autoscaling", "dynamodb", "appconfig")
    )
    service = ecs.describe_services(cluster="syncwell", services=["syncwell-worker"])["services"][0]
    target = scaling.describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"][0]
    arn = dynamodb.describe_table(TableName=TABLE)["Table"]["TableArn"]
    try:
        policy = dynamodb.get_resource_policy(ResourceArn=arn)["Policy"]
    except dynamodb.exceptions.ClientError as error:
        policy = error.response["Error"]["Code"]
    application = appconfig.list_applications()["Items"][0]["Id"]
    environment = appconfig.list_environments(ApplicationId=application)["Items"][0]
    profile = appconfig.list_configuration_profiles(ApplicationId=application)["Items"][0]["Id"]
    deployments = appconfig.list_deployments(ApplicationId=application, EnvironmentId=environment["Id"])["Items"]
    live = max(deployments, key=lambda each: each["DeploymentNumber"])
    content = appconfig.get_hosted_configuration_version(
        ApplicationId=application, ConfigurationProfileId=profile, VersionNumber=int(live["ConfigurationVersion"])
    )["Content"].read()
    return {
        "workers run": service["desiredCount"] > 0,
        "scaling": (target["MinCapacity"], target["MaxCapacity"], target["SuspendedState"]),
        "policy": policy,
        "monitors": environment["Monitors"],
        "configuration": (live["State"], json.loads(content)),
        "revision": next(each["taskDefinition"] for each in service["taskSets"] if each["status"] == "PRIMARY"),
    }


def test_plan_g_given_up_after_the_fence_leaves_the_world_as_it_was(tmp_path, monkeypatch):
    """An abort with undo would leave the service stopped, fenced or unwatched, or take back in the wrong order."""
    with start_simulator("syncwell-corruption", speed=240) as simulator:
        for name, value in simulator.environ.items():
            monkeypatch.setenv(name, value)
        before = world(simulator)
        give_up = {GIVEN_UP_AT: {"abort": "undo", "reason": "it is another fault"}}
        rehearsal = Rehearsal(simulator, "syncwell/plan-g-data-corruption", tmp_path, **give_up)
        state = rehearsal.finish()
        assert (state.ended, rehearsal.operator.troubles) == ("aborted", [])
        after = world(simulator)
    done = [step.id for step in state.plan.steps if step.id in state.steps and state.steps[step.id].calls]
    assert {"fleet_suspend_scaling", "fleet_stop", "fence_deny", "monitors_take_off", "maintenance_deploy"} <= set(done)
    assert after == before
    assert state.still_halted == ()
    undone = [step.step for step in state.steps.values() if step.undone is Outcome.DONE]
    entries = read_journal(tmp_path / "runs" / state.run_id / JOURNAL).entries
    taken_back = [entry.record.step for entry in entries if getattr(entry.record, "undo", False)]
    order = [step.id for step in state.plan.steps]
    assert taken_back == sorted(undone, key=order.index, reverse=True)
    fleet = [call.intent.params for call in state.steps["fleet_stop"].calls]
    assert [params["desiredCount"] for params in fleet] == [0, 4]
