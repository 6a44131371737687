"""CodeDeploy for ECS: what a deployment does in time, and the ways it can be stopped."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from stage import ALARM, APPLICATION, CLUSTER, GROUP, SERVICE, Stage

from cockpit.sim.codedeploy_config import Routing, predefined
from cockpit.sim.codedeploy_model import RUNNING
from cockpit.sim.ecs_model import EcsModel

GROUP_NAMES = {"applicationName": APPLICATION, "deploymentGroupName": GROUP}


@pytest.fixture
def ready(stage):
    """A stage with service, alarm in OK, and deployment group."""
    stage.create_service()
    stage.create_alarm()
    stage.measure(0)
    stage.create_group()
    return stage


def weights(target):
    """Return label → (status, traffic weight) of a target's task sets."""
    return {each["taskSetLabel"]: (each["status"], each["trafficWeight"]) for each in target["taskSetsInfo"]}


def test_a_canary_shifts_a_tenth_then_all_then_ends_the_old_tasks(ready):
    """Traffic, lifecycle events and task sets must tell one story, or an operator stops the wrong thing."""
    good, bad = ready.task_definitions
    deployment = ready.deploy(bad)
    assert ready.deployment(deployment)["status"] == "Created"
    ready.go(90)
    target = ready.target(deployment)
    assert weights(target) == {"Blue": ("PRIMARY", 90.0), "Green": ("ACTIVE", 10.0)}
    events = {event["lifecycleEventName"]: event["status"] for event in target["lifecycleEvents"]}
    assert events["Install"] == "Succeeded"
    assert events["AllowTraffic"] == "InProgress"
    assert events["AfterAllowTraffic"] == "Pending"
    assert ready.service()["taskDefinition"] == good
    ready.go(300)
    target = ready.target(deployment)
    assert weights(target) == {"Blue": ("ACTIVE", 0.0), "Green": ("PRIMARY", 100.0)}
    assert ready.service()["taskDefinition"] == bad
    assert ready.service()["runningCount"] == 6
    ready.go(700)
    info = ready.deployment(deployment)
    assert info["status"] == "Succeeded"
    assert info["createTime"] < info["startTime"] < info["completeTime"]
    assert ready.service()["runningCount"] == 3
    assert len(ready.service()["taskSets"]) == 1


def test_during_the_termination_wait_a_deployment_is_in_progress_with_a_finished_target(ready):
    """Plan F's first question is whether the fast way back is still open; the status must not hide it."""
    deployment = ready.deploy(ready.task_definitions[1], deploymentConfigName="CodeDeployDefault.ECSAllAtOnce")
    ready.go(90)
    info = ready.deployment(deployment)
    assert info["status"] == "InProgress"
    assert info["instanceTerminationWaitTimeStarted"] is True
    assert ready.target(deployment)["status"] == "Succeeded"


@pytest.mark.parametrize("seconds", [1, 30, 120, 420])
def test_stop_with_rollback_gives_the_traffic_back_by_a_linked_deployment(ready, seconds):
    """Whenever it is stopped, the old revision must serve again and both deployments must name each other."""
    good, bad = ready.task_definitions
    deployment = ready.deploy(bad)
    ready.go(seconds)
    answer = ready.client("codedeploy").stop_deployment(deploymentId=deployment, autoRollbackEnabled=True)
    assert answer["status"] == "Pending"
    ready.go(120)
    stopped = ready.deployment(deployment)
    assert (stopped["status"], stopped["errorInformation"]["code"]) == ("Stopped", "MANUAL_STOP")
    rollback = ready.deployment(stopped["rollbackInfo"]["rollbackDeploymentId"])
    assert rollback["creator"] == "codeDeployRollback"
    assert rollback["status"] == "Succeeded"
    assert rollback["rollbackInfo"]["rollbackTriggeringDeploymentId"] == deployment
    assert ready.service()["taskDefinition"] == good
    assert ready.service()["runningCount"] == 3
    assert (
        ready.refusal("codedeploy", "stop_deployment", deploymentId=deployment) == "DeploymentAlreadyCompletedException"
    )


def test_stop_without_rollback_leaves_the_traffic_where_it_is(ready):
    """A stop is no rollback: whoever forgets the flag must see the canary still served."""
    deployment = ready.deploy(ready.task_definitions[1])
    ready.go(120)
    ready.client("codedeploy").stop_deployment(deploymentId=deployment)
    ready.go(60)
    assert ready.deployment(deployment)["status"] == "Stopped"
    assert "rollbackInfo" not in ready.deployment(deployment)
    assert sorted(each["status"] for each in ready.service()["taskSets"]) == ["ACTIVE", "PRIMARY"]
    ready.deploy(ready.task_definitions[0])
    ready.go(60)
    assert len(ready.service()["taskSets"]) == 2, "the next deployment clears what the stopped one left"


