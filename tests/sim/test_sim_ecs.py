"""ECS services in time."""

from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stage import CLUSTER, SERVICE, Stage

from cockpit.sim.ecs_api import EcsApi
from cockpit.sim.ecs_model import EcsModel


def test_tasks_start_and_stop_some_seconds_after_the_desired_count_changes(stage):
    """A fleet that is gone at once would let a halt look proven before it is."""
    stage.create_service(desired=3)
    assert stage.service()["runningCount"] == 3
    stage.client("ecs").update_service(cluster=CLUSTER, service=SERVICE, desiredCount=0)
    assert (stage.service()["desiredCount"], stage.service()["runningCount"]) == (0, 3)
    stage.go(30)
    assert stage.service()["runningCount"] == 0
    assert stage.simulation.running_tasks(CLUSTER, SERVICE) == []
    stage.client("ecs").update_service(cluster=CLUSTER, service=SERVICE, desiredCount=2)
    stage.go(10)
    assert (stage.service()["runningCount"], stage.service()["pendingCount"]) == (0, 2)
    stage.go(50)
    assert (stage.service()["runningCount"], stage.service()["pendingCount"]) == (2, 0)


def test_the_application_hears_of_every_start_and_stop_at_its_own_second(stage):
    """Writers that do not know their tasks' times would write while the fleet is halted."""
    heard = []
    now = stage.simulation.world.now
    stage.simulation.on_task_started.append(lambda cluster, service, task: heard.append(("start", now(), task)))
    stage.simulation.on_task_stopped.append(lambda cluster, service, task: heard.append(("stop", now(), task)))
    stage.create_service(desired=2)
    stage.client("ecs").update_service(cluster=CLUSTER, service=SERVICE, desiredCount=0)
    stage.go(3600)
    assert [word for word, _, _ in heard] == ["start", "start", "stop", "stop"]
    assert all(earlier[1] <= later[1] for earlier, later in pairwise(heard))
    assert [task.started_at for _, _, task in heard[:2]] == [moment for _, moment, _ in heard[:2]]
    assert (heard[3][1] - heard[1][1]).total_seconds() < 120


def test_under_codedeploy_only_the_desired_count_can_be_changed(stage):
    """A plan that forces a new deployment on a CodeDeploy service must fail here as it does on AWS (E-10)."""
    stage.create_service("CODE_DEPLOY")
    wanted = {"cluster": CLUSTER, "service": SERVICE}
    for params in (
        {"forceNewDeployment": True},
        {"taskDefinition": stage.task_definitions[1]},
        {"platformVersion": "1.4.0"},
    ):
        assert stage.refusal("ecs", "update_service", **wanted, **params) == "InvalidParameterException"
    assert stage.client("ecs").update_service(**wanted, desiredCount=1)["service"]["desiredCount"] == 1


def test_a_rolling_deployment_starts_new_tasks_before_it_stops_the_old_ones(stage):
    """Under the ECS controller a forced deployment must replace every task without a gap."""
    stage.create_service("ECS", desired=2)
    before = set(stage.client("ecs").list_tasks(cluster=CLUSTER, serviceName=SERVICE)["taskArns"])
    stage.client("ecs").update_service(cluster=CLUSTER, service=SERVICE, taskDefinition=stage.task_definitions[1])
    for _ in range(20):
        stage.go(5)
        assert stage.service()["runningCount"] >= 2
    after = stage.client("ecs").list_tasks(cluster=CLUSTER, serviceName=SERVICE)["taskArns"]
    assert len(after) == 2
    assert not before & set(after)
    assert [deployment["status"] for deployment in stage.service()["deployments"]] == ["PRIMARY"]
    assert stage.service()["taskDefinition"] == stage.task_definitions[1]


def test_a_stopped_task_is_replaced_and_still_described(stage):
    """A service that does not heal, or forgets why a task stopped, misleads whoever looks."""
    stage.create_service(desired=2)
    ecs = stage.client("ecs")
    victim = ecs.list_tasks(cluster=CLUSTER)["taskArns"][0]
    ecs.stop_task(cluster=CLUSTER, task=victim, reason="drill")
    stage.go(60)
    assert stage.service()["runningCount"] == 2
    described = ecs.describe_tasks(cluster=CLUSTER, tasks=[victim, "no-such-task"])
    assert described["tasks"][0]["lastStatus"] == "STOPPED"
    assert described["tasks"][0]["stoppedReason"] == "drill"
    assert [failure["reason"] for failure in described["failures"]] == ["MISSING"]


@pytest.mark.parametrize(
    ("method", "params", "code"),
    [
        ("describe_services", {"cluster": "none", "services": ["x"]}, "ClusterNotFoundException"),
        ("update_service", {"cluster": CLUSTER, "service": "none"}, "ServiceNotFoundException"),
        ("list_tasks", {"cluster": CLUSTER, "serviceName": "none"}, "ServiceNotFoundException"),
        ("describe_task_definition", {"taskDefinition": "none:1"}, "ClientException"),
        ("delete_service", {"cluster": CLUSTER, "service": SERVICE}, "InvalidParameterException"),
        ("run_task", {"cluster": CLUSTER, "taskDefinition": SERVICE}, "NotSimulated"),
    ],
)
def test_what_cannot_be_done_is_refused_with_the_typed_error(stage, method, params, code):
    """A 5xx, or a wrong type, would be retried or misread."""
    stage.create_service()
    assert stage.refusal("ecs", method, **params) == code


def test_every_operation_answers_in_aws_shape(stage):
    """A misspelt or missing member would be dropped on the way and never seen."""
    stage.create_service()
    ecs = stage.client("ecs")
    wanted = {"cluster": CLUSTER}
    ecs.list_services(**wanted)
    ecs.describe_clusters(clusters=[CLUSTER, "none"])
    ecs.describe_task_sets(**wanted, service=SERVICE)
    stage.service()
    task = ecs.list_tasks(**wanted)["taskArns"][0]
    ecs.describe_tasks(**wanted, tasks=[task])
    ecs.stop_task(**wanted, task=task)
    ecs.update_service(**wanted, service=SERVICE, desiredCount=0)
    ecs.delete_service(**wanted, service=SERVICE)
    assert stage.service()["status"] == "INACTIVE"
    handlers = set(EcsApi(stage.simulation.parts[EcsModel]).handlers())
    refused = {"RunTask", "StartTask", "CreateTaskSet", "UpdateTaskSet", "DeleteTaskSet", "UpdateServicePrimaryTaskSet"}
    assert handlers - ecs.called == refused


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.lists(st.tuples(st.integers(0, 6), st.floats(0, 90)), min_size=1, max_size=8))
def test_the_fleet_always_ends_at_the_desired_count(changes):
    """However the desired count is changed while tasks come and go, none may be lost or left over."""
    stage = Stage()
    stage.create_service(desired=2)
    for desired, wait in changes:
        stage.client("ecs").update_service(cluster=CLUSTER, service=SERVICE, desiredCount=desired)
        stage.go(wait)
    stage.go(180)
    service = stage.service()
    assert service["runningCount"] == service["desiredCount"] == changes[-1][0]
    assert len(stage.simulation.running_tasks(CLUSTER, SERVICE)) == changes[-1][0]
