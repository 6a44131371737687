"""What an action is: the carrying out of one kind of step, written against `StepContext` only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, Literal, Protocol, TypeVar

from pydantic import JsonValue

from cockpit.config.schema import Host
from cockpit.engine.commands import StepCommand
from cockpit.engine.prompts import PlannedCall, Prompt
from cockpit.engine.records import Intent, Record
from cockpit.engine.state import RunState
from cockpit.model.clock import Clock
from cockpit.model.effect import Outcome
from cockpit.model.scope import Scope
from cockpit.plans.base import PlanModel
from cockpit.plans.probe import Probe, Read
from cockpit.plans.schema import Step

SpecT_contra = TypeVar("SpecT_contra", bound=PlanModel, contravariant=True)


@dataclass(frozen=True, slots=True)
class Result:
    """How an action ended. `captured` is what later steps see as ``steps.<id>``."""

    outcome: Outcome = Outcome.DONE
    captured: dict[str, JsonValue] = field(default_factory=dict)
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a call whose answer was lost, and the evidence for it (`records.Reconciled`)."""

    verdict: Literal["happened", "not_happened", "conflict", "repeatable"]
    evidence: tuple[str, ...]
    captured: dict[str, JsonValue] = field(default_factory=dict)


class StepContext(Protocol):
    """What the engine gives an action for one attempt of one step. All waiting is in the run's clock."""

    @property
    def step(self) -> Step:
        """Return the step."""

    @property
    def attempt(self) -> int:
        """Return the number of the attempt, from 1."""

    @property
    def scope(self) -> Scope:
        """Return where the run acts."""

    @property
    def clock(self) -> Clock:
        """Return the run's clock."""

    @property
    def dry(self) -> bool:
        """Tell whether nothing may be changed: `mutate` then only shows the call."""

    @property
    def folder(self) -> Path:
        """Return the folder for this step's files, beside the journal. It may not exist yet; it outlives attempts."""

    @property
    def hosts(self) -> Mapping[str, Host]:
        """Return the machines of the environment that programs may run on, by name."""

    def state(self) -> RunState:
        """Return the state after the latest record."""

    def names(self, extra: Mapping[str, JsonValue] | None = None) -> Mapping[str, JsonValue]:
        """Return what expressions see now: the run's context and `extra` (for `evaluate`, conditions, texts)."""

    def resolve(self, value: JsonValue, extra: Mapping[str, JsonValue] | None = None) -> JsonValue:
        """Fill the expressions in a value, over the run's context and `extra` (``answer``, ``item``, ``reads`` …).

        Raises:
            ExpressionError: a value is missing or empty. The step fails; nothing was sent.
        """

    async def read(self, read: Read, extra: Mapping[str, JsonValue] | None = None) -> dict[str, JsonValue]:
        """Fill the read's parameters and make it, with patience for throttling and unreachable services.

        Raises:
            ReadFailed: no answer after that patience.
        """

    async def call_read(self, service: str, operation: str, params: dict[str, JsonValue]) -> dict[str, JsonValue]:
        """Make a read in the run's region with ready parameters.

        Raises:
            ReadFailed: no answer.
        """

    async def probe(self, probe: Probe, extra: Mapping[str, JsonValue] | None = None) -> Result:
        """Repeat a probe until its answer is as wanted: DONE with what it captured, or FAILED with why.

        A read that fails never decides anything: it is observed and waited for until the probe's timeout.
        """

    def plan_call(
        self, service: str, operation: str, params: dict[str, JsonValue], *, target: str = "", region: str = ""
    ) -> PlannedCall:
        """Return the call as it will be shown, with its ``aws`` command line."""

    async def confirm(self, calls: Sequence[PlannedCall], notes: Sequence[str] = ()) -> None:
        """Show the calls and wait until the operator confirms them as the step's effect demands (key or typed name)."""

    def past_answer(self, call: PlannedCall) -> dict[str, JsonValue] | None:
        """Return what was journaled of the same call's answer, if it took effect in this attempt before a crash."""

    async def mutate(
        self,
        call: PlannedCall,
        before: Mapping[str, JsonValue] | None = None,
        capture: Mapping[str, str] | None = None,
    ) -> dict[str, JsonValue]:
        """Send one confirmed call: INTENT on disk, call, ACK on disk.

        Returns what `capture` (names to expressions over ``answer``) gave, which is journaled with the ACK; without
        `capture` the answer's body, of which nothing is journaled; {} in a dry run.

        Raises:
            CallRejected: AWS refused it.
            OutcomeUnknown: nobody knows. The engine takes over; an action must let it pass.
            GuardRefused: nothing was sent.
        """

    async def ask(self, prompt: Prompt) -> StepCommand:
        """Wait for a person. Wrong commands are refused before they get here; the type fits the prompt."""

    def observe(self, what: str, text: str, *, ok: bool | None = None) -> None:
        """Record a reading that matters to the step, if it changed."""

    def record(self, record: Record) -> None:
        """Append a record of the action's own subject (writes halted, loss measured, status posted …)."""


class Action(Protocol, Generic[SpecT_contra]):
    """One kind of step. `perform` may run again after a crash: it looks at the world first and does what is left."""

    async def perform(self, context: StepContext, spec: SpecT_contra) -> Result:
        """Carry out the step."""

    async def reconcile(self, context: StepContext, spec: SpecT_contra, intent: Intent) -> Verdict | None:
        """Find out what became of a mutation of this step whose answer was lost. Only reads; None: AWS cannot tell."""