def test_a_firing_alarm_stops_the_deployment_and_rolls_it_back(ready):
    """The automatic half of Plan F: without it there would be nothing to watch."""
    deployment = ready.deploy(ready.task_definitions[1])
    ready.go(120)
    ready.measure(5)
    info = ready.deployment(deployment)
    assert (info["status"], info["errorInformation"]["code"]) == ("Stopped", "ALARM_ACTIVE")
    assert ALARM in info["errorInformation"]["message"]
    ready.go(60)
    rollback = ready.deployment(info["rollbackInfo"]["rollbackDeploymentId"])
    assert rollback["status"] == "Succeeded", "the rollback must not be stopped by the alarm that caused it"
    assert ready.service()["taskDefinition"] == ready.task_definitions[0]


def test_a_new_deployment_is_blocked_by_a_firing_alarm_unless_overridden(ready):
    """The trap of Plan F: the alarm that calls for the rollback stops it too (E-09)."""
    ready.measure(5)
    blocked = ready.deploy(ready.task_definitions[0])
    ready.go(30)
    assert ready.deployment(blocked)["errorInformation"]["code"] == "ALARM_ACTIVE"
    ready.go(60)
    override = {"enabled": False}
    through = ready.deploy(ready.task_definitions[0], overrideAlarmConfiguration=override)
    ready.go(90)
    assert ready.deployment(through)["status"] == "InProgress"
    assert ready.deployment(through)["overrideAlarmConfiguration"] == override


def test_without_automatic_rollback_a_stopped_canary_stays(ready):
    """The manual half of Plan F needs a group that only stops."""
    ready.client("codedeploy").update_deployment_group(
        applicationName=APPLICATION,
        currentDeploymentGroupName=GROUP,
        autoRollbackConfiguration={"enabled": False},
    )
    deployment = ready.deploy(ready.task_definitions[1])
    ready.go(120)
    ready.measure(5)
    ready.go(300)
    assert ready.deployment(deployment)["status"] == "Stopped"
    assert "rollbackInfo" not in ready.deployment(deployment)


def test_a_revision_whose_task_definition_is_missing_fails(ready):
    """A rollback to a deregistered revision must not look like a success."""
    deployment = ready.deploy(ready.task_definitions[0].replace(":1", ":99"))
    ready.go(30)
    info = ready.deployment(deployment)
    assert (info["status"], info["errorInformation"]["code"]) == ("Failed", "ECS_UPDATE_ERROR")
    assert ready.service()["taskDefinition"] == ready.task_definitions[0]


def test_a_group_that_waits_shifts_no_traffic_until_it_is_continued(ready):
    """READY_WAIT must hold the traffic back, and TERMINATION_WAIT end the wait at once."""
    termination = {"action": "TERMINATE", "terminationWaitTimeInMinutes": 60}
    ready.client("codedeploy").update_deployment_group(
        applicationName=APPLICATION,
        currentDeploymentGroupName=GROUP,
        deploymentConfigName="CodeDeployDefault.ECSAllAtOnce",
        blueGreenDeploymentConfiguration={
            "terminateBlueInstancesOnDeploymentSuccess": termination,
            "deploymentReadyOption": {"actionOnTimeout": "STOP_DEPLOYMENT", "waitTimeInMinutes": 30},
        },
    )
    deployment = ready.deploy(ready.task_definitions[1])
    wait = {"deploymentId": deployment, "deploymentWaitType": "READY_WAIT"}
    assert ready.refusal("codedeploy", "continue_deployment", **wait) == "DeploymentIsNotInReadyStateException"
    ready.go(600)
    assert ready.deployment(deployment)["status"] == "Ready"
    assert weights(ready.target(deployment))["Green"] == ("ACTIVE", 0.0)
    ready.client("codedeploy").continue_deployment(**wait)
    ready.go(60)
    assert weights(ready.target(deployment))["Green"] == ("PRIMARY", 100.0)
    ready.client("codedeploy").continue_deployment(deploymentId=deployment, deploymentWaitType="TERMINATION_WAIT")
    ready.go(60)
    assert ready.deployment(deployment)["status"] == "Succeeded"


def test_only_one_deployment_at_a_time(ready):
    """Reconciling a lost answer relies on it: one concurrent deployment per group (AWS-FACTS 1)."""
    ready.deploy(ready.task_definitions[1])
    params = {**GROUP_NAMES, "revision": ready.app_spec(ready.task_definitions[0])}
    assert ready.refusal("codedeploy", "create_deployment", **params) == "DeploymentLimitExceededException"


