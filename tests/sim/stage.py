"""A simulated AWS in this process: a clock moved by hand, and every answer held against AWS's shapes."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.response import StreamingBody
from moto.core.responses import ActionResult
from moto.ecs.models import ecs_backends
from moto.iam.models import iam_backends
from shapes import assert_matches_shape

from cockpit.sim.server import build
from cockpit.sim.simulation import ACCOUNT, REGION

CLUSTER, SERVICE = "syncwell", "syncwell-worker"
APPLICATION, GROUP = "syncwell-backend", "syncwell-worker"
ALARM = "syncwell-errors"
TARGET_GROUP = f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:targetgroup/worker-a/0123456789abcdef"


class HandClock:
    """Time that passes only when told to."""

    def __init__(self) -> None:
        self.time = datetime(2026, 1, 31, 3, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


class StrictResult(ActionResult):
    """A result whose every member must be in the operation's output shape; moto would drop the others silently."""

    def execute_result(self, context: Any) -> Any:
        if isinstance(self.result, dict):
            _check_names(context.operation_model.output_shape, self.result, context.operation_model.name)
        return super().execute_result(context)


def _check_names(shape: Any, value: Any, where: str) -> None:
    if shape is None:
        assert not value, f"{where} answers nothing"
    elif shape.type_name == "structure" and isinstance(value, dict):
        for name, member in value.items():
            assert name in shape.members, f"{where}: AWS has no member {name!r} here"
            _check_names(shape.members[name], member, f"{where}.{name}")
    elif shape.type_name == "list" and isinstance(value, list):
        for member in value:
            _check_names(shape.member, member, f"{where}[]")


