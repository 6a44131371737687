"""The ECS operations about services and tasks. Clusters and task definitions stay moto's."""

from typing import Any, cast

from moto.ecs.models import ecs_backends
from moto.ecs.responses import EC2ContainerServiceResponse

from cockpit.sim.ecs_model import Controller, EcsModel, Service, Task
from cockpit.sim.ecs_view import service_arn, service_view, task_set_view, task_view
from cockpit.sim.errors import AwsError, NotSimulated
from cockpit.sim.operations import Request, add_operations
from cockpit.sim.simulation import Simulation
from cockpit.sim.simulation import Task as RunningTask
from cockpit.sim.whole_service import page

PAGE = 10
_CHANGEABLE = (
    "deploymentConfiguration",
    "healthCheckGracePeriodSeconds",
    "placementConstraints",
    "placementStrategy",
    "propagateTags",
    "enableECSManagedTags",
    "enableExecuteCommand",
)
_ONLY_WITH_ECS_CONTROLLER = ("networkConfiguration", "platformVersion", "loadBalancers", "serviceRegistries")
_REFUSED_UNDER_CODE_DEPLOY = {
    "taskDefinition": "Unable to update task definition on services with a CODE_DEPLOY deployment controller. "
    "Use AWS CodeDeploy to trigger a new deployment.",
    "forceNewDeployment": "Cannot force a new deployment on services with a CODE_DEPLOY deployment controller. "
    "Use AWS CodeDeploy to trigger a new deployment.",
}


def install(simulation: Simulation) -> None:
    """Put services and tasks that live in time in place of moto's; tell the simulation when tasks come and go."""
    model = EcsModel(simulation.world, simulation.account)
    simulation.parts[EcsModel] = model

    def running_tasks(cluster: str, name: str) -> list[RunningTask]:
        service = model.find(simulation.region, cluster, name)
        return [] if service is None else [_running(task) for task in service.tasks if task.started_at]

    def tell(service: Service, task: Task) -> None:
        if task.started_at is None:
            return
        listeners = simulation.on_task_stopped if task.stopped_at else simulation.on_task_started
        for listener in listeners:
            listener(service.cluster, service.name, _running(task))

    simulation.running_tasks = running_tasks
    model.on_task_change.append(tell)
    add_operations(EC2ContainerServiceResponse, EcsApi(model).handlers())


def _running(task: Task) -> RunningTask:
    return RunningTask(task.arn, task.task_definition, task.started_at or task.created_at)