def test_deployments_are_listed_newest_first_by_status_and_time_and_in_pages(ready):
    """A history that is cut, or in another order, proposes the wrong revision to go back to."""
    ids = []
    for _ in range(103):
        ids.append(ready.deploy(ready.task_definitions[0]))
        ready.go(5)
        ready.client("codedeploy").stop_deployment(deploymentId=ids[-1])
        ready.go(5)
    codedeploy = ready.client("codedeploy")
    first = codedeploy.list_deployments(**GROUP_NAMES)
    rest = codedeploy.list_deployments(**GROUP_NAMES, nextToken=first["nextToken"])
    assert first["deployments"] + rest["deployments"] == ids[::-1]
    assert "nextToken" not in rest
    assert codedeploy.list_deployments(**GROUP_NAMES, includeOnlyStatuses=["InProgress"])["deployments"] == []
    moment = ready.deployment(ids[50])["createTime"]
    within = codedeploy.list_deployments(createTimeRange={"start": moment, "end": moment})
    assert within["deployments"] == [ids[50]]
    assert ready.refusal("codedeploy", "list_deployments", nextToken="nonsense") == "InvalidNextTokenException"


@pytest.mark.parametrize(
    ("method", "params", "code"),
    [
        ("get_deployment", {"deploymentId": "d-NONE"}, "DeploymentDoesNotExistException"),
        ("get_application", {"applicationName": "none"}, "ApplicationDoesNotExistException"),
        (
            "get_deployment_group",
            {"applicationName": APPLICATION, "deploymentGroupName": "none"},
            "DeploymentGroupDoesNotExistException",
        ),
        ("list_deployments", {"applicationName": APPLICATION}, "DeploymentGroupNameRequiredException"),
        ("create_deployment", GROUP_NAMES, "RevisionRequiredException"),
        (
            "create_deployment",
            {**GROUP_NAMES, "revision": {"revisionType": "AppSpecContent", "appSpecContent": {"content": "x: ["}}},
            "InvalidRevisionException",
        ),
        ("create_application", {"applicationName": "x"}, "InvalidComputePlatformException"),
        ("list_on_premises_instances", {}, "NotSimulated"),
    ],
)
def test_what_cannot_be_done_is_refused_with_the_typed_error(ready, method, params, code):
    """A 5xx, or a wrong type, would be retried or misread."""
    assert ready.refusal("codedeploy", method, **params) == code


def test_a_revision_is_found_again_by_its_hash(ready):
    """GetDeployment hides the AppSpec; the way to the task definition leads over the hash."""
    deployment = ready.deploy(ready.task_definitions[1])
    revision = ready.deployment(deployment)["revision"]
    assert "content" not in revision["appSpecContent"]
    found = ready.client("codedeploy").get_application_revision(applicationName=APPLICATION, revision=revision)
    assert ready.task_definitions[1] in found["revision"]["appSpecContent"]["content"]
    ready.go(1200)
    again = ready.client("codedeploy").create_deployment(**GROUP_NAMES, revision=revision)
    assert ready.deployment(again["deploymentId"])["previousRevision"] == revision


def test_every_operation_answers_in_aws_shape(ready):
    """A misspelt or missing member would be dropped on the way and never seen."""
    codedeploy = ready.client("codedeploy")
    deployment = ready.deploy(ready.task_definitions[1])
    ready.go(10)
    target = ready.target(deployment)
    codedeploy.get_deployment_target(deploymentId=deployment, targetId=target["targetId"])
    codedeploy.batch_get_deployments(deploymentIds=[deployment, "d-NONE"])
    codedeploy.list_deployments()
    ready.deployment(deployment)
    codedeploy.stop_deployment(deploymentId=deployment, autoRollbackEnabled=True)
    ready.go(600)
    codedeploy.list_applications()
    codedeploy.get_application(applicationName=APPLICATION)
    codedeploy.batch_get_applications(applicationNames=[APPLICATION])
    codedeploy.list_deployment_groups(applicationName=APPLICATION)
    group = codedeploy.get_deployment_group(**GROUP_NAMES)["deploymentGroupInfo"]
    assert group["lastAttemptedDeployment"]["status"] == "Succeeded"
    codedeploy.batch_get_deployment_groups(applicationName=APPLICATION, deploymentGroupNames=[GROUP])
    codedeploy.update_deployment_group(applicationName=APPLICATION, currentDeploymentGroupName=GROUP)
    revision = ready.app_spec(ready.task_definitions[0])
    codedeploy.register_application_revision(applicationName=APPLICATION, revision=revision)
    codedeploy.get_application_revision(applicationName=APPLICATION, revision=revision)
    assert len(codedeploy.list_application_revisions(applicationName=APPLICATION)["revisions"]) == 2
    canary = {"type": "TimeBasedCanary", "timeBasedCanary": {"canaryPercentage": 20, "canaryInterval": 2}}
    own = {"deploymentConfigName": "own", "computePlatform": "ECS", "trafficRoutingConfig": canary}
    codedeploy.create_deployment_config(**own)
    config = codedeploy.get_deployment_config(deploymentConfigName="own")["deploymentConfigInfo"]
    assert config["trafficRoutingConfig"] == canary
    assert "own" in codedeploy.list_deployment_configs()["deploymentConfigsList"]
    codedeploy.delete_deployment_group(**GROUP_NAMES)
    codedeploy.delete_application(applicationName=APPLICATION)
    assert ready.refusal("codedeploy", "continue_deployment", deploymentId=deployment).startswith("Deployment")


