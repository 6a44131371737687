"""A run that exists only as records: what the engine would have written, folded by the engine's own fold."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from textual.pilot import Pilot

from cockpit.engine import records as r
from cockpit.engine.commands import Command
from cockpit.engine.fold import fold
from cockpit.engine.handle import Listener
from cockpit.engine.prompts import Prompt
from cockpit.engine.state import RunState
from cockpit.model.scope import EnvironmentKind, Scope
from cockpit.plans.schema import Plan
from cockpit.ui.app import CockpitApp
from cockpit.ui.run.screen import RunScreen
from cockpit.ui.session import CockpitSession

START = datetime(2026, 1, 31, 3, 20, 0, tzinfo=UTC)


@dataclass
class SetClock:
    """A clock that tests set."""

    at: datetime = START
    speed: float = 1.0

    def now(self) -> datetime:
        return self.at

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)


@dataclass
class FakeRun:
    """A `RunHandle` whose records are written by the test."""

    clock: SetClock
    written: list[r.Entry] = field(default_factory=list)
    sent: list[Command] = field(default_factory=list)
    listeners: list[Listener] = field(default_factory=list)
    why_stopped: str = ""

    @property
    def run_id(self) -> str:
        return "20260131T032000Z-plan-g-abcd"

    @property
    def folder(self) -> Path:
        return Path("runs") / self.run_id

    def state(self) -> RunState:
        return self._state

    def entries(self) -> tuple[r.Entry, ...]:
        return tuple(self.written)

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        self.listeners.append(listener)
        return lambda: self.listeners.remove(listener)

    def send(self, command: Command) -> None:
        self.sent.append(command)

    def stopped(self) -> str:
        return self.why_stopped

    def close(self) -> None:
        self.why_stopped = "closed"

    def write(self, *records: r.Record, after: float = 1) -> None:
        """Append records, each `after` seconds later, and tell the listeners as the engine does."""
        for record in records:
            self.clock.at += timedelta(seconds=after)
            entry = r.Entry(
                seq=len(self.written),
                at=self.clock.at,
                driver="ann@host/1",
                record=record,
                prev="0" * 64,
                hash="0" * 64,
            )
            self._state = fold(self._state if self.written else None, entry)
            self.written.append(entry)
            for listener in tuple(self.listeners):
                listener(entry, self._state)

    def ask(self, step: str, prompt: Prompt) -> None:
        """Begin the step if it is not in hand, and ask."""
        self.begin(step)
        self.write(r.Prompted(step=step, attempt=self._state.steps[step].attempt, prompt=prompt))

    def begin(self, step: str) -> None:
        """Begin a step, unless it is in hand."""
        at = self._state.steps.get(step) if self.written else None
        if at is None or at.outcome is not None:
            self.write(r.StepStarted(step=step, attempt=at.attempt + 1 if at else 1))

    def finish(self, *steps: str, after: float = 20) -> None:
        """Carry out steps."""
        for step in steps:
            self.begin(step)
            self.write(r.StepEnded(step=step, attempt=1, outcome="done"), after=after)


def small_plan(**changes: object) -> Plan:
    """Return a plan with the kinds of steps that Plan G has."""
    plan = {
        "id": "syncwell/plan-g-data-corruption",
        "title": "Plan G: restore corrupted configuration data",
        "source": [{"document": "S0", "title": "Contingency plans", "lines": "111-130"}],
        "severity": "critical",
        "trigger": {"words": "widespread corruption"},
        "expected_behaviour": "none",
        "objectives": {"rto": "PT4H", "rpo": "PT15M"},
        "authorization": {"words": "authorized engineer"},
        "targets": ["SyncWellMetadata"],
        "communications": {
            "texts": [{"phase": "initial", "title": "Initial", "basis": "draft", "text": "Maintenance."}],
            "update_every": "PT30M",
        },
        "post_incident": ["Thorough, blameless post-mortem (S0:130)."],
        "deviations": [
            {
                "id": "E-15",
                "source_says": "RPO under 15 min",
                "plan_does": "shows the real window",
                "why": "It may be days",
            }
        ],
        "steps": [
            step(
                "confirm",
                "Confirm the corruption",
                decide={
                    "question": "Sure?",
                    "options": [
                        {"value": "yes", "label": "Yes", "consequence": "on"},
                        {"value": "no", "label": "No", "consequence": "end"},
                    ],
                },
            ),
            step("tell", "Post the initial status text", post_status={"phase": "initial"}),
            step(
                "suspend",
                "Suspend the worker's scaling",
                effect="mutate",
                skippable=True,
                documented="PT1M",
                aws={"call": "application-autoscaling:RegisterScalableTarget", "params": {}},
            ),
            step(
                "halt",
                "Stop the worker fleet (desired count 0)",
                effect="mutate",
                documented="PT5M",
                cost={"data": "none", "time": "about a minute", "undo": "set the desired count back"},
                undo={"words": "set it back", "action": {"kind": "aws", "call": "ecs:UpdateService"}},
                aws={"call": "ecs:UpdateService", "params": {"desiredCount": 0}},
                stops_writes=True,
                verify={"read": "ecs:DescribeServices", "until": "answer.services[0].runningCount == `0`"},
            ),
            step("prove", "Prove that nothing writes any more", prove_halt={"table": "SyncWellMetadata"}),
            step(
                "point",
                "Choose the restore point",
                source=["S0:118", "E-15"],
                restore_point={"table": "SyncWellMetadata"},
            ),
            step("accept", "Accept the data loss", approve={"statement": "s", "phrase": "p", "accepts_loss": True}),
            step(
                "restore",
                "Restore into a new table",
                effect="destructive",
                point_of_no_return=True,
                aws={"call": "dynamodb:RestoreTableToPointInTime", "params": {"SourceTableName": "SyncWellMetadata"}},
            ),
            step(
                "wait",
                "Wait for the restored table",
                wait={
                    "read": "dynamodb:DescribeTable",
                    "until": "answer.Table.TableStatus == 'ACTIVE'",
                    "timeout": "PT6H",
                },
            ),
            step("check", "Spot-check known accounts", checklist={"items": [{"id": "a", "text": "Account A"}]}),
        ],
    }
    return Plan.model_validate(plan | changes)


def step(name: str, title: str, **fields: object) -> dict[str, object]:
    """Return a step with what every step needs."""
    return {
        "id": name,
        "title": title,
        "why": "Writers must stop before a table can be compared or restored.",
        "source": ["S0:117"],
        "effect": "read",
    } | fields


def opened(plan: Plan | None = None, mode: str = "live") -> FakeRun:
    """Return a run with its first records."""
    run = FakeRun(SetClock())
    run.write(
        r.RunOpened(
            run_id=run.run_id,
            plan_id="syncwell/plan-g-data-corruption",
            plan=(plan or small_plan()).model_dump(mode="json"),
            plan_digest="d",
            mode=mode,
            operator="ann",
            host="host",
            environment="prod",
            environment_kind=EnvironmentKind.PRODUCTION,
            account="123456789012",
            region="us-east-1",
            role="arn:aws:sts::123456789012:assumed-role/oncall/ann",
            names={},
            cockpit="0",
        ),
        r.DriverTookOver(operator="ann", host="host", pid=1, why="started"),
    )
    if mode == "live":
        run.write(r.Armed(typed="prod"))
    run.write(
        r.StepStarted(step="", attempt=1),
        r.PreflightChecked(id="account", title="The account is the environment's", ok=True, blocking=True),
        r.PreflightChecked(id="clock", title="The clocks agree", ok=None, blocking=False, detail="no answer"),
        r.StepEnded(step="", attempt=1, outcome="done"),
    )
    return run


def session_of(run: FakeRun) -> CockpitSession:
    """Return an open session around a run."""
    scope = Scope(
        "prod", EnvironmentKind.PRODUCTION, "123456789012", "us-east-1", "arn:aws:sts::1:assumed-role/oncall/ann"
    )
    return CockpitSession("prod", EnvironmentKind.PRODUCTION, run.clock, Path("runs"), scope=scope)


@asynccontextmanager
async def on_screen(run: FakeRun, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Pilot[int]]:
    """Open the cockpit with the run's screen on top."""
    app = CockpitApp(session_of(run))
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        app.hold_run(run)
        await app.push_screen(RunScreen(run, session_of(run)))
        await settled(pilot)
        yield pilot


async def settled(pilot: Pilot[int]) -> None:
    """Let messages, refreshes and what they cause run."""
    for _ in range(4):
        await pilot.pause()


async def press(pilot: Pilot[int], *keys: str) -> None:
    """Press keys one after another and let each have its effect."""
    for key in keys:
        await pilot.press(key)
        await settled(pilot)


def screen_text(pilot: Pilot[int]) -> str:
    """Return what stands on the screen on top, line by line."""
    return "\n".join(strip.text.rstrip() for strip in pilot.app.screen._compositor.render_strips())


async def until_screen(pilot: Pilot[int], words: str, seconds: float = 10.0) -> str:
    """Wait until words stand on the screen on top, and return it."""
    end = time.monotonic() + seconds
    while words not in (text := screen_text(pilot)):
        assert time.monotonic() < end, f"{words!r} is not on the screen:\n{text}"
        await pilot.pause(0.02)
    return text
