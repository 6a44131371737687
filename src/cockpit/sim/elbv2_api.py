"""The operations of Elastic Load Balancing that make load balancers and look at them."""

from typing import Any

from cockpit.sim.ecs_model import EcsModel
from cockpit.sim.elbv2_model import ZONE_ID, Listener, LoadBalancer, LoadBalancing, TargetGroup
from cockpit.sim.errors import AwsError
from cockpit.sim.front_door import FrontDoor
from cockpit.sim.operations import Handler, Request
from cockpit.sim.own_services import serve
from cockpit.sim.simulation import Simulation
from cockpit.sim.whole_service import given, response_class

_HEALTH_CHECKS = {
    "HealthCheckProtocol": "HTTP",
    "HealthCheckPort": "traffic-port",
    "HealthCheckEnabled": True,
    "HealthCheckIntervalSeconds": 30,
    "HealthCheckTimeoutSeconds": 5,
    "HealthyThresholdCount": 5,
    "UnhealthyThresholdCount": 2,
    "HealthCheckPath": "/",
    "Matcher": {"HttpCode": "200"},
}


def install(simulation: Simulation) -> None:
    """Serve load balancers, and let them listen."""
    model = LoadBalancing(simulation.world, simulation.parts[EcsModel])
    simulation.parts[LoadBalancing] = model
    door = FrontDoor(simulation, model)
    simulation.parts[FrontDoor] = door
    serve("elbv2", response_class("elbv2", LoadBalancingApi(model, door).handlers()))


