"""ECS services that log in to a database with a secret: each task with the version it read when it started.

Nothing in here is told to the cockpit: it sees metrics, log lines, alarms and what an API answers. Passwords are
neither logged nor shown.
"""

from datetime import datetime, timedelta
from http import HTTPStatus

from pydantic import JsonValue

from cockpit.sim.apigateway_api import ApiGateway
from cockpit.sim.log_writer import LogWriter
from cockpit.sim.secrets_model import CURRENT, Secret, SecretsModel, SecretVersion
from cockpit.sim.secrets_rotation import Database, Rotations, password_of
from cockpit.sim.secrets_spec import SecretUser
from cockpit.sim.simulation import Simulation, Task

LINES_APART = timedelta(minutes=1)  # between two lines that say the same
HAND = "/_database/"


class SecretUsers:
    """One service, its database, and its tasks."""

    def __init__(self, simulation: Simulation, spec: SecretUser, opening: datetime) -> None:
        self._simulation = simulation
        self._world = simulation.world
        self._model: SecretsModel = simulation.parts[SecretsModel]
        self.spec = spec
        self.database = Database()
        self.busy_since = opening + spec.busy_since
        self._log = LogWriter(self._world)
        self._said: dict[str, datetime] = {}
        self._tasks: dict[str, _Task] = {}
        simulation.parts[Rotations].databases[spec.secret] = self.database
        simulation.on_task_started.append(self._started)
        simulation.on_task_stopped.append(self._stopped)
        simulation.pages[f"{HAND}{spec.secret}/"] = self._set_by_hand
        if spec.backend:
            simulation.parts[ApiGateway].backends[spec.backend] = self._answer
        self._world.at(self.busy_since, self._open)

    def current(self) -> SecretVersion | None:
        """Return the version that a task gets if it asks now."""
        return self._secret().holder(CURRENT)

    def log_in(self, task: "_Task") -> bool:
        """Let a task log in with what it has; count it, and tell whether it succeeded."""
        accepted = self.database.accepts(task.version)
        version = task.version.version_id if task.version else "none"
        put, now = self._simulation.metrics.put, self._world.now()
        for dimensions in ({}, {"SecretVersion": version}):
            put(self.spec.namespace, "Logins", dimensions, now, 1.0)
            put(self.spec.namespace, "LoginFailures", dimensions, now, 0.0 if accepted else 1.0)
        if not accepted:
            self.log(task.name, f"ERROR the database refused the login (secret version {version})")
        return accepted

    def log(self, stream: str, message: str) -> None:
        """Write a line to the service's log, the same one at most once a minute."""
        now = self._world.now()
        if message in self._said and now - self._said[message] < LINES_APART:
            return
        self._said[message] = now
        group = f"/{self.spec.cluster}/{self.spec.service}"
        self._log.write(self._simulation.region, group, f"{self.spec.service}/{stream}", message)

    def _secret(self) -> Secret:
        return self._model.get(self._simulation.region, self.spec.secret, also_deleted=True)

    def _open(self) -> None:
        """Give the database the password that is current now; tasks that run already begin to use it."""
        current = self.current()
        if current is not None:
            self.database.password = password_of(current)
        for task in self._simulation.running_tasks(self.spec.cluster, self.spec.service):
            self._started(self.spec.cluster, self.spec.service, task)

    def _started(self, cluster: str, service: str, task: Task) -> None:
        if (cluster, service) == (self.spec.cluster, self.spec.service) and self._world.now() >= self.busy_since:
            self._tasks[task.arn] = _Task(self, task.arn.rpartition("/")[2][:12], self._simulation)

    def _stopped(self, cluster: str, service: str, task: Task) -> None:
        del cluster, service
        gone = self._tasks.pop(task.arn, None)
        if gone is not None:
            gone.alive = False

    def _answer(self) -> tuple[int, JsonValue]:
        """Answer somebody who asks the service whether it is well: every task logs in once."""
        refused = [task for task in self._tasks.values() if not self.log_in(task)]
        if refused or not self._tasks:
            said: JsonValue = {"status": "failing", "database": "login refused" if refused else "nobody is there"}
            return HTTPStatus.SERVICE_UNAVAILABLE, said
        return HTTPStatus.OK, {"status": "ok", "database": "ok"}

    def _set_by_hand(self, path: str) -> tuple[int, JsonValue]:
        """Be the person at the database who sets the user's password to that of a version of the secret."""
        version = self._secret().versions.get(path.rpartition("/")[2])
        if version is None or not password_of(version):
            return HTTPStatus.NOT_FOUND, {"error": "the secret has no such version"}
        self.database.password = password_of(version)
        return HTTPStatus.OK, {"status": "set"}


class _Task:
    """One running task. It reads the secret when it starts, and never again (ledger E-43)."""

    def __init__(self, users: SecretUsers, name: str, simulation: Simulation) -> None:
        self._users = users
        self.name = name
        self.version = users.current()
        self.alive = True
        self._world = simulation.world
        self._chance = self._world.random(f"secrets/{name}")
        first = self._users.spec.pause * self._chance.random()
        self._world.at(self._world.now() + first, self._work)

    def _work(self) -> None:
        if self.alive:
            self._users.log_in(self)
            self._world.at(self._world.now() + self._users.spec.pause * self._chance.uniform(0.7, 1.3), self._work)
