"""The plans that come with the cockpit, run from start to end by the real engine against the simulated outage."""

import json
import time
from datetime import datetime, timedelta
from typing import Any

import boto3
import pytest

from cockpit.engine.state import RunState
from cockpit.model.effect import Outcome
from cockpit.sim.process import Simulator, start_simulator
from support.rehearsal import rehearse

pytestmark = pytest.mark.simulator

FAST = 240.0
IN_TIME = 30.0  # slow enough to act while the scenario's deployment is still open, on a busy machine as well


@pytest.fixture
def simulator(request, monkeypatch):
    scenario, speed = request.param
    with start_simulator(scenario, speed=speed) as running:
        for name, value in running.environ.items():
            monkeypatch.setenv(name, value)
        yield running


def done(state: RunState) -> set[str]:
    return {step.step for step in state.steps.values() if step.outcome is Outcome.DONE}


def items(simulator: Simulator, table: str, at: datetime) -> list[Any]:
    """Return what the simulator knows to have been in a table at the end of a second."""
    answer = simulator.get_json(f"/_cockpit/truth/items?table={table}&at={at:%Y-%m-%dT%H:%M:%S}Z")
    found: list[Any] = answer["items"]
    return found


def primary(ecs: Any) -> tuple[str, int]:
    """Return the revision in use and the number of task sets."""
    sets = ecs.describe_services(cluster="syncwell", services=["syncwell-worker"])["services"][0]["taskSets"]
    return next(each["taskDefinition"] for each in sets if each["status"] == "PRIMARY").rpartition("/")[2], len(sets)


@pytest.mark.parametrize("simulator", [("syncwell-corruption", FAST)], indirect=True)
def test_plan_g_brings_the_good_data_and_the_service_back(simulator, tmp_path):
    """After Plan G the service runs sound code on exactly the items of the chosen second, with all settings back."""
    state = rehearse(simulator, "syncwell/plan-g-data-corruption", tmp_path)
    dynamodb, ecs, scaling = boto3.client("dynamodb"), boto3.client("ecs"), boto3.client("application-autoscaling")
    restored = str(state.steps["restored_wait"].captured["table"])

    # Exactly the items of the chosen second, until the service writes to them again.
    assert state.loss is not None
    chosen, redirected = state.loss.start, state.steps["redirect_deploy"].started_at
    assert redirected is not None
    good = items(simulator, "SyncWellMetadata", chosen)
    assert len(good) > 100
    assert items(simulator, restored, redirected) == good
    assert items(simulator, "SyncWellMetadata", redirected) != good

    # The application's table is the restored one, in normal operation, and the old one takes no writes.
    appconfig = boto3.client("appconfig")
    application = appconfig.list_applications()["Items"][0]["Id"]
    environment = appconfig.list_environments(ApplicationId=application)["Items"][0]
    profile = appconfig.list_configuration_profiles(ApplicationId=application)["Items"][0]["Id"]
    live = appconfig.list_deployments(ApplicationId=application, EnvironmentId=environment["Id"])["Items"]
    version = max(live, key=lambda each: each["DeploymentNumber"])
    content = appconfig.get_hosted_configuration_version(
        ApplicationId=application, ConfigurationProfileId=profile, VersionNumber=int(version["ConfigurationVersion"])
    )["Content"].read()
    assert version["State"] == "COMPLETE"
    assert json.loads(content) == {"DynamoDBTableName": restored, "MaintenanceMode": False, "MaxSyncsPerUser": 25}
    assert environment["Monitors"]

    # Fleet, scaling and code are as before the faulty release.
    service = ecs.describe_services(cluster="syncwell", services=["syncwell-worker"])["services"][0]
    target = scaling.describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"][0]
    assert state.steps["workers_start"].calls[0].intent.params["desiredCount"] == 4
    assert service["desiredCount"] >= 4, "scaling may add workers for the jobs that have piled up"
    assert (target["MinCapacity"], target["MaxCapacity"]) == (4, 12)
    assert not any(target["SuspendedState"].values())
    assert primary(ecs) == ("syncwell-worker:2", 1)

    # The restored table has the settings of the old one, which keeps its fence.
    table = dynamodb.describe_table(TableName=restored)["Table"]
    backups = dynamodb.describe_continuous_backups(TableName=restored)["ContinuousBackupsDescription"]
    assert table["DeletionProtectionEnabled"]
    assert table["StreamSpecification"]["StreamEnabled"]
    assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
    with pytest.raises(dynamodb.exceptions.ClientError, match="PolicyNotFound"):
        dynamodb.get_resource_policy(ResourceArn=table["TableArn"])
    assert [halt.name for halt in state.still_halted] == ["fence_fence"]

    # Users were told in the right order, with the window.
    assert [text.phase for text in state.posted] == ["initial", "progress", "final"]
    assert f"{chosen:%Y-%m-%d %H:%M:%S} UTC" in state.posted[-1].text
    assert state.posted[0].at < (state.steps["fleet_stop"].started_at or datetime.min)  # noqa: DTZ901 - never taken


@pytest.mark.parametrize("simulator", [("syncwell-bad-canary", FAST)], indirect=True)
def test_plan_f_confirms_an_automatic_rollback(simulator, tmp_path):
    """The canary plan changes nothing and ends when only the old version runs and the alarms are clear."""
    state = rehearse(simulator, "syncwell/plan-f-canary-auto-rollback", tmp_path)
    assert {"rolled_back", "notify_on_call", "only_blue_runs", "alarms_ok"} <= done(state)
    assert not any(step.calls for step in state.steps.values())
    assert primary(boto3.client("ecs")) == ("syncwell-worker:2", 1)


@pytest.mark.parametrize("simulator", [("syncwell-bad-release", IN_TIME)], indirect=True)
def test_plan_f_stops_a_running_deployment(simulator, tmp_path):
    """While the faulty deployment is open, it is stopped with rollback, and no new one is made."""
    state = rehearse(simulator, "syncwell/plan-f-manual-backend-rollback", tmp_path)
    assert "open_stop" in done(state)
    assert not {"rollback_deploy"} & done(state)
    assert primary(boto3.client("ecs")) == ("syncwell-worker:2", 1)


@pytest.mark.parametrize("simulator", [("syncwell-bad-release", FAST)], indirect=True)
def test_plan_f_deploys_the_old_revision_again(simulator, tmp_path):
    """After the faulty deployment has ended, the old revision is deployed over the firing alarm, with the override."""
    codedeploy = boto3.client("codedeploy")
    group = {"applicationName": "syncwell-backend", "deploymentGroupName": "syncwell-worker"}
    deadline = simulator.clock.now() + timedelta(hours=2)
    while codedeploy.list_deployments(**group, includeOnlyStatuses=["InProgress"])["deployments"]:
        assert simulator.clock.now() < deadline
        time.sleep(0.2)
    state = rehearse(simulator, "syncwell/plan-f-manual-backend-rollback", tmp_path)
    assert "rollback_deploy" in done(state)
    deployment = codedeploy.get_deployment(deploymentId=str(state.steps["rollback_deploy"].captured["deployment"]))
    assert deployment["deploymentInfo"]["overrideAlarmConfiguration"]["enabled"] is False
    assert state.run_id in deployment["deploymentInfo"]["description"]
    assert primary(boto3.client("ecs")) == ("syncwell-worker:2", 1)
