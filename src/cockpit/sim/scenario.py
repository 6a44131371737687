"""Scenario files: who and what there is, and what happened before, and will happen after, somebody opens the cockpit.

A scenario sets its stage with ordinary AWS calls, each at its own time relative to the opening (`at: -PT38M`), so a
scenario needs no code, and every call is checked as AWS would check it.
"""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, JsonValue, StringConstraints, model_validator

from cockpit.config.paths import data_folder
from cockpit.config.schema import Environment, Region
from cockpit.model.text import clean
from cockpit.plans.document import Document, DocumentError, Problem
from cockpit.plans.yaml_document import read_document, validate_document
from cockpit.sim.fault_rule import FaultRule
from cockpit.sim.lambda_spec import LambdaCalls
from cockpit.sim.propie_spec import PropieSpec
from cockpit.sim.secrets_spec import RotationFunction, SecretUser

Call = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+:[A-Z][A-Za-z0-9]+$")]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class RegionGone(_Section):
    """A region that goes down: what runs in it stops, and calls to it get no answer any more.

    Attributes:
        spares: services that go on all the same (patterns). IAM and Route 53 have their control planes in us-east-1.
        kind: ``silent`` (no answer until the client gives up) or ``reset`` (connections break at once).
    """

    region: Region
    spares: tuple[str, ...] = ()
    kind: Literal["silent", "reset"] = "silent"


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


class Event(_Section):
    """One AWS call at one time, or something that goes wrong with AWS from then on.

    Attributes:
        at: time relative to the opening of the cockpit, ISO 8601, negative for the past: ``-PT38M``, ``-P30D``.
        fault: what goes wrong with calls over the network; instead of `call`.
        gone: a region that goes down for good; instead of `call`.
        lasts: for how long it does; without it, to the end.
        call: service and operation as in a plan: ``codedeploy:CreateDeployment``.
        params: its parameters, written under ``with``; ``{{ name.Member }}`` is an answer saved before.
        save: name under which the answer is kept for later events.
        region: another region than the scenario's.
    """

    at: timedelta
    call: Call | None = None
    params: dict[str, JsonValue] = Field(default_factory=dict, alias="with")
    save: Name | None = None
    region: Region | None = None
    fault: FaultRule | None = None
    gone: RegionGone | None = None
    lasts: timedelta | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if sum(kind is not None for kind in (self.call, self.fault, self.gone)) != 1:
            raise ValueError("an event is either a call or a fault or a region that is gone")
        if self.fault is None and self.lasts is not None:
            raise ValueError("lasts belongs to a fault")
        if self.call is None and (self.params or self.save or self.region):
            raise ValueError("with, save and region belong to a call; faults have a region of their own")
        return self


class Fault(_Section):
    """What is wrong with a revision of the worker.

    Attributes:
        revision: family and revision of a task definition: ``syncwell-worker:43``.
        kind: ``overwrites`` replaces users' configurations by empty ones; ``errors`` makes syncs fail.
        share: share of the revision's syncs that go wrong.
    """

    revision: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]+:\d+$")]
    kind: Literal["overwrites", "errors"]
    share: float = Field(gt=0, le=1)


class ApplicationSpec(_Section):
    """SyncWell: how much goes on in it. Names of its resources are the environment's ``names.syncwell``.

    Attributes:
        users: how many there are, besides the known-good accounts.
        users_since: when they were written to the table.
        busy_since: since when workers and users write; before that the table is quiet.
        sync_pause: average pause between two syncs of one task.
        edit_pause: average pause between two edits by users, all together.
    """

    users: int = Field(default=400, ge=1, le=100_000)
    users_since: timedelta = timedelta(days=-30)
    busy_since: timedelta = timedelta(hours=-6)
    sync_pause: timedelta = timedelta(seconds=8)
    edit_pause: timedelta = timedelta(seconds=5)


class Migration(_Section):
    """What the first task of a revision does to a database that does not have it yet.

    Attributes:
        revision: family and revision of a task definition: ``core-api:2``.
        version: name under which the database remembers it, in its table ``schema_migrations``.
        sql: its statements, in SQLite's dialect.
    """

    revision: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]+:\d+$")]
    version: str
    sql: tuple[str, ...] = Field(min_length=1)


class DatabaseClient(_Section):
    """An ECS service whose tasks use an Aurora cluster. Its log group is ``/<cluster>/<service>``.

    SQL is SQLite's; ``:n`` is a number that rises with each use, ``:now`` the time, ISO 8601.

    Attributes:
        cluster, service: the ECS service, by short names.
        host_parameter: SSM parameter that tells a task, when it starts, which host to connect to.
        security_group: the group that lets the tasks in; a cluster without it lets them wait.
        namespace: of its metrics: DatabaseWrites (per second, by cluster), DatabaseErrors, WrongAnswers.
        busy_since: since when it works; before that it is connected and quiet.
        pause: average pause between two uses of one task.
        write: statement that writes; without one it only reads.
        wrong: query for one number; above 0, what a user was just shown was wrong.
    """

    cluster: str
    service: str
    host_parameter: str
    security_group: str
    namespace: str
    busy_since: timedelta = timedelta(hours=-6)
    pause: timedelta = timedelta(seconds=6)
    write: str = ""
    wrong: str = ""