class Checked:
    """A client that holds every answer against botocore's output shape and remembers which operations it called."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self.called: set[str] = set()

    def __getattr__(self, method: str) -> Any:
        operation = self._client.meta.method_to_api_mapping[method]

        def call(**params: Any) -> dict[str, Any]:
            self.called.add(operation)
            answer = getattr(self._client, method)(**params)
            answer = {
                name: value.read() if isinstance(value, StreamingBody) else value for name, value in answer.items()
            }
            del answer["ResponseMetadata"]
            assert_matches_shape(self._client.meta.service_model.service_name, operation, answer)
            return answer

        return call


class Stage:
    """The simulated AWS with a worker service, as SyncWell has it."""

    def __init__(self) -> None:
        for backends in (ecs_backends, iam_backends):
            backends.reset()  # moto keeps them for the life of the process
        self.clock = HandClock()
        self.simulation, self.front = build(self.clock)
        self._clients: dict[tuple[str, str], Checked] = {}
        self.task_definitions: list[str] = []

    def client(self, service: str, region: str = REGION) -> Checked:
        """Return a checked client."""
        return self._clients.setdefault((service, region), Checked(self.simulation.client(service, region)))

    def go(self, seconds: float) -> None:
        """Let time pass."""
        self.clock.time += timedelta(seconds=seconds)
        self.simulation.world.catch_up()

    def refusal(self, service: str, method: str, /, **params: Any) -> str:
        """Make a call that must be refused; return the error's code."""
        with pytest.raises(ClientError) as refused:
            getattr(self.client(service), method)(**params)
        assert 400 <= refused.value.response["ResponseMetadata"]["HTTPStatusCode"] < 500
        return str(refused.value.response["Error"]["Code"])

    def create_service(self, controller: str = "CODE_DEPLOY", desired: int = 3) -> None:
        """Create cluster, two revisions of the task definition, and the service; wait until it runs."""
        ecs = self.simulation.client("ecs", REGION)
        ecs.create_cluster(clusterName=CLUSTER)
        for image in ("good", "bad"):
            container = {"name": "worker", "image": f"worker:{image}", "memory": 512}
            made = ecs.register_task_definition(family=SERVICE, containerDefinitions=[container])
            self.task_definitions.append(made["taskDefinition"]["taskDefinitionArn"])
        self.client("ecs").create_service(
            cluster=CLUSTER,
            serviceName=SERVICE,
            taskDefinition=self.task_definitions[0],
            desiredCount=desired,
            deploymentController={"type": controller},
            loadBalancers=[{"targetGroupArn": TARGET_GROUP, "containerName": "worker", "containerPort": 80}],
        )
        self.go(60)

    def service(self) -> dict[str, Any]:
        """Return the service as DescribeServices shows it."""
        answer = self.client("ecs").describe_services(cluster=CLUSTER, services=[SERVICE])
        return dict(answer["services"][0])

    def create_group(self, termination_minutes: int = 10, **params: Any) -> None:
        """Create the CodeDeploy application and its group, with an alarm that stops deployments and rolls them back."""
        codedeploy = self.client("codedeploy")
        codedeploy.create_application(applicationName=APPLICATION, computePlatform="ECS")
        termination = {"action": "TERMINATE", "terminationWaitTimeInMinutes": termination_minutes}
        pair = {
            "targetGroups": [{"name": "worker-a"}, {"name": "worker-b"}],
            "prodTrafficRoute": {"listenerArns": ["arn:aws:elasticloadbalancing:us-east-1:123456789012:listener/x"]},
        }
        members = {
            "serviceRoleArn": f"arn:aws:iam::{ACCOUNT}:role/codedeploy",
            "deploymentConfigName": "CodeDeployDefault.ECSCanary10Percent5Minutes",
            "ecsServices": [{"clusterName": CLUSTER, "serviceName": SERVICE}],
            "blueGreenDeploymentConfiguration": {"terminateBlueInstancesOnDeploymentSuccess": termination},
            "loadBalancerInfo": {"targetGroupPairInfoList": [pair]},
            "alarmConfiguration": {"enabled": True, "alarms": [{"name": ALARM}]},
            "autoRollbackConfiguration": {"enabled": True, "events": ["DEPLOYMENT_STOP_ON_ALARM"]},
        }
        codedeploy.create_deployment_group(
            applicationName=APPLICATION, deploymentGroupName=GROUP, **{**members, **params}
        )

    def app_spec(self, task_definition: str) -> dict[str, Any]:
        """Return the revision that deploys a task definition."""
        properties = {"TaskDefinition": task_definition, "LoadBalancerInfo": {"ContainerName": "worker"}}
        resource = {"TargetService": {"Type": "AWS::ECS::Service", "Properties": properties}}
        content = json.dumps({"version": 0.0, "Resources": [resource]})
        return {"revisionType": "AppSpecContent", "appSpecContent": {"content": content}}

    def deploy(self, task_definition: str, **params: Any) -> str:
        """Start a deployment; return its id."""
        answer = self.client("codedeploy").create_deployment(
            applicationName=APPLICATION, deploymentGroupName=GROUP, revision=self.app_spec(task_definition), **params
        )
        return str(answer["deploymentId"])

    def deployment(self, deployment_id: str) -> dict[str, Any]:
        """Return a deployment as GetDeployment shows it."""
        return dict(self.client("codedeploy").get_deployment(deploymentId=deployment_id)["deploymentInfo"])

    def target(self, deployment_id: str) -> dict[str, Any]:
        """Return a deployment's ECS target."""
        codedeploy = self.client("codedeploy")
        ids = codedeploy.list_deployment_targets(deploymentId=deployment_id)["targetIds"]
        answer = codedeploy.batch_get_deployment_targets(deploymentId=deployment_id, targetIds=ids)
        return dict(answer["deploymentTargets"][0]["ecsTarget"])

    def create_alarm(self, name: str = ALARM) -> str:
        """Create an alarm that fires when errors are measured and keeps its state without data; return its ARN."""
        self.client("cloudwatch").put_metric_alarm(
            AlarmName=name,
            Namespace="Test",
            MetricName=name,
            Statistic="Sum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=0,
            ComparisonOperator="GreaterThanThreshold",
            TreatMissingData="ignore",
        )
        return f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{name}"

    def measure(self, errors: float, name: str = ALARM) -> None:
        """Measure errors now and let two minutes pass, so that the alarm has followed."""
        self.client("cloudwatch").put_metric_data(Namespace="Test", MetricData=[{"MetricName": name, "Value": errors}])
        self.go(120)