@pytest.mark.parametrize(
    ("name", "steps", "minutes"),
    [
        ("CodeDeployDefault.ECSAllAtOnce", [100], 0),
        ("CodeDeployDefault.ECSCanary10Percent15Minutes", [10, 100], 15),
        ("CodeDeployDefault.ECSLinear10PercentEvery3Minutes", [*range(10, 101, 10)], 3),
    ],
)
def test_predefined_configurations_shift_traffic_as_their_names_say(name, steps, minutes):
    """A canary that shifts otherwise than documented would falsify every drill."""
    routing = predefined()[name]
    assert routing.steps() == steps
    assert routing.minutes == minutes


def test_a_linear_step_that_does_not_divide_a_hundred_still_ends_at_all():
    """Own configurations may have odd steps."""
    assert Routing("TimeBasedLinear", 30, 1).steps() == [30, 60, 90, 100]


_ACTS = st.sampled_from(["deploy good", "deploy bad", "stop", "roll back", "fire", "clear", "scale"])


@settings(max_examples=15, deadline=None)
@example([("deploy bad", 120.0), ("stop", 20.0), ("deploy good", 40.0)])
@example([("deploy bad", 120.0), ("fire", 1.0), ("deploy good", 1.0), ("clear", 1.0), ("scale", 90.0)])
@given(acts=st.lists(st.tuples(_ACTS, st.floats(0, 400)), min_size=2, max_size=10))
def test_whatever_is_done_and_when_the_service_stays_whole(acts):
    """All traffic is always served, one deployment at most runs, and the fleet ends at its size with one version."""
    stage = Stage()
    stage.create_service()
    stage.create_alarm()
    stage.create_group(termination_minutes=3)
    for act, seconds in acts:
        _do(stage, act)
        for _ in range(4):
            stage.go(seconds / 4)
            task_sets = stage.service()["taskSets"]
            assert [each["status"] for each in task_sets].count("PRIMARY") == 1
            live = stage.simulation.parts[EcsModel].find("us-east-1", CLUSTER, SERVICE)
            assert sum(each.weight for each in live.task_sets) == 100
            running = stage.client("codedeploy").list_deployments(includeOnlyStatuses=list(RUNNING))["deployments"]
            assert len(running) <= 1
    _do(stage, "clear")
    stage.go(1800)
    last = stage.deploy(stage.task_definitions[0], deploymentConfigName="CodeDeployDefault.ECSAllAtOnce")
    stage.go(1800)
    assert stage.deployment(last)["status"] == "Succeeded"
    service = stage.service()
    assert service["runningCount"] == service["desiredCount"]
    assert [each["taskDefinition"] for each in service["taskSets"]] == [stage.task_definitions[0]]


def _do(stage, act):
    """Do one thing, if it can be done now."""
    codedeploy = stage.client("codedeploy")
    running = codedeploy.list_deployments(includeOnlyStatuses=list(RUNNING))["deployments"]
    if act.startswith("deploy") and not running:
        stage.deploy(stage.task_definitions[act == "deploy bad"])
    elif act in ("stop", "roll back") and running and stage.deployment(running[0])["creator"] == "user":
        codedeploy.stop_deployment(deploymentId=running[0], autoRollbackEnabled=act == "roll back")
    elif act in ("fire", "clear"):
        stage.measure(5 if act == "fire" else 0)
    elif act == "scale":
        desired = stage.service()["desiredCount"]
        stage.client("ecs").update_service(cluster=CLUSTER, service=SERVICE, desiredCount=(desired + 2) % 5)
