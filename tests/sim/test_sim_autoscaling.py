"""Application Auto Scaling: it really scales, and only suspension stops it."""

import pytest
from stage import CLUSTER, SERVICE

from cockpit.sim.autoscaling_api import AutoScalingApi
from cockpit.sim.autoscaling_model import SUSPENSIONS, AutoScalingModel

NAMES = {
    "ServiceNamespace": "ecs",
    "ResourceId": f"service/{CLUSTER}/{SERVICE}",
    "ScalableDimension": "ecs:service:DesiredCount",
}
BACKLOG = {"Namespace": "SyncWell", "MetricName": "BacklogPerTask", "Dimensions": [], "Statistic": "Average"}
TRACKING = {
    "TargetValue": 10.0,
    "CustomizedMetricSpecification": BACKLOG,
    "ScaleInCooldown": 60,
    "ScaleOutCooldown": 60,
}


@pytest.fixture
def scaled(stage):
    """A stage whose service of 3 tasks scales between 2 and 8."""
    stage.create_service(desired=3)
    client = stage.client("application-autoscaling")
    client.register_scalable_target(**NAMES, MinCapacity=2, MaxCapacity=8)
    client.put_scaling_policy(
        **NAMES,
        PolicyName="backlog",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration=TRACKING,
    )
    return stage


def suspend(stage, yes, **params):
    """Set all three flags."""
    flags = dict.fromkeys(SUSPENSIONS, yes)
    stage.client("application-autoscaling").register_scalable_target(**NAMES, SuspendedState=flags, **params)


def set_desired(stage, count):
    """Change the desired count by hand."""
    stage.client("ecs").update_service(cluster=CLUSTER, service=SERVICE, desiredCount=count)


def backlog(stage, value, minutes):
    """Measure a backlog per task for some minutes."""
    for _ in range(minutes):
        data = [{"MetricName": BACKLOG["MetricName"], "Value": value}]
        stage.client("cloudwatch").put_metric_data(Namespace=BACKLOG["Namespace"], MetricData=data)
        stage.go(60)


def test_a_fleet_scaled_to_zero_comes_back_unless_scaling_is_suspended(scaled):
    """The trap of Plan G: halting the fleet alone does not halt it (E-03)."""
    set_desired(scaled, 0)
    scaled.go(180)
    assert scaled.service()["desiredCount"] == 2
    suspend(scaled, yes=True)
    set_desired(scaled, 0)
    backlog(scaled, 100.0, 30)
    assert scaled.service()["desiredCount"] == 0
    assert scaled.service()["runningCount"] == 0


def test_unsuspending_below_the_minimum_snaps_capacity_up(scaled):
    """Flags given back before the desired count start the fleet at once."""
    suspend(scaled, yes=True)
    set_desired(scaled, 0)
    scaled.go(60)
    suspend(scaled, yes=False)
    assert scaled.service()["desiredCount"] == 2
    cause = scaled.client("application-autoscaling").describe_scaling_activities(ServiceNamespace="ecs")
    assert cause["ScalingActivities"][0]["Cause"] == "minimum capacity was set to 2"


def test_registering_changes_only_what_is_given(scaled):
    """A halt that forgets minimum or maximum could not give them back."""
    suspend(scaled, yes=True)
    client = scaled.client("application-autoscaling")
    target = client.describe_scalable_targets(ServiceNamespace="ecs", ResourceIds=[NAMES["ResourceId"]])
    assert (target["ScalableTargets"][0]["MinCapacity"], target["ScalableTargets"][0]["MaxCapacity"]) == (2, 8)
    assert target["ScalableTargets"][0]["SuspendedState"] == dict.fromkeys(SUSPENSIONS, True)
    client.register_scalable_target(**NAMES, SuspendedState={"DynamicScalingInSuspended": False})
    target = client.describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"][0]
    assert target["SuspendedState"] == {
        "DynamicScalingInSuspended": False,
        "DynamicScalingOutSuspended": True,
        "ScheduledScalingSuspended": True,
    }


def test_a_backlog_scales_out_and_its_end_scales_in(scaled):
    """A policy that only ever moves one way would not be one."""
    backlog(scaled, 25.0, 5)
    assert scaled.service()["desiredCount"] == 8
    backlog(scaled, 1.0, 30)
    assert scaled.service()["desiredCount"] == 2


def test_without_a_policy_nothing_scales(stage):
    """A target alone does not act."""
    stage.create_service(desired=3)
    stage.client("application-autoscaling").register_scalable_target(**NAMES, MinCapacity=2, MaxCapacity=8)
    set_desired(stage, 0)
    stage.go(3600)
    assert stage.service()["desiredCount"] == 0


@pytest.mark.parametrize(
    ("method", "params", "code"),
    [
        ("register_scalable_target", {**NAMES, "ResourceId": "service/syncwell/none"}, "ValidationException"),
        ("register_scalable_target", {**NAMES, "MinCapacity": 9}, "ValidationException"),
        ("deregister_scalable_target", {**NAMES, "ResourceId": "service/x/y"}, "ObjectNotFoundException"),
        ("delete_scaling_policy", {**NAMES, "PolicyName": "none"}, "ObjectNotFoundException"),
        ("describe_scalable_targets", {"ServiceNamespace": "ecs", "NextToken": "x"}, "InvalidNextTokenException"),
    ],
)
def test_what_cannot_be_done_is_refused_with_the_typed_error(scaled, method, params, code):
    """A 5xx, or a wrong type, would be retried or misread."""
    assert scaled.refusal("application-autoscaling", method, **params) == code


def test_every_operation_answers_in_aws_shape(scaled):
    """A misspelt or missing member would be dropped on the way and never seen."""
    client = scaled.client("application-autoscaling")
    table = {
        "ServiceNamespace": "dynamodb",
        "ResourceId": "table/SyncWellMetadata",
        "ScalableDimension": "dynamodb:table:WriteCapacityUnits",
    }
    client.register_scalable_target(**table, MinCapacity=5, MaxCapacity=50)
    assert client.describe_scalable_targets(ServiceNamespace="dynamodb")["ScalableTargets"][0]["MinCapacity"] == 5
    policies = client.describe_scaling_policies(ServiceNamespace="ecs")["ScalingPolicies"]
    assert policies[0]["TargetTrackingScalingPolicyConfiguration"] == TRACKING
    set_desired(scaled, 0)
    scaled.go(180)
    activities = client.describe_scaling_activities(ServiceNamespace="ecs", ResourceId=NAMES["ResourceId"])
    assert activities["ScalingActivities"][0]["StatusCode"] == "Successful"
    assert client.describe_scheduled_actions(ServiceNamespace="ecs")["ScheduledActions"] == []
    client.delete_scaling_policy(**NAMES, PolicyName="backlog")
    client.deregister_scalable_target(**NAMES)
    assert client.describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"] == []
    assert client.called == set(AutoScalingApi(scaled.simulation.parts[AutoScalingModel]).handlers())
