"""ECS services that use an Aurora cluster: they connect, write, read, and show when something is wrong.

Nothing in here is told to the cockpit: it sees metrics, log lines, alarms and rows, as it would in a real account.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import count

from moto.ssm.models import ssm_backends
from pydantic import JsonValue

from cockpit.sim.log_writer import LogWriter
from cockpit.sim.rds_data import SqlError
from cockpit.sim.rds_model import Cluster, RdsModel
from cockpit.sim.scenario import DatabaseClient, Migration
from cockpit.sim.simulation import ACCOUNT, Simulation, Task

MINUTE = timedelta(minutes=1)
POOL = 4  # connections that one task keeps open
CONNECTIONS = "DatabaseConnections"
MIGRATIONS = "CREATE TABLE IF NOT EXISTS schema_migrations (version TEXT PRIMARY KEY, applied_at TEXT)"


class DatabaseClients:
    """All services of a scenario that use a database, and the database's own metrics."""

    def __init__(
        self,
        simulation: Simulation,
        specs: Sequence[DatabaseClient],
        migrations: Sequence[Migration],
        opening: datetime,
    ) -> None:
        self._simulation = simulation
        self._migrations = {each.revision: each for each in migrations}
        self._model: RdsModel = simulation.parts[RdsModel]
        self._services = {(spec.cluster, spec.service): Service(simulation, spec, opening) for spec in specs}
        self._tasks: dict[str, Client] = {}
        simulation.on_task_started.append(self._started)
        simulation.on_task_stopped.append(self._stopped)
        simulation.truth["truth/database"] = self._truth
        busy_since = min(opening + spec.busy_since for spec in specs)
        simulation.world.at(busy_since, self._every_minute)

    def _started(self, cluster: str, service: str, task: Task) -> None:
        found = self._services.get((cluster, service))
        if found is not None:
            client = Client(self._simulation, found, task)
            migration = self._migrations.get(client.revision)
            if migration is not None:
                client.migrate(migration)
            self._tasks[task.arn] = client

    def _stopped(self, cluster: str, service: str, task: Task) -> None:
        del cluster, service
        client = self._tasks.pop(task.arn, None)
        if client is not None:
            client.stop()

    def _every_minute(self) -> None:
        """Measure the open connections of every cluster that has an instance, as RDS does."""
        now = self._simulation.world.now()
        for cluster in self._model.clusters.values():
            writer = self._model.writer(cluster)
            if writer is None:
                continue
            value = float(sum(cluster.sessions.values()))
            for dimensions in (
                {"DBClusterIdentifier": cluster.identifier},
                {"DBInstanceIdentifier": writer.identifier},
            ):
                self._simulation.metrics.put("AWS/RDS", CONNECTIONS, dimensions, now, value, region=cluster.region)
        self._simulation.world.at(now + MINUTE, self._every_minute)

    def _truth(self, query: dict[str, str]) -> JsonValue:
        """Return who uses which host, and of ``cluster`` every write, and its rows now or at the end of ``at``."""
        tasks: list[JsonValue] = [
            {"service": client.service.spec.service, "host": client.host, "cluster": client.uses}
            for client in self._tasks.values()
        ]
        found = self._model.clusters.get((self._simulation.region, query.get("cluster", "")))
        if found is None:
            return {"tasks": tasks}
        rows = found.database.as_of(datetime.fromisoformat(query["at"])) if query.get("at") else found.database
        writes: list[JsonValue] = [
            {"time": each.at.isoformat(), "by": each.by, "rows": each.rows} for each in found.database.log
        ]
        return {"tasks": tasks, "writes": writes, "tables": rows.to_json()}


class Service:
    """What the tasks of one service have in common."""

    def __init__(self, simulation: Simulation, spec: DatabaseClient, opening: datetime) -> None:
        self.spec = spec
        self.busy_since = opening + spec.busy_since
        self._simulation = simulation
        self._numbers = count(1)
        self._log = LogWriter(simulation.world)
        self._said: dict[str, datetime] = {}

    def host(self) -> str:
        """Return the host that the parameter names now; empty if there is no such parameter."""
        found = ssm_backends[ACCOUNT][self._simulation.region].get_parameter(self.spec.host_parameter)
        return str(found.value) if found else ""

    def values(self) -> dict[str, JsonValue]:
        """Return what the next statement may refer to."""
        return {"n": next(self._numbers), "now": self._simulation.world.now().isoformat(timespec="milliseconds")}

    def measure(self, metric: str, value: float, cluster: Cluster | None = None) -> None:
        """Emit one of the service's metrics: by cluster and second, or without dimensions by the minute."""
        dimensions = {"DBClusterIdentifier": cluster.identifier} if cluster else {}
        now = self._simulation.world.now()
        resolution = 1 if cluster else 60
        self._simulation.metrics.put(self.spec.namespace, metric, dimensions, now, value, resolution=resolution)

    def log(self, task: str, message: str) -> None:
        """Write a line to the service's log, the same one at most once a minute."""
        now = self._simulation.world.now()
        if message in self._said and now - self._said[message] < MINUTE:
            return
        self._said[message] = now
        group, stream = f"/{self.spec.cluster}/{self.spec.service}", f"{self.spec.service}/{task[:12]}"
        self._log.write(self._simulation.region, group, stream, message)


