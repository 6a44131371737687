"""What answers behind a load balancer: SyncWell's tasks in its region, with the table each of them uses.

Every load balancer listens on a port of its own of 127.0.0.1, so that whoever knows its address can look behind it
before any DNS name leads there.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from moto.ecs.models import ecs_backends
from pydantic import JsonValue

from cockpit.sim.appconfig_model import AppConfigModel
from cockpit.sim.elbv2_model import LoadBalancer, LoadBalancing, Target
from cockpit.sim.errors import AwsError
from cockpit.sim.lost_regions import LostRegions
from cockpit.sim.simulation import ACCOUNT, Simulation, Task
from cockpit.sim.tables import TableRecord, Tables

_JSON = [("Content-Type", "application/json")]


class FrontDoor:
    """Answers requests that come to load balancers. A task uses the table that AppConfig named when it started."""

    def __init__(self, simulation: Simulation, model: LoadBalancing) -> None:
        self._simulation = simulation
        self._model = model
        self._lost: LostRegions = simulation.parts[LostRegions]
        self._table_of: dict[str, str] = {}
        self._configuration = ("syncwell", "prod", "runtime")
        self._parameter = "DynamoDBTableName"
        simulation.on_task_started.append(self._task_started)
        model.works = self._works

    def use_names(self, names: Mapping[str, JsonValue]) -> None:
        """Take the names of the application's configuration from the environment's ``names.syncwell``."""
        application, environment, profile = self._configuration
        self._configuration = (
            str(names.get("appconfig_application", application)),
            str(names.get("appconfig_environment", environment)),
            str(names.get("appconfig_profile", profile)),
        )
        self._parameter = str(names.get("table_parameter", self._parameter))

    def open(self, balancer: LoadBalancer) -> str:
        """Let a load balancer listen; return its address."""

        def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
            del environ
            world = self._simulation.world
            with world.lock:
                world.catch_up()
                if self._lost.is_lost(balancer.region, "elbv2"):
                    raise ConnectionResetError("the load balancer's region is down")
                status, body = self.answer(balancer)
            start_response(status, [*_JSON, ("Content-Length", str(len(body)))])
            return [body]

        return self._simulation.listen(application)

    def answer(self, balancer: LoadBalancer) -> tuple[str, bytes]:
        """Return status line and body of what a request to a load balancer gets, whatever its path."""
        healthy = self._model.healthy(balancer)
        if not healthy:
            return "503 Service Temporarily Unavailable", b'{"error": "no healthy target"}'
        return "200 OK", json.dumps(self._told_by(healthy[0])).encode()

    def _told_by(self, target: Target) -> dict[str, JsonValue]:
        region, task = target.service.region, target.task
        record = self._table(region, task.arn)
        return {
            "service": target.service.name,
            "region": region,
            "revision": task.task_definition.rpartition("/")[2],
            "image": _image(region, task.task_definition),
            "table": self._table_of.get(task.arn, ""),
            "items": len(record.history.current) if record else 0,
        }

    def _task_started(self, cluster: str, service: str, task: Task) -> None:
        del cluster, service
        model: AppConfigModel = self._simulation.parts[AppConfigModel]
        name, environment, profile = self._configuration
        try:
            found = model.application(task.arn.split(":")[3], name)
            version = found.environment(environment).served(found.profile(profile), 99.99)
            document = json.loads(version.content) if version else {}
        except (AwsError, ValueError):
            document = {}
        table = document.get(self._parameter) if isinstance(document, dict) else None
        self._table_of[task.arn] = table if isinstance(table, str) else ""

    def _works(self, region: str, task: str) -> bool:
        """Tell whether a task can do its work: the table it uses is there."""
        return self._table(region, task) is not None

    def _table(self, region: str, task: str) -> TableRecord | None:
        tables: Tables = self._simulation.parts[Tables]
        record = tables.find(region, self._table_of.get(task, ""))
        return None if record is None or record.is_being_created(self._simulation.world.now()) else record


def _image(region: str, task_definition: str) -> str:
    found = ecs_backends[ACCOUNT][region].describe_task_definition(task_definition)
    containers = found.container_definitions
    return str(containers[0].get("image", "")) if containers else ""
