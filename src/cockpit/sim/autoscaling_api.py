"""The Application Auto Scaling operations, and the service's installation."""

from datetime import datetime
from typing import Any

from cockpit.sim.autoscaling_model import SUSPENSIONS, Activity, AutoScalingModel, Policy, Target
from cockpit.sim.ecs_model import EcsModel
from cockpit.sim.errors import AwsError, NotSimulated
from cockpit.sim.metrics import MetricKey, MetricStore
from cockpit.sim.operations import Handler, Request
from cockpit.sim.simulation import Simulation
from cockpit.sim.whole_service import only, page, response_class, serve_at

PAGE = 50
ROLE = "arn:aws:iam::{account}:role/aws-service-role/{host}/AWSServiceRoleForApplicationAutoScaling_{name}"
_ROLES = {
    "ecs": ("ecs.application-autoscaling.amazonaws.com", "ECSService"),
    "dynamodb": ("dynamodb.application-autoscaling.amazonaws.com", "DynamoDBTable"),
}


def install(simulation: Simulation) -> None:
    """Put an auto scaling that really scales ECS services in place of moto's."""

    def metric(region: str, specification: dict[str, Any], start: datetime, end: datetime) -> float | None:
        store = simulation.metrics
        if not isinstance(store, MetricStore):
            return None
        dimensions = tuple(sorted((each["Name"], each["Value"]) for each in specification.get("Dimensions", [])))
        key = MetricKey(region, specification.get("Namespace", ""), specification.get("MetricName", ""), dimensions)
        found = store.window(key, start.timestamp(), end.timestamp())
        return None if found is None else found.statistic(specification.get("Statistic", "Average"))

    model = AutoScalingModel(simulation.world, simulation.parts[EcsModel], metric)
    simulation.parts[AutoScalingModel] = model
    handlers = AutoScalingApi(model).handlers()
    serve_at("applicationautoscaling", {"/$": response_class("application-autoscaling", handlers)})


class AutoScalingApi:
    """The operations, each a function from request to answer."""

    def __init__(self, model: AutoScalingModel) -> None:
        self._model = model

    def handlers(self) -> dict[str, Handler]:
        """Return the operations by API name."""
        return {
            "RegisterScalableTarget": self.register,
            "DeregisterScalableTarget": self.deregister,
            "DescribeScalableTargets": self.describe_targets,
            "PutScalingPolicy": self.put_policy,
            "DeleteScalingPolicy": self.delete_policy,
            "DescribeScalingPolicies": self.describe_policies,
            "DescribeScalingActivities": self.describe_activities,
            "DescribeScheduledActions": lambda _: {"ScheduledActions": []},
        }

    def register(self, request: Request) -> dict[str, Any]:
        """Register a target, or change the members that are given; then capacity is brought within the bounds."""
        params = request.params
        key = _key(request)
        known = self._model.targets.get(key)
        target = known or self._new(request)
        low = params.get("MinCapacity", target.min_capacity)
        high = params.get("MaxCapacity", target.max_capacity)
        if not known and not {"MinCapacity", "MaxCapacity"} <= set(params):
            raise AwsError("ValidationException", "Min capacity and max capacity are needed for a new scalable target.")
        if low > high:
            raise AwsError("ValidationException", "Maximum capacity cannot be less than minimum capacity")
        target.min_capacity, target.max_capacity = low, high
        target.role_arn = params.get("RoleARN", target.role_arn)
        for name in SUSPENSIONS:
            target.suspended[name] = params.get("SuspendedState", {}).get(name, target.suspended[name])
        self._model.targets[key] = target
        self._model.registered(target)
        return {"ScalableTargetARN": _arn(request, target)}

    def deregister(self, request: Request) -> dict[str, Any]:
        """Forget a target and its policies."""
        target = self._target(request)
        target.deregistered = True
        del self._model.targets[_key(request)]
        return {}

    def describe_targets(self, request: Request) -> dict[str, Any]:
        """Describe targets of a namespace, with what is suspended."""
        wanted = request.params.get("ResourceIds")
        found = [each for each in self._matching(request) if not wanted or each.resource_id in wanted]
        views = [_target_view(request, each) for each in found]
        return _paged("ScalableTargets", views, request)

    def put_policy(self, request: Request) -> dict[str, Any]:
        """Create or change a policy of a registered target."""
        target = self._target(request)
        params = dict(request.params)
        kind = params.setdefault("PolicyType", "StepScaling")
        if kind == "PredictiveScaling":
            raise NotSimulated("predictive scaling")
        name = params["PolicyName"]
        old = target.policies.get(name)
        created = old.created_at if old else self._model.world.now()
        target.policies[name] = Policy(name, created, {**(old.params if old else {}), **params})
        self._model.watch(target)
        return {"PolicyARN": _policy_arn(request, target, name), "Alarms": []}

    def delete_policy(self, request: Request) -> dict[str, Any]:
        """Delete a policy."""
        target, name = self._target(request), request.params["PolicyName"]
        if target.policies.pop(name, None) is None:
            raise AwsError("ObjectNotFoundException", f"No scaling policy found for policy name: {name}")
        return {}

    def describe_policies(self, request: Request) -> dict[str, Any]:
        """Describe policies of a namespace."""
        names = request.params.get("PolicyNames")
        resource = request.params.get("ResourceId")
        views = [
            _policy_view(request, target, policy)
            for target in self._matching(request)
            for policy in target.policies.values()
            if resource in (None, target.resource_id) and (not names or policy.name in names)
        ]
        return _paged("ScalingPolicies", views, request)

    def describe_activities(self, request: Request) -> dict[str, Any]:
        """Describe what scaling did, latest first."""
        resource = request.params.get("ResourceId")
        found = [
            (activity, target)
            for target in self._matching(request)
            for activity in target.activities
            if resource in (None, target.resource_id)
        ]
        latest_first = sorted(found, key=lambda each: each[0].at, reverse=True)
        return _paged("ScalingActivities", [_activity_view(*each) for each in latest_first], request)

    def _new(self, request: Request) -> Target:
        params = request.params
        identity = f"{self._model.world.random('/'.join(_key(request))).getrandbits(128):032x}"
        namespace, resource, dimension = (params[name] for name in _NAMED)
        target = Target(request.region, namespace, resource, dimension, self._model.world.now(), identity)
        host, name = _ROLES.get(namespace, (f"{namespace}.application-autoscaling.amazonaws.com", namespace))
        target.role_arn = ROLE.format(account=request.account, host=host, name=name)
        if namespace == "ecs" and self._model.service(target) is None:
            raise AwsError("ValidationException", f"ECS service doesn't exist: {resource}")
        return target

    def _target(self, request: Request) -> Target:
        found = self._model.targets.get(_key(request))
        if found is None:
            namespace, resource, dimension = (request.params[name] for name in _NAMED)
            message = (
                f"No scalable target found for service namespace: {namespace}, resource ID: {resource}, "
                f"scalable dimension: {dimension}"
            )
            raise AwsError("ObjectNotFoundException", message)
        return found

    def _matching(self, request: Request) -> list[Target]:
        dimension = request.params.get("ScalableDimension")
        return [
            each
            for each in self._model.targets.values()
            if (each.region, each.namespace) == (request.region, request.params["ServiceNamespace"])
            and dimension in (None, each.dimension)
        ]