class Client:
    """One running task. It reads the host when it starts, and never again.

    Attributes:
        host: what it was told; empty if nothing.
        revision: family and revision of its task definition.
    """

    def __init__(self, simulation: Simulation, service: Service, task: Task) -> None:
        self.service = service
        self._world = simulation.world
        self._model: RdsModel = simulation.parts[RdsModel]
        self._id = task.arn.rpartition("/")[2]
        self.revision = task.task_definition.rpartition("/")[2]
        self._chance = self._world.random(f"client/{self._id}")
        self._cluster: Cluster | None = None
        self._alive = True
        self.host = service.host()
        self._say(f"INFO started {self.revision} database={self.host or '(none)'}")
        self._reach()
        first = max(service.busy_since, self._world.now())
        self._world.at(first + self._pause() * self._chance.random(), self._work)

    @property
    def uses(self) -> str:
        """Return the cluster it is connected to; empty if none."""
        return self._cluster.identifier if self._cluster else ""

    def migrate(self, migration: Migration) -> None:
        """Do to the database what this revision wants, unless it was done: also to a restored one (ledger E-78)."""
        if self._cluster is None:
            return
        database, now = self._cluster.database, self._world.now()
        database.execute(now, MIGRATIONS, {}, self._id)
        record = "INSERT OR IGNORE INTO schema_migrations VALUES (:version, :now)"
        values = {"version": migration.version, "now": now.isoformat()}
        if not database.execute(now, record, values, self._id).changed:
            return
        self._say(f"INFO MIGRATION {migration.version} started on {self._cluster.identifier}")
        changed = sum(database.execute(now, sql, {}, self._id).changed for sql in migration.sql)
        self._say(f"INFO MIGRATION {migration.version} done, {changed} rows")

    def stop(self) -> None:
        """Close the connections."""
        self._alive = False
        self._let_go()

    def _work(self) -> None:
        if not self._alive:
            return
        cluster = self._reach()
        self.service.measure("DatabaseErrors", 0.0 if cluster else 1.0)
        if cluster is not None:
            self._use(cluster)
        self._world.at(self._world.now() + self._pause(), self._work)

    def _reach(self) -> Cluster | None:
        """Connect, unless it is connected; say why if nobody answers."""
        try:
            cluster = self._model.connect(self.host, self.service.spec.security_group)
        except ConnectionError as error:
            self._let_go()
            self._say(f"ERROR {error}")
            return None
        cluster.sessions[self._id] = POOL
        self._cluster = cluster
        return cluster

    def _let_go(self) -> None:
        """Forget a cluster that does not answer any more."""
        if self._cluster is not None:
            self._cluster.sessions.pop(self._id, None)
        self._cluster = None

    def _use(self, cluster: Cluster) -> None:
        """Write once, read once."""
        spec, values = self.service.spec, self.service.values()
        try:
            if spec.write:
                cluster.database.execute(self._world.now(), spec.write, values, self._id)
                self.service.measure("DatabaseWrites", 1.0, cluster)
            if spec.wrong:
                found = cluster.database.execute(self._world.now(), spec.wrong, values, self._id).rows
                wrong = bool(found and found[0][0])
                self.service.measure("WrongAnswers", 1.0 if wrong else 0.0)
                if wrong:
                    self._say(f"ERROR WRONG_ANSWER from {cluster.identifier}")
        except SqlError as error:
            self.service.measure("DatabaseErrors", 1.0)
            self._say(f"ERROR {error}")

    def _pause(self) -> timedelta:
        return self.service.spec.pause * self._chance.uniform(0.7, 1.3)

    def _say(self, message: str) -> None:
        self.service.log(self._id, message)