class EcsApi:
    """The operations, each a function from request to answer."""

    def __init__(self, model: EcsModel) -> None:
        self._model = model

    def handlers(self) -> dict[str, Any]:
        """Return the operations by API name."""
        return {
            "CreateService": self.create_service,
            "UpdateService": self.update_service,
            "DeleteService": self.delete_service,
            "DescribeServices": self.describe_services,
            "ListServices": self.list_services,
            "ListTasks": self.list_tasks,
            "DescribeTasks": self.describe_tasks,
            "StopTask": self.stop_task,
            "DescribeTaskSets": self.describe_task_sets,
            "DescribeClusters": self.describe_clusters,
            "RunTask": _refuse("RunTask: only the tasks of services are simulated"),
            "StartTask": _refuse("StartTask: only the tasks of services are simulated"),
            "CreateTaskSet": _refuse("the EXTERNAL deployment controller is not simulated"),
            "UpdateTaskSet": _refuse("the EXTERNAL deployment controller is not simulated"),
            "DeleteTaskSet": _refuse("the EXTERNAL deployment controller is not simulated"),
            "UpdateServicePrimaryTaskSet": _refuse("the EXTERNAL deployment controller is not simulated"),
        }

    def create_service(self, request: Request) -> dict[str, Any]:
        """Create a service; its tasks start half a minute later."""
        params = request.params
        cluster = self._cluster(request)
        name: str = params["serviceName"]
        known = self._model.find(request.region, cluster, name)
        if known and not known.deleted:
            raise AwsError("InvalidParameterException", "Creation of service was not idempotent.")
        controller = params.get("deploymentController", {}).get("type", "ECS")
        if controller == "EXTERNAL":
            raise NotSimulated("the EXTERNAL deployment controller")
        service = self._model.create_service(
            request.region,
            cluster,
            name,
            _task_definition(request, params["taskDefinition"]),
            params.get("desiredCount", 1),
            controller=cast("Controller", controller),
            target_group=_target_group(params),
            settings=dict(params),
        )
        return {"service": service_view(self._model, service, tags=True)}

    def update_service(self, request: Request) -> dict[str, Any]:
        """Change a service; under CodeDeploy only what the API reference allows there."""
        params = request.params
        service = self._service(request, params["service"])
        if service.controller == "CODE_DEPLOY":
            _refuse_under_code_deploy(params)
        service.settings.update({name: params[name] for name in _CHANGEABLE if name in params})
        if service.controller == "ECS":
            service.settings.update({name: params[name] for name in _ONLY_WITH_ECS_CONTROLLER if name in params})
        if "desiredCount" in params:
            self._model.set_desired_count(service, params["desiredCount"])
        if "taskDefinition" in params or params.get("forceNewDeployment"):
            wanted = params.get("taskDefinition", service.primary.task_definition)
            self._model.restart(service, _task_definition(request, wanted))
        return {"service": service_view(self._model, service, tags=True)}

    def delete_service(self, request: Request) -> dict[str, Any]:
        """Delete a service that is scaled to 0, or any one by force."""
        service = self._service(request, request.params["service"])
        if service.desired_count and not request.params.get("force"):
            message = "The service cannot be stopped while it is scaled above 0."
            raise AwsError("InvalidParameterException", message)
        service.deleted = True
        self._model.set_desired_count(service, 0)
        return {"service": service_view(self._model, service)}

    def describe_services(self, request: Request) -> dict[str, Any]:
        """Describe services by name or ARN; those that are missing become failures."""
        cluster = self._cluster(request)
        tags = "TAGS" in request.params.get("include", [])
        found, failures = [], []
        for given_name in request.params["services"]:
            name = given_name.rpartition("/")[2]
            service = self._model.find(request.region, cluster, name)
            if service is None:
                arn = f"arn:aws:ecs:{request.region}:{request.account}:service/{cluster}/{name}"
                failures.append({"arn": arn, "reason": "MISSING"})
            else:
                found.append(service_view(self._model, service, tags=tags))
        return {"services": found, "failures": failures}

    def list_services(self, request: Request) -> dict[str, Any]:
        """List the ARNs of a cluster's services."""
        services = [service for service in self._in_cluster(request) if not service.deleted]
        arns = sorted(service_arn(self._model, service) for service in services)
        return _page("serviceArns", arns, request)

    def list_tasks(self, request: Request) -> dict[str, Any]:
        """List task ARNs by service, family and desired status; the latter is RUNNING unless asked for."""
        params = request.params
        services = self._in_cluster(request)
        if "serviceName" in params:
            services = [self._service(request, params["serviceName"])]
        wanted = params.get("desiredStatus", "RUNNING")
        tasks = [task for service in services for task in (*service.tasks, *service.stopped)]
        arns = [
            task.arn
            for task in tasks
            if task.desired_status == wanted
            and params.get("family", "") in ("", task.task_definition.rpartition("/")[2].partition(":")[0])
            and params.get("startedBy", task.task_set_id) == task.task_set_id
        ]
        return _page("taskArns", arns, request, size=100)

    def describe_tasks(self, request: Request) -> dict[str, Any]:
        """Describe tasks by id or ARN; those that are missing become failures."""
        cluster = self._cluster(request)
        known = {task.arn: (service, task) for service, task in self._tasks(request)}
        found, failures = [], []
        for given_id in request.params["tasks"]:
            arn = f"arn:aws:ecs:{request.region}:{request.account}:task/{cluster}/{given_id.rpartition('/')[2]}"
            if arn in known:
                found.append(task_view(self._model, *known[arn]))
            else:
                failures.append({"arn": arn, "reason": "MISSING"})
        return {"tasks": found, "failures": failures}

    def stop_task(self, request: Request) -> dict[str, Any]:
        """Stop one task; its service starts another."""
        wanted = request.params["task"].rpartition("/")[2]
        for service, task in self._tasks(request):
            if task.arn.endswith(f"/{wanted}") and not task.stopped_at:
                self._model.stop_task(service, task, request.params.get("reason", "Task stopped by user"))
                return {"task": task_view(self._model, service, task)}
        raise AwsError("InvalidParameterException", "The referenced task was not found.")

    def describe_task_sets(self, request: Request) -> dict[str, Any]:
        """Describe the task sets of a service under CodeDeploy."""
        service = self._service(request, request.params["service"])
        wanted = request.params.get("taskSets")
        views = [task_set_view(self._model, service, each) for each in service.task_sets]
        return {
            "taskSets": [view for view in views if not wanted or view["id"] in wanted or view["taskSetArn"] in wanted],
            "failures": [],
        }

    def describe_clusters(self, request: Request) -> dict[str, Any]:
        """Describe clusters, moto's, with the counts of the services here."""
        backend = ecs_backends[request.account][request.region]
        clusters, failures = backend.describe_clusters(request.params.get("clusters", []))
        for cluster in clusters:
            services = [each for each in self._model.services.values() if each.cluster == cluster.name]
            here = [each for each in services if each.region == request.region and not each.deleted]
            cluster.active_services_count = len(here)
            cluster.running_tasks_count = sum(task_set.running for each in here for task_set in each.task_sets)
            cluster.pending_tasks_count = sum(task_set.pending for each in here for task_set in each.task_sets)
        return {
            "clusters": [_cluster_view(cluster) for cluster in clusters],
            "failures": [{"arn": each.arn, "reason": each.reason} for each in failures],
        }

    def _cluster(self, request: Request) -> str:
        name: str = request.params.get("cluster", "default").rpartition("/")[2]
        if name not in ecs_backends[request.account][request.region].clusters:
            raise AwsError("ClusterNotFoundException", "Cluster not found.")
        return name

    def _service(self, request: Request, name: str) -> Service:
        service = self._model.find(request.region, self._cluster(request), name.rpartition("/")[2])
        if service is None:
            raise AwsError("ServiceNotFoundException", "Service not found.")
        if service.deleted:
            raise AwsError("ServiceNotActiveException", "Service was not ACTIVE.")
        return service

    def _in_cluster(self, request: Request) -> list[Service]:
        cluster = self._cluster(request)
        return [
            each for each in self._model.services.values() if (each.region, each.cluster) == (request.region, cluster)
        ]

    def _tasks(self, request: Request) -> list[tuple[Service, Task]]:
        return [(service, task) for service in self._in_cluster(request) for task in (*service.tasks, *service.stopped)]


