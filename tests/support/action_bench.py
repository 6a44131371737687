"""One step of a run on a bench: records are folded by the engine's own fold, AWS answers what the test says.

For actions by themselves; whole runs are tested with the engine over the simulator.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import JsonValue

from cockpit.aws.port import AwsAnswer, AwsPort, Identity, Permit, ReadFailed
from cockpit.config.schema import Host
from cockpit.engine import records as r
from cockpit.engine.actions.base import Result
from cockpit.engine.commands import StepCommand
from cockpit.engine.context import run_context
from cockpit.engine.fold import fold
from cockpit.engine.prompts import PlannedCall, Prompt
from cockpit.engine.state import RunState
from cockpit.model.reading import Fault, FaultKind
from cockpit.model.scope import EnvironmentKind, Scope
from cockpit.plans.expressions import resolve
from cockpit.plans.probe import Probe, Read
from cockpit.plans.schema import Plan, Step

START = datetime(2026, 1, 31, 3, 20, 0, tzinfo=UTC)
ACCOUNT, REGION = "123456789012", "us-east-1"
ROLE = f"arn:aws:sts::{ACCOUNT}:assumed-role/operator/kim"
SCOPE = Scope("demo", EnvironmentKind.DEMO, ACCOUNT, REGION, ROLE)

Answer = Callable[[dict[str, JsonValue]], dict[str, JsonValue]] | dict[str, JsonValue] | Fault


def denied(what: str = "x") -> Fault:
    """Return the fault of a call that the caller may not make."""
    return Fault(FaultKind.DENIED, f"not allowed: {what}", code="AccessDeniedException")


def missing(code: str = "ResourceNotFoundException") -> Fault:
    """Return the fault of a call about something that is not there."""
    return Fault(FaultKind.NOT_FOUND, "there is no such thing", code=code)


def a_plan(step: dict[str, Any], *, effect: str = "read", before: Sequence[dict[str, Any]] = (), **more: Any) -> Plan:
    """Return a plan whose last step is called ``step``, with the action given."""
    common = {"title": "A step", "why": "because", "source": ["+1"], "effect": effect}
    plan: dict[str, Any] = {
        "id": "test/plan",
        "title": "A plan",
        "source": [{"document": "S0", "title": "T", "lines": "1"}],
        "severity": "high",
        "trigger": {"words": "when"},
        "expected_behaviour": "none",
        "objectives": {"rpo": "PT15M"},
        "authorization": {"words": "anyone"},
        "targets": ["t"],
        "communications": {"texts": []},
        "steps": [*before, {"id": "step", **common, **step}],
        **more,
    }
    return Plan.model_validate(plan)


class HandClock:
    """A clock that only moves when somebody waits by it."""

    def __init__(self, at: datetime = START) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)
        await asyncio.sleep(0)


@dataclass
class ScriptedPort(AwsPort):
    """AWS as the test says: (service, operation) to an answer, a function of the parameters, or a fault."""

    answers: dict[tuple[str, str], Answer] = field(default_factory=dict)
    who: Identity | Fault = field(default_factory=lambda: Identity(ACCOUNT, ROLE))
    skew: float | Fault = 0.0
    sent: list[tuple[str, str, dict[str, JsonValue]]] = field(default_factory=list)

    async def read(
        self, service: str, operation: str, region: str, params: dict[str, JsonValue], *, pages: bool = False
    ) -> AwsAnswer:
        self.sent.append((service, operation, params))
        answer = self.answers.get((service, operation), missing())
        if callable(answer):
            answer = answer(params)
        return AwsAnswer(_or_raise(answer))

    async def mutate(self, permit: Permit, params: dict[str, JsonValue]) -> AwsAnswer:
        raise NotImplementedError

    async def identity(self, region: str) -> Identity:
        return _or_raise(self.who)

    async def clock_skew(self, region: str) -> float:
        return _or_raise(self.skew)

    async def close(self) -> None:
        pass


def _or_raise(answer: Any) -> Any:
    if isinstance(answer, Fault):
        raise ReadFailed(answer)
    return answer


@dataclass
class Bench:
    """A `StepContext` for the step called ``step`` of a plan.

    Attributes:
        people: what a person answers to each prompt, in order; functions of the prompt.
        changed: the mutations that were sent; `on_change` lets the test play AWS.
    """

    plan: Plan
    folder: Path = Path("/nowhere")
    port: ScriptedPort = field(default_factory=ScriptedPort)
    clock: HandClock = field(default_factory=HandClock)
    people: list[Callable[[Any], StepCommand]] = field(default_factory=list)
    on_change: Callable[[PlannedCall], None] = lambda call: None
    dry: bool = False
    prompts: list[Prompt] = field(default_factory=list)
    confirmed: list[tuple[tuple[PlannedCall, ...], tuple[str, ...]]] = field(default_factory=list)
    changed: list[PlannedCall] = field(default_factory=list)
    seen: dict[str, tuple[str, bool | None]] = field(default_factory=dict)
    records: list[r.Record] = field(default_factory=list)
    attempt: int = 1
    hosts: Mapping[str, Host] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._state: RunState | None = None
        self.record(
            r.RunOpened(
                run_id="run-1",
                plan_id=self.plan.id,
                plan=self.plan.model_dump(mode="json"),
                plan_digest="0" * 64,
                mode="dry" if self.dry else "live",
                operator="kim",
                host="h",
                environment=SCOPE.environment,
                environment_kind=SCOPE.kind,
                account=SCOPE.account,
                region=SCOPE.region,
                role=SCOPE.role,
                names={},
                cockpit="0",
            )
        )
        if not self.dry:
            self.record(r.Armed(typed=SCOPE.environment))
        self.record(r.StepStarted(step="step", attempt=1))

    @property
    def step(self) -> Step:
        return self.plan.step("step")

    @property
    def scope(self) -> Scope:
        return SCOPE

    def state(self) -> RunState:
        assert self._state is not None
        return self._state

    def names(self, extra: Mapping[str, JsonValue] | None = None) -> dict[str, JsonValue]:
        return {**run_context(self.state(), self.clock.now()), **(extra or {})}

    def resolve(self, value: JsonValue, extra: Mapping[str, JsonValue] | None = None) -> JsonValue:
        return resolve(value, self.names(extra))

    async def read(self, read: Read, extra: Mapping[str, JsonValue] | None = None) -> dict[str, JsonValue]:
        service, _, operation = read.read.partition(":")
        params = self.resolve(dict(read.params), extra)
        assert isinstance(params, dict)
        return await self.call_read(service, operation, params)

    async def call_read(self, service: str, operation: str, params: dict[str, JsonValue]) -> dict[str, JsonValue]:
        return (await self.port.read(service, operation, REGION, params)).body

    async def probe(self, probe: Probe, extra: Mapping[str, JsonValue] | None = None) -> Result:
        raise NotImplementedError

    def plan_call(
        self, service: str, operation: str, params: dict[str, JsonValue], *, target: str = "", region: str = ""
    ) -> PlannedCall:
        return PlannedCall(
            service=service,
            operation=operation,
            region=region or REGION,
            account=ACCOUNT,
            params=params,
            command=f"aws {service} {operation}",
            target=target,
        )

    async def confirm(self, calls: Sequence[PlannedCall], notes: Sequence[str] = ()) -> None:
        self.confirmed.append((tuple(calls), tuple(notes)))

    def past_answer(self, call: PlannedCall) -> dict[str, JsonValue] | None:
        return None

    async def mutate(
        self,
        call: PlannedCall,
        before: Mapping[str, JsonValue] | None = None,
        capture: Mapping[str, str] | None = None,
    ) -> dict[str, JsonValue]:
        assert self.confirmed, "a mutation was sent that nobody confirmed"
        assert any(call in calls for calls, _ in self.confirmed), "another call than the confirmed ones was sent"
        self.changed.append(call)
        if not self.dry:
            self.on_change(call)
        return {}

    async def ask(self, prompt: Prompt) -> StepCommand:
        self.prompts.append(prompt)
        return self.people.pop(0)(prompt)

    def observe(self, what: str, text: str, *, ok: bool | None = None) -> None:
        self.seen[what] = (text, ok)

    def record(self, record: r.Record) -> None:
        self.records.append(record)
        number = len(self.records) - 1
        entry = r.Entry(seq=number, at=self.clock.now(), driver="kim@h/1", record=record, prev="0", hash="0")
        self._state = fold(self._state, entry)
