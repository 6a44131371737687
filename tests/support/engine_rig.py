"""A scripted AWS and an operator for tests of the engine: what a real endpoint cannot be made to do on demand."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cockpit.aws.port import AwsAnswer, CallRejected, GuardRefused, Identity, OutcomeUnknown, Permit, ReadFailed
from cockpit.config.schema import Environment
from cockpit.engine import commands as c
from cockpit.engine import prompts as p
from cockpit.engine.driven_run import DrivenRun
from cockpit.engine.driver import restore_halted, resume_run, start_run
from cockpit.engine.records import Entry
from cockpit.engine.state import RunState
from cockpit.model.clock import ScaledClock
from cockpit.model.reading import Fault, FaultKind
from cockpit.model.scope import EnvironmentKind
from cockpit.plans.schema import Plan

ACCOUNT = "123456789012"
REGION = "us-east-1"
ENVIRONMENT = Environment(
    kind=EnvironmentKind.DRILL, account=ACCOUNT, regions=(REGION,), names={"shop": {"table": "Orders"}}
)


def fault(kind: FaultKind = FaultKind.UNREACHABLE, message: str = "no line") -> Fault:
    return Fault(kind, message, "wait", "X")


class ScriptedPort:
    """`AwsPort` of functions. `mutations` lists what was sent; a mutation handler may raise."""

    def __init__(self) -> None:
        self.account = ACCOUNT
        self.reads: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {}
        self.changes: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {}
        self.mutations: list[tuple[str, dict[str, Any]]] = []
        self.permits: list[Permit] = []
        self.closed = False

    async def read(self, service: str, operation: str, region: str, params: Any, *, pages: bool = False) -> AwsAnswer:
        handler = self.reads.get(f"{service}:{operation}")
        if handler is None:
            raise ReadFailed(fault(FaultKind.REJECTED, f"{service}:{operation} is not scripted"))
        return AwsAnswer(handler(params), "read-1")

    async def mutate(self, permit: Permit, params: Any) -> AwsAnswer:
        self.permits.append(permit)
        name = f"{permit.service}:{permit.operation}"
        self.mutations.append((name, params))
        handler = self.changes.get(name)
        return AwsAnswer(handler(params) if handler else {}, f"request-{len(self.mutations)}")

    async def identity(self, region: str) -> Identity:
        return Identity(self.account, f"arn:aws:iam::{self.account}:user/op")

    async def clock_skew(self, region: str) -> float:
        return 0.0

    async def close(self) -> None:
        self.closed = True


def lost(*evidence: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    def handler(_params: dict[str, Any]) -> dict[str, Any]:
        raise OutcomeUnknown(evidence or ("the connection was reset",))

    return handler


def rejected(message: str = "no such service") -> Callable[[dict[str, Any]], dict[str, Any]]:
    def handler(_params: dict[str, Any]) -> dict[str, Any]:
        raise CallRejected(fault(FaultKind.REJECTED, message), "request-x")

    return handler


def refused(message: str = "the guard says no") -> Callable[[dict[str, Any]], dict[str, Any]]:
    def handler(_params: dict[str, Any]) -> dict[str, Any]:
        raise GuardRefused(message)

    return handler


def make_plan(*steps: dict[str, Any], **changes: Any) -> Plan:
    """Return a small plan with the given steps; each is filled up with what every step needs."""
    filled = [{"title": step["id"], "why": "test", "source": ["S0:117"], "effect": "read", **step} for step in steps]
    plan: dict[str, Any] = {
        "id": "shop/plan-t-test",
        "title": "Test plan",
        "source": [{"document": "S0", "title": "Test", "lines": "1-2"}],
        "severity": "SEV1",
        "trigger": {"words": "never"},
        "expected_behaviour": "none",
        "objectives": {"rto": "PT4H", "rpo": "PT15M"},
        "authorization": {"words": "anyone"},
        "inputs": {"table": {"title": "Table", "default": "{{ scope.names.shop.table }}"}},
        "targets": ["{{ inputs.table }}"],
        "communications": {
            "texts": [{"phase": "initial", "title": "Down", "basis": "draft", "text": "Down since {{ run.halted_at }}"}]
        },
        "steps": filled,
        **changes,
    }
    return Plan.model_validate(plan)


SCALE = {
    "id": "scale",
    "effect": "mutate",
    "aws": {
        "call": "ecs:UpdateService",
        "params": {"cluster": "shop", "service": "worker", "desiredCount": 0},
        "capture": {"desired": "answer.service.desiredCount"},
        "reconcile": {
            "how": "declared",
            "read": "ecs:DescribeServices",
            "params": {"cluster": "shop", "services": ["worker"]},
            "done_when": "answer.services[0].desiredCount == `0`",
            "unchanged_when": "answer.services[0].desiredCount == before.desired",
            "capture": {"desired": "answer.services[0].desiredCount"},
        },
    },
}

HALTS = {
    **SCALE,
    "halts": [{"name": "desired", "what": "desired count", "value": "`4`"}],
    "undo": {
        "words": "Scale up again",
        "aws": {
            "call": "ecs:UpdateService",
            "params": {"cluster": "shop", "service": "worker", "desiredCount": "{{ run.halted.desired }}"},
        },
    },
}
UP = {
    "id": "up",
    "effect": "mutate",
    "aws": {"call": "ecs:UpdateService", "params": {"cluster": "shop", "service": "worker", "desiredCount": 4}},
}
LOOK = {"id": "look", "checklist": {"items": [{"id": "seen", "text": "Seen?"}]}}


class Rig:
    """A run with its scripted AWS; the clock runs so fast that an hour passes in a second."""

    def __init__(self, folder: Path, *, speed: float = 3600.0) -> None:
        self.folder = folder
        self.port = ScriptedPort()
        self.clock = ScaledClock(datetime.now(UTC), speed)
        self.run: DrivenRun | None = None
        self.port.reads["iam:SimulatePrincipalPolicy"] = lambda params: {
            "EvaluationResults": [
                {"EvalActionName": name, "EvalDecision": "allowed", "EvalResourceName": "*"}
                for name in params.get("ActionNames", [])
            ]
        }

    def start(self, plan: Plan, *, mode: Any = "live", typed: str = "shop-drill", **inputs: Any) -> DrivenRun:
        self.run = start_run(
            plan=plan,
            environment_name="shop-drill",
            environment=ENVIRONMENT,
            region=REGION,
            operator="ada",
            inputs=inputs,
            mode=mode,
            typed_environment=typed,
            clock=self.clock,
            make_port=lambda: self.port,
            runs_folder=self.folder,
        )
        return self.run

    def resume(self, path: Path, typed: str = "shop-drill", plan_now: str = "") -> DrivenRun:
        self.run = resume_run(
            path,
            environment=ENVIRONMENT,
            operator="ada",
            typed_environment=typed,
            clock=self.clock,
            plan_now=plan_now,
            make_port=lambda: self.port,
        )
        return self.run

    def restore_halted(self, path: Path) -> DrivenRun:
        self.run = restore_halted(
            path,
            environment=ENVIRONMENT,
            operator="ada",
            typed_environment="shop-drill",
            clock=self.clock,
            make_port=lambda: self.port,
        )
        return self.run

    def path(self) -> Path:
        assert self.run is not None
        return self.folder / self.run.run_id

    def close(self) -> None:
        if self.run is not None:
            self.run.close()


def until(condition: Callable[[], Any], seconds: float = 15.0) -> Any:
    """Poll until the condition gives something true, and return that."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = condition()
        if found:
            return found
        time.sleep(0.005)
    raise AssertionError("it did not become so in time")


def prompt_of(run: DrivenRun, kind: type[Any]) -> Any:
    """Wait for a prompt of that kind and return it."""

    def found() -> Any:
        prompt = run.state().prompt or (run.state().steps[""].prompt if "" in run.state().steps else None)
        return prompt if isinstance(prompt, kind) else None

    return until(found)


def answer(run: DrivenRun, command: type[Any], **fields: Any) -> None:
    """Send a command to the step in hand."""
    state = run.state()
    run.send(command(state.now_step, state.steps[state.now_step].attempt, **fields))


def ended(run: DrivenRun) -> RunState:
    """Wait for the run's end and return its last state."""
    until(lambda: run.state().ended)
    assert run.wait(10)
    return run.state()


def kinds(run: DrivenRun) -> list[str]:
    return [entry.record.kind for entry in run.entries()]


def records(run: DrivenRun, kind: str) -> list[Any]:
    return [entry.record for entry in run.entries() if entry.record.kind == kind]


def last(entries: tuple[Entry, ...]) -> Any:
    return entries[-1].record


CONFIRM, TROUBLE = p.ConfirmPrompt, p.TroublePrompt
COMMANDS = c
HOUR = timedelta(hours=1)