class LoadBalancingApi:
    """The operations, each a function from request to answer."""

    def __init__(self, model: LoadBalancing, door: FrontDoor) -> None:
        self._model = model
        self._door = door

    def handlers(self) -> dict[str, Handler]:
        """Return the operations by API name."""
        return {
            "CreateLoadBalancer": self.create_balancer,
            "DescribeLoadBalancers": self.describe_balancers,
            "CreateTargetGroup": self.create_group,
            "DescribeTargetGroups": self.describe_groups,
            "CreateListener": self.create_listener,
            "DescribeListeners": self.describe_listeners,
            "DescribeTargetHealth": self.describe_health,
        }

    def create_balancer(self, request: Request) -> dict[str, Any]:
        """Create a load balancer; it listens at once, though it is `provisioning` for a while."""
        params, region = request.params, request.region
        name = params["Name"]
        if any((each.region, each.name) == (region, name) for each in self._model.balancers.values()):
            message = f"A load balancer with the same name '{name}' exists, but with different settings"
            raise AwsError("DuplicateLoadBalancerName", message)
        arn = self._model.new_arn(region, "loadbalancer/app", name)
        balancer = LoadBalancer(region, name, arn, self._model.world.now(), dict(params))
        self._model.balancers[arn] = balancer
        balancer.host = self._door.open(balancer)
        return {"LoadBalancers": [self._balancer_view(balancer)]}

    def describe_balancers(self, request: Request) -> dict[str, Any]:
        """Describe the region's load balancers, or those named."""
        names, arns = request.params.get("Names"), request.params.get("LoadBalancerArns")
        here = [each for each in self._model.balancers.values() if each.region == request.region]
        shown = [each for each in here if (not names or each.name in names) and (not arns or each.arn in arns)]
        if len(shown) < len(names or arns or []):
            raise AwsError("LoadBalancerNotFound", f"One or more load balancers not found: {names or arns}")
        return {"LoadBalancers": [self._balancer_view(each) for each in shown]}

    def create_group(self, request: Request) -> dict[str, Any]:
        """Create a target group."""
        params, region = request.params, request.region
        name = params["Name"]
        if any((each.region, each.name) == (region, name) for each in self._model.groups.values()):
            message = f"A target group with the same name '{name}' exists, but with different settings"
            raise AwsError("DuplicateTargetGroupName", message)
        group = TargetGroup(region, name, self._model.new_arn(region, "targetgroup", name), dict(params))
        self._model.groups[group.arn] = group
        return {"TargetGroups": [self._group_view(group)]}

    def describe_groups(self, request: Request) -> dict[str, Any]:
        """Describe the region's target groups, or those named, or those behind a load balancer."""
        params = request.params
        names, arns, behind = params.get("Names"), params.get("TargetGroupArns"), params.get("LoadBalancerArn")
        here = [each for each in self._model.groups.values() if each.region == request.region]
        shown = [each for each in here if (not names or each.name in names) and (not arns or each.arn in arns)]
        if len(shown) < len(names or arns or []):
            raise AwsError("TargetGroupNotFound", f"One or more target groups not found: {names or arns}")
        if behind:
            wanted = {listener.target_group for listener in self._balancer(behind).listeners}
            shown = [each for each in shown if each.arn in wanted]
        return {"TargetGroups": [self._group_view(each) for each in shown]}

    def create_listener(self, request: Request) -> dict[str, Any]:
        """Create a listener, which sends whatever comes to a target group."""
        balancer = self._balancer(request.params["LoadBalancerArn"])
        arn = f"{balancer.arn.replace(':loadbalancer/', ':listener/')}/{len(balancer.listeners) + 1:016x}"
        listener = Listener(arn, dict(request.params))
        if listener.target_group and listener.target_group not in self._model.groups:
            raise AwsError("TargetGroupNotFound", f"Target group '{listener.target_group}' not found")
        balancer.listeners.append(listener)
        return {"Listeners": [_listener_view(balancer, listener)]}

    def describe_listeners(self, request: Request) -> dict[str, Any]:
        """Describe a load balancer's listeners."""
        balancer = self._balancer(request.params["LoadBalancerArn"])
        return {"Listeners": [_listener_view(balancer, each) for each in balancer.listeners]}

    def describe_health(self, request: Request) -> dict[str, Any]:
        """Describe the health of the tasks behind a target group."""
        group = self._model.groups.get(request.params["TargetGroupArn"])
        if group is None or group.region != request.region:
            raise AwsError("TargetGroupNotFound", "One or more target groups not found")
        port = int(group.settings.get("Port", 80))
        return {
            "TargetHealthDescriptions": [
                {
                    "Target": {"Id": target.address, "Port": port},
                    "HealthCheckPort": str(port),
                    "TargetHealth": given({"State": target.state, "Reason": target.reason or None}),
                }
                for target in self._model.targets(group.arn)
            ]
        }

    def _balancer(self, arn: str) -> LoadBalancer:
        balancer = self._model.balancers.get(arn)
        if balancer is None:
            raise AwsError("LoadBalancerNotFound", f"Load balancer '{arn}' not found")
        return balancer

    def _balancer_view(self, balancer: LoadBalancer) -> dict[str, Any]:
        settings = balancer.settings
        return {
            "LoadBalancerArn": balancer.arn,
            "DNSName": balancer.host,
            "CanonicalHostedZoneId": ZONE_ID,
            "CreatedTime": balancer.created_at,
            "LoadBalancerName": balancer.name,
            "Scheme": settings.get("Scheme", "internet-facing"),
            "State": {"Code": balancer.state(self._model.world.now())},
            "Type": "application",
            "AvailabilityZones": [{"SubnetId": subnet} for subnet in settings.get("Subnets", [])],
            "SecurityGroups": settings.get("SecurityGroups", []),
            "IpAddressType": "ipv4",
        }

    def _group_view(self, group: TargetGroup) -> dict[str, Any]:
        settings = group.settings
        using = [
            each.arn
            for each in self._model.balancers.values()
            if any(listener.target_group == group.arn for listener in each.listeners)
        ]
        shown = {name: settings.get(name, usual) for name, usual in _HEALTH_CHECKS.items()}
        return {
            "TargetGroupArn": group.arn,
            "TargetGroupName": group.name,
            "Protocol": settings.get("Protocol", "HTTP"),
            "Port": int(settings.get("Port", 80)),
            "TargetType": settings.get("TargetType", "ip"),
            "LoadBalancerArns": using,
            **shown,
        }


def _listener_view(balancer: LoadBalancer, listener: Listener) -> dict[str, Any]:
    settings = listener.settings
    return {
        "ListenerArn": listener.arn,
        "LoadBalancerArn": balancer.arn,
        "Port": int(settings.get("Port", 80)),
        "Protocol": settings.get("Protocol", "HTTP"),
        "DefaultActions": settings["DefaultActions"],
    }
