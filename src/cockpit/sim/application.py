"""SyncWell: workers that sync, users that edit, and what shows when a revision is faulty.

Nothing in here is told to the cockpit: it sees metrics, log lines, alarms and items, as it would in a real account.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pydantic import JsonValue

from cockpit.sim.application_users import Users
from cockpit.sim.application_writers import Editors, Worker
from cockpit.sim.errors import AwsError
from cockpit.sim.item_history import Item
from cockpit.sim.log_writer import LogWriter
from cockpit.sim.lost_regions import LostRegions
from cockpit.sim.scenario import ApplicationSpec, Fault
from cockpit.sim.simulation import ACCOUNT, Simulation, Task
from cockpit.sim.tables import Tables

NAMESPACE = "SyncWell"
MINUTE = timedelta(minutes=1)
JOBS_A_MINUTE = 30.0  # that users' syncs make due
JOBS_A_TASK = 12.0  # that one task gets through in a minute
TICKET_SHARE = 0.6  # of users whose configuration was overwritten who write to support
TICKET_AFTER = (5 * 60, 20 * 60)  # seconds


@dataclass(frozen=True, slots=True)
class Names:
    """Names of SyncWell's resources, as the environment's ``names.syncwell`` has them."""

    table: str
    cluster: str
    service: str
    log_group: str
    configuration: tuple[str, str, str]
    table_parameter: str
    maintenance_parameter: str
    writes: tuple[str, str]

    @staticmethod
    def read(names: Mapping[str, JsonValue]) -> "Names":
        """Take the names out of the environment; what is missing has SyncWell's usual name."""

        def name(key: str, usual: str) -> str:
            return str(names.get(key, usual))

        return Names(
            name("table", "SyncWellMetadata"),
            name("cluster", "syncwell"),
            name("service", "syncwell-worker"),
            name("log_group", "/syncwell/worker"),
            (
                name("appconfig_application", "syncwell"),
                name("appconfig_environment", "prod"),
                name("appconfig_profile", "runtime"),
            ),
            name("table_parameter", "DynamoDBTableName"),
            name("maintenance_parameter", "MaintenanceMode"),
            (name("writes_namespace", NAMESPACE), name("writes_metric", "ConfigWrites")),
        )


class Application:
    """The application as a whole: its tasks, its users, its metrics and log."""

    def __init__(
        self,
        simulation: Simulation,
        spec: ApplicationSpec,
        faults: tuple[Fault, ...],
        names: Mapping[str, JsonValue],
        opening: datetime,
    ) -> None:
        self.simulation = simulation
        self.world = simulation.world
        self.spec = spec
        self.names = Names.read(names)
        self.busy_since = opening + spec.busy_since
        self.users = Users(spec.users, names.get("known_good_accounts"), self.world.random("users"))
        self._faults = {fault.revision: fault for fault in faults}
        self._tables: Tables = simulation.parts[Tables]
        self._lost: LostRegions = simulation.parts[LostRegions]
        self._log = LogWriter(self.world)
        self._chance = self.world.random("application")
        self._workers: dict[str, Worker] = {}
        self._no_worker_since = self.busy_since
        self._backlog = 0.0
        simulation.on_task_started.append(self._task_started)
        simulation.on_task_stopped.append(self._task_stopped)
        simulation.truth["truth/application"] = self._truth
        self.world.at(opening + spec.users_since, self._register_users)
        self.world.at(self.busy_since, Editors(self).edit)
        self.world.at(self.busy_since, self._every_minute)

    @property
    def is_down(self) -> bool:
        """Tell whether its region is: nothing of it works any more."""
        return self._lost.is_lost(self.simulation.region, "ecs")

    def configuration(self) -> dict[str, Any]:
        """Return the configuration as AppConfig deploys it at this moment; empty if there is none."""
        content = self.simulation.current_configuration(*self.names.configuration)
        try:
            document = json.loads(content or b"{}")
        except ValueError:
            return {}
        return document if isinstance(document, dict) else {}

    def fault_of(self, task: Task) -> Fault | None:
        """Return what is wrong with a task's revision."""
        return self._faults.get(task.task_definition.rpartition("/")[2])

    def item(self, table: str, key: Item) -> Item | None:
        """Read an item, as every sync does."""
        record = self._tables.find(self.simulation.region, table)
        return None if record is None else record.history.current.get(record.history.key_of(key))

    def write(self, table: str, item: Item, role: str, writer: str, *, good: bool = True) -> str:
        """Write an item and count it; return why it was refused, empty if it was accepted."""
        principal = f"arn:aws:iam::{ACCOUNT}:role/{role}"
        region = self.simulation.region
        try:
            self._tables.write(region, table, "PutItem", principal, item, good=good, writer=writer)
        except AwsError as error:
            return str(error)
        namespace, metric = self.names.writes
        dimensions = {"TableName": table}
        self.simulation.metrics.put(namespace, metric, dimensions, self.world.now(), 1.0, resolution=1)
        return ""

    def measure(self, metric: str, value: float) -> None:
        """Emit one of the application's own metrics, without dimensions."""
        self.simulation.metrics.put(NAMESPACE, metric, {}, self.world.now(), value)

    def log(self, stream: str, message: str) -> None:
        """Write a line to the workers' log."""
        self._log.write(self.simulation.region, self.names.log_group, stream, message)

    def overwritten(self) -> None:
        """Count it, and let the user notice it after a while, and perhaps write to support."""
        self.measure("ConfigOverwrites", 1.0)
        if self._chance.random() < TICKET_SHARE:
            later = timedelta(seconds=self._chance.uniform(*TICKET_AFTER))
            self.world.at(self.world.now() + later, lambda: self.measure("SupportTickets", 1.0))

    def _register_users(self) -> None:
        for item in self.users.at_first(self.world.now()):
            refused = self.write(self.names.table, item, "syncwell-api", "registration")
            if refused:
                raise LookupError(f"The application cannot write its users: {refused}")

    def _task_started(self, cluster: str, service: str, task: Task) -> None:
        at_home = task.arn.split(":")[3] == self.simulation.region  # elsewhere, only the load balancer tells of tasks
        if at_home and (cluster, service) == (self.names.cluster, self.names.service):
            self._workers[task.arn] = Worker(self, task)

    def _task_stopped(self, cluster: str, service: str, task: Task) -> None:
        del cluster, service
        worker = self._workers.pop(task.arn, None)
        if worker is not None:
            worker.stop()
            if not self._workers:
                self._no_worker_since = self.world.now()

    def _every_minute(self) -> None:
        if self.is_down:
            return
        now, working = self.world.now(), len(self._workers)
        self._backlog = max(self._backlog + JOBS_A_MINUTE - JOBS_A_TASK * working, 0.0)
        age = self._chance.uniform(5, 20) if working else (now - self._no_worker_since).total_seconds()
        self.measure("OldestJobAge", age)
        self.measure("BacklogPerTask", self._backlog / max(working, 1))
        self.measure("SupportTickets", 0.0)
        self.measure("ConfigOverwrites", 0.0)
        self.world.at(now + MINUTE, self._every_minute)

    def _truth(self, query: dict[str, str]) -> JsonValue:
        del query
        tasks: list[JsonValue] = [
            {"task": arn, "table": worker.table, "task_definition": worker.task.task_definition}
            for arn, worker in self._workers.items()
        ]
        return {"tasks": tasks, "backlog": self._backlog}
