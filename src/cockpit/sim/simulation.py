"""What the parts of the simulated AWS offer each other."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from pydantic import JsonValue

from cockpit.sim.calls import CallLog
from cockpit.sim.world import World

ACCOUNT = "123456789012"
REGION = "us-east-1"


@dataclass(frozen=True, slots=True)
class Task:
    """One running task of a service.

    Attributes:
        task_definition: ARN of its task definition, with the revision.
        started_at: when it reached RUNNING, UTC.
    """

    arn: str
    task_definition: str
    started_at: datetime


@dataclass(frozen=True, slots=True)
class AlarmChange:
    """An alarm changed its state."""

    name: str
    region: str
    state: str
    at: datetime


class Alarms(Protocol):
    """Alarms as CodeDeploy, AppConfig and composites watch them."""

    def state(self, name: str, region: str) -> str | None:
        """Return OK, ALARM or INSUFFICIENT_DATA; None if there is no such alarm."""

    def on_transition(self, listener: Callable[[AlarmChange], None]) -> None:
        """Call `listener` at every change of state, when it happens, under the world's lock."""


class Metrics(Protocol):
    """The metric store, as the services that emit metrics use it."""

    def put(
        self,
        namespace: str,
        name: str,
        dimensions: dict[str, str],
        at: datetime,
        value: float,
        *,
        resolution: int = 60,
        region: str = REGION,
    ) -> None:
        """Record one value; `resolution` is 60 or 1 second(s)."""


class _NoAlarms:
    def state(self, name: str, region: str) -> str | None:
        del name, region
        return None

    def on_transition(self, listener: Callable[[AlarmChange], None]) -> None:
        del listener


class _NoMetrics:
    def put(
        self,
        namespace: str,
        name: str,
        dimensions: dict[str, str],
        at: datetime,
        value: float,
        *,
        resolution: int = 60,
        region: str = REGION,
    ) -> None:
        del namespace, name, dimensions, at, value, resolution, region


def _no_tasks(cluster: str, service: str) -> Sequence[Task]:
    del cluster, service
    return ()


def _no_configuration(application: str, environment: str, profile: str) -> bytes | None:
    del application, environment, profile
    return None


def _no_port(application: Callable[..., Iterable[bytes]]) -> str:
    del application
    return "127.0.0.1"


def _no_client(service: str, region: str) -> Any:
    raise LookupError(f"no client for {service} in {region}: the front is not up yet")


@dataclass(slots=True)
class Simulation:
    """The simulated AWS: the world, and what each service module puts in place for the others in its `install`.

    Attributes:
        running_tasks: (cluster name, service name) → tasks in state RUNNING; set by ECS.
        on_task_started, on_task_stopped: listeners that ECS calls with (cluster, service, task), when it happens.
        current_configuration: (application, environment, profile names) → deployed content; set by AppConfig.
        client: (service, region) → a boto3 client whose calls are answered in this process, without the network,
            at the world's present moment; the scenario sets the stage with it.
        listen: lets a WSGI application listen on a port of its own; returns its address, host and port.
        parts: the models that other services build on, by their class; each is put there by its own `install`.
        truth: parts of the answer to ``GET /_cockpit/truth``, by name.
        address: URL under which the latest caller reached the simulator: web addresses in answers begin with it.
        pages: web pages that are no AWS calls, by the beginning of their path: path → HTTP status and JSON.
    """

    world: World
    account: str = ACCOUNT
    region: str = REGION
    calls: CallLog = field(default_factory=CallLog)
    alarms: Alarms = field(default_factory=_NoAlarms)
    metrics: Metrics = field(default_factory=_NoMetrics)
    running_tasks: Callable[[str, str], Sequence[Task]] = _no_tasks
    on_task_started: list[Callable[[str, str, Task], None]] = field(default_factory=list)
    on_task_stopped: list[Callable[[str, str, Task], None]] = field(default_factory=list)
    current_configuration: Callable[[str, str, str], bytes | None] = _no_configuration
    client: Callable[[str, str], Any] = _no_client
    listen: Callable[[Callable[..., Iterable[bytes]]], str] = _no_port
    parts: dict[type, Any] = field(default_factory=dict)
    truth: dict[str, Callable[[dict[str, str]], JsonValue]] = field(default_factory=dict)
    address: str = ""
    pages: dict[str, Callable[[str], tuple[int, JsonValue]]] = field(default_factory=dict)