class Scenario(_Section):
    """One scenario file.

    Attributes:
        title: one line for lists.
        story: what the person in the cockpit does not know yet; for whoever prepares a drill.
        based_on: one or more other files, relative to this one, whose sections hold where this one and later ones say
            nothing, and whose timelines go before. Names of their environments add up.
        environment: as in cockpit.toml; `cockpit demo` uses it as its configuration.
        region: region of the calls that name none; without it the environment's first.
        database_clients: services that use Aurora clusters.
        migrations: what revisions of these services do to their database.
        restore_takes: how long a restore takes, of a DynamoDB table or an Aurora cluster.
        lambda_calls: calls that aliases of Lambda functions get.
        propie: how much goes on in PropIE.
        secret_users: services that log in to a database with a secret.
        rotation_functions: Lambda functions that rotate such secrets.
        quiet_alarms: so many further alarms that are OK; for trying out what thousands of alarms feel like.
    """

    title: str
    story: str = ""
    based_on: Annotated[tuple[str, ...], BeforeValidator(_as_list)] = ()
    environment: Environment | None = None
    region: Region | None = None
    application: ApplicationSpec | None = None
    faults: tuple[Fault, ...] = ()
    database_clients: tuple[DatabaseClient, ...] = ()
    migrations: tuple[Migration, ...] = ()
    restore_takes: timedelta | None = None
    lambda_calls: tuple[LambdaCalls, ...] = ()
    propie: PropieSpec | None = None
    secret_users: tuple[SecretUser, ...] = ()
    rotation_functions: tuple[RotationFunction, ...] = ()
    quiet_alarms: int = Field(default=0, ge=0, le=100_000)
    timeline: tuple[Event, ...] = ()


@dataclass(frozen=True, slots=True)
class PlacedEvent:
    """An event and where it is written."""

    event: Event
    document: Document
    index: int

    def problem(self, message: str) -> DocumentError:
        """Return an error that points at the event's line."""
        what = f"{self.event.call}: {clean(message, 600)}"
        return DocumentError((self.document.problem(("timeline", self.index), what),))


@dataclass(frozen=True, slots=True)
class LoadedScenario:
    """A scenario with what it is based on.

    Attributes:
        scenario: sections of both files, without the timelines.
        events: both timelines, in order of time.
    """

    name: str
    scenario: Scenario
    environment: Environment
    events: tuple[PlacedEvent, ...]


def load_scenario(name_or_path: str | Path) -> LoadedScenario:
    """Load a scenario by its name (``syncwell-corruption``) or its file.

    Raises:
        DocumentError: there is no such scenario, or its file is wrong; says where and what was expected.
    """
    path = _find(str(name_or_path))
    scenario, events = _read(path, ())
    if scenario.environment is None:
        words = "environment: is missing; it says account, regions and names"
        raise DocumentError((Problem(str(path), 0, 0, "", words),))
    events.sort(key=lambda placed: placed.event.at)
    return LoadedScenario(path.stem, scenario, scenario.environment, tuple(events))


def find_scenarios() -> tuple[Path, ...]:
    """Return the files of the scenarios that come with the cockpit, in order of their names."""
    return tuple(sorted(data_folder("scenarios").glob("*.yaml")))


def _read(path: Path, above: tuple[Path, ...]) -> tuple[Scenario, list[PlacedEvent]]:
    """Read a file and what it is based on; `above` are the files that led here."""
    document = read_document(path)
    scenario = validate_document(document, Scenario)
    own = [PlacedEvent(event, document, index) for index, event in enumerate(scenario.timeline)]
    merged: dict[str, Any] = {}
    events: list[PlacedEvent] = []
    for name in scenario.based_on:
        below = (path.parent / name).resolve()
        if below in above:
            raise DocumentError((document.problem(("based_on",), "the file is, in the end, based on itself"),))
        base, earlier = _read(below, (*above, below))
        merged = _over(merged, base)
        events += earlier
    return Scenario.model_validate(_over(merged, scenario)), [*events, *own]


def _over(below: dict[str, Any], scenario: Scenario) -> dict[str, Any]:
    """Return the sections with those of a scenario laid over them; names of environments add up, system by system."""
    given = scenario.model_dump(include=scenario.model_fields_set, exclude={"timeline", "based_on"})
    old, new = below.get("environment"), given.get("environment")
    if old and new:
        systems = {**old["names"], **new["names"]}
        added = {system: {**old["names"].get(system, {}), **names} for system, names in systems.items()}
        given["environment"] = {**old, **new, "names": added}
    return {**below, **given}


def _find(name: str) -> Path:
    if name.endswith((".yaml", ".yml")) or "/" in name:
        return Path(name)
    known = find_scenarios()
    for path in known:
        if path.stem == name:
            return path
    words = f"there is no scenario of that name; there are: {', '.join(path.stem for path in known) or 'none'}"
    raise DocumentError((Problem(clean(name, 100), 0, 0, "", words),))