def _refuse_under_code_deploy(params: dict[str, Any]) -> None:
    for name, message in _REFUSED_UNDER_CODE_DEPLOY.items():
        if params.get(name):
            raise AwsError("InvalidParameterException", message)
    for name in _ONLY_WITH_ECS_CONTROLLER:
        if name in params:
            message = f"Unable to update {name} on services with a CODE_DEPLOY deployment controller."
            raise AwsError("InvalidParameterException", message)


def _refuse(what: str) -> Any:
    def handler(request: Request) -> dict[str, Any]:
        del request
        raise NotSimulated(what)

    return handler


def _task_definition(request: Request, name: str) -> str:
    """Return the ARN of a task definition given by family, family:revision or ARN."""
    backend = ecs_backends[request.account][request.region]
    return str(backend.describe_task_definition(name).arn)


def _target_group(params: dict[str, Any]) -> str:
    """Return the name of the first target group of a service."""
    balancers = params.get("loadBalancers") or [{}]
    parts = str(balancers[0].get("targetGroupArn", "")).split("/")
    return parts[1] if len(parts) > 1 else ""


def _cluster_view(cluster: Any) -> dict[str, Any]:
    return {
        "clusterArn": cluster.arn,
        "clusterName": cluster.name,
        "status": cluster.status,
        "registeredContainerInstancesCount": 0,
        "runningTasksCount": cluster.running_tasks_count,
        "pendingTasksCount": cluster.pending_tasks_count,
        "activeServicesCount": cluster.active_services_count,
        "settings": cluster.settings,
    }


def _page(member: str, arns: list[str], request: Request, size: int = PAGE) -> dict[str, Any]:
    wanted = min(request.params.get("maxResults", size), 100)
    shown, token = page(arns, request.params.get("nextToken"), wanted, "InvalidParameterException")
    return {member: shown, **({"nextToken": token} if token else {})}