_NAMED = ("ServiceNamespace", "ResourceId", "ScalableDimension")


def _key(request: Request) -> tuple[str, str, str, str]:
    namespace, resource, dimension = (request.params[name] for name in _NAMED)
    return request.region, namespace, resource, dimension


def _names(target: Target) -> dict[str, str]:
    return {
        "ServiceNamespace": target.namespace,
        "ResourceId": target.resource_id,
        "ScalableDimension": target.dimension,
    }


def _arn(request: Request, target: Target) -> str:
    return f"arn:aws:application-autoscaling:{request.region}:{request.account}:scalable-target/{target.identity}"


def _policy_arn(request: Request, target: Target, name: str) -> str:
    identity = f"{target.identity}:resource/{target.namespace}/{target.resource_id}:policyName/{name}"
    return f"arn:aws:autoscaling:{request.region}:{request.account}:scalingPolicy:{identity}"


def _target_view(request: Request, target: Target) -> dict[str, Any]:
    return {
        **_names(target),
        "MinCapacity": target.min_capacity,
        "MaxCapacity": target.max_capacity,
        "RoleARN": target.role_arn,
        "CreationTime": target.created_at,
        "SuspendedState": dict(target.suspended),
        "ScalableTargetARN": _arn(request, target),
    }


def _policy_view(request: Request, target: Target, policy: Policy) -> dict[str, Any]:
    return {
        **_names(target),
        "PolicyARN": _policy_arn(request, target, policy.name),
        "PolicyName": policy.name,
        "PolicyType": policy.params["PolicyType"],
        "CreationTime": policy.created_at,
        "Alarms": [],
        **only(policy.params, "StepScalingPolicyConfiguration", "TargetTrackingScalingPolicyConfiguration"),
    }


def _activity_view(activity: Activity, target: Target) -> dict[str, Any]:
    words = activity.description.replace("Setting", "Successfully set")
    return {
        **_names(target),
        "ActivityId": f"{target.identity[:24]}{activity.number:08x}",
        "Description": activity.description,
        "Cause": activity.cause,
        "StartTime": activity.at,
        "EndTime": activity.at,
        "StatusCode": "Successful",
        "StatusMessage": f"{words} Change successfully fulfilled by {target.namespace}.",
    }


def _paged(member: str, items: list[dict[str, Any]], request: Request) -> dict[str, Any]:
    size = min(request.params.get("MaxResults", PAGE), PAGE)
    shown, token = page(items, request.params.get("NextToken"), size)
    return {member: shown, **({"NextToken": token} if token else {})}
