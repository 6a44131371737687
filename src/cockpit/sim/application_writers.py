"""Who writes to SyncWell's table: the tasks of the worker service, and users who edit through the API."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from cockpit.sim.application_users import configuration, revision_of
from cockpit.sim.ecs_model import EcsModel
from cockpit.sim.simulation import Task

if TYPE_CHECKING:
    from cockpit.sim.application import Application

WORKER_ROLE = "syncwell-worker"
API_ROLE = "syncwell-api"
API_LOOKS_AFTER = timedelta(seconds=30)  # how often the API asks AppConfig for its configuration
LINES_APART = timedelta(minutes=1)  # between two lines that say the same
SUMMARY_EVERY = 50  # syncs


class Worker:
    """One running task. It reads the table's name when it starts, and never again (ledger E-10).

    Attributes:
        table: the table it writes to.
    """

    def __init__(self, application: "Application", task: Task) -> None:
        self._application = application
        self.task = task
        self._alive = True
        self._id = task.arn.rpartition("/")[2]
        self._stream = f"worker/{self._id[:12]}"
        self._chance = application.world.random(f"task/{self._id}")
        self._fault = application.fault_of(task)
        self._revision = task.task_definition.rpartition(":")[2]
        self._wrong = self._chance.random()
        self._syncs = 0
        configured = application.configuration().get(application.names.table_parameter)
        self.table = configured if isinstance(configured, str) else ""
        application.log(self._stream, f"INFO worker started revision={self._revision} table={self.table or '(none)'}")
        first = max(task.started_at, application.busy_since, application.world.now())
        application.world.at(first + self._pause(100.0) * self._chance.random(), self._work)

    def stop(self) -> None:
        """Stop writing."""
        self._alive = False
        self._application.log(self._stream, f"INFO worker stopped revision={self._revision}")

    def _work(self) -> None:
        if not self._alive or self._application.is_down:
            return
        weight = self._traffic()
        if weight > 0:
            self._sync()
        now = self._application.world.now()
        self._application.world.at(now + self._pause(weight), self._work)

    def _sync(self) -> None:
        """Carry out one due sync: well, or as the revision's fault has it."""
        application = self._application
        self._syncs += 1
        if self._syncs % SUMMARY_EVERY == 0:
            application.log(self._stream, f"INFO {SUMMARY_EVERY} syncs done revision={self._revision}")
        goes_wrong = self._goes_wrong()
        if goes_wrong and self._fault is not None and self._fault.kind == "errors":
            application.measure("SyncErrorPercent", 100.0)
            application.log(
                self._stream, f"ERROR SYNC_FAILED revision={self._revision} NullReferenceException in SyncPlanner"
            )
            return
        if goes_wrong:
            self._overwrite()
        refused = self._touch()
        application.measure("SyncErrorPercent", 100.0 if refused else 0.0)

    def _touch(self) -> str:
        """Note in a user's configuration that it was synced; return why that was refused."""
        application = self._application
        key = self._chance.choice(application.users.ordinary)
        item = application.item(self.table, key)
        if item is None:
            return "no such item"
        if not item["syncs"]["L"]:
            return ""  # nothing to sync for this user, so nothing fails and nothing is written
        synced = {**item, "lastSyncAt": {"S": application.world.now().isoformat(timespec="seconds")}}
        refused = application.write(self.table, synced, WORKER_ROLE, self._id)
        if refused:
            application.log(self._stream, f"ERROR {refused}")
        return refused

    def _overwrite(self) -> None:
        """Do what the fault does: replace a user's configuration by an empty one."""
        application = self._application
        key = application.users.victim()
        item = application.item(self.table, key)
        if item is None or not item["syncs"]["L"]:
            return
        count, revision = len(item["syncs"]["L"]), revision_of(item)
        empty = configuration(key, [], revision + 1, application.world.now(), f"worker/{self._revision}")
        if application.write(self.table, empty, WORKER_ROLE, self._id, good=False):
            return
        user = key["pk"]["S"]
        application.log(
            self._stream,
            f"WARN CONFIG_OVERWRITTEN user={user} syncs={count}->0 revision={revision}->{revision + 1}"
            f" worker_revision={self._revision}",
        )
        application.overwritten()

    def _goes_wrong(self) -> bool:
        """Tell whether this sync is one of the share that goes wrong; evenly spread."""
        if self._fault is None:
            return False
        self._wrong += self._fault.share
        if self._wrong < 1.0:
            return False
        self._wrong -= 1.0
        return True

    def _pause(self, weight: float) -> timedelta:
        """Return the pause to the next sync: longer where less traffic goes; without any, look again soon."""
        average = self._application.spec.sync_pause
        return average * self._chance.uniform(0.7, 1.3) * (100.0 / weight if weight > 0 else 1.0)

    def _traffic(self) -> float:
        """Return the share of the traffic that goes to this task's task set, percent."""
        application = self._application
        model: EcsModel | None = application.simulation.parts.get(EcsModel)
        names = application.names
        service = model.find(application.simulation.region, names.cluster, names.service) if model else None
        for task_set in service.task_sets if service else ():
            if any(task.arn == self.task.arn for task in task_set.tasks):
                return float(task_set.weight)
        return 100.0


class Editors:
    """Users who edit their configurations through the API. The API asks AppConfig every half minute."""

    def __init__(self, application: "Application") -> None:
        self._application = application
        self._chance = application.world.random("editors")
        self._configuration: dict[str, Any] = {}
        self._asked_at = application.busy_since - API_LOOKS_AFTER
        self._complained_at = self._asked_at

    def edit(self) -> None:
        """Save one edit, unless the service is in maintenance mode, and go on with the next one a little later."""
        application = self._application
        if application.is_down:
            return
        now = application.world.now()
        if now - self._asked_at >= API_LOOKS_AFTER:
            self._configuration, self._asked_at = application.configuration(), now
        if not self._configuration.get(application.names.maintenance_parameter):
            self._save()
        pause = application.spec.edit_pause * self._chance.uniform(0.3, 1.7)
        application.world.at(now + pause, self.edit)

    def _save(self) -> None:
        """Save one user's changed configuration."""
        application = self._application
        now = application.world.now()
        table = str(self._configuration.get(application.names.table_parameter, ""))
        key = self._chance.choice(application.users.ordinary)
        item = application.item(table, key)
        if item is None:
            application.measure("ApiErrors", 1.0)
            return
        minutes = {"N": str(self._chance.choice((5, 15, 60)))}
        syncs = [{"M": {**sync["M"], "everyMinutes": minutes}} for sync in item["syncs"]["L"]]
        changed = configuration(key, syncs, revision_of(item) + 1, now, "api")
        if not syncs:
            return  # the user sees an empty list, and leaves it to support
        refused = application.write(table, changed, API_ROLE, "api")
        application.measure("ApiErrors", 1.0 if refused else 0.0)
        application.measure("ApiLatency", self._chance.uniform(40, 160))
        if refused and now - self._complained_at >= LINES_APART:
            self._complained_at = now
            application.log("api", f"ERROR {refused}")
