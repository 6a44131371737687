"""`StepContext` as the engine gives it to the actions of one attempt of one step."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from pydantic import JsonValue

from cockpit.config.schema import Host
from cockpit.engine import records as r
from cockpit.engine.actions.base import Result
from cockpit.engine.commands import StepCommand
from cockpit.engine.lenient import resolve_known
from cockpit.engine.mutation import past_answer, save_values, send
from cockpit.engine.probe import run_probe
from cockpit.engine.prompts import ConfirmPrompt, PlannedCall, Prompt
from cockpit.engine.run_core import RunCore
from cockpit.engine.state import RunState
from cockpit.engine.targets import target_of
from cockpit.model.clock import Clock
from cockpit.model.effect import Effect
from cockpit.model.scope import Scope
from cockpit.model.text import clean
from cockpit.plans.expressions import fill_text, resolve
from cockpit.plans.probe import Probe, Read
from cockpit.plans.schema import Cost, Step

DRY_RUN = "Dry run: nothing is sent."


class EngineStepContext:
    """One attempt of one step, with the run behind it."""

    def __init__(self, core: RunCore, step: Step, attempt: int) -> None:
        self._core = core
        self._step = step
        self._attempt = attempt

    @property
    def step(self) -> Step:
        """Return the step."""
        return self._step

    @property
    def attempt(self) -> int:
        """Return the number of the attempt, from 1."""
        return self._attempt

    @property
    def scope(self) -> Scope:
        """Return where the run acts."""
        return self._core.state.scope

    @property
    def clock(self) -> Clock:
        """Return the run's clock."""
        return self._core.clock

    @property
    def dry(self) -> bool:
        """Tell whether nothing may be changed."""
        return self._core.dry

    @property
    def folder(self) -> Path:
        """Return the folder for this step's files."""
        return self._core.folder / "steps" / self._step.id

    @property
    def hosts(self) -> Mapping[str, Host]:
        """Return the machines of the environment that programs may run on."""
        return self._core.hosts

    def state(self) -> RunState:
        """Return the state after the latest record."""
        return self._core.state

    def names(self, extra: Mapping[str, JsonValue] | None = None) -> Mapping[str, JsonValue]:
        """Return what expressions see now."""
        return self._core.context(extra)

    def resolve(self, value: JsonValue, extra: Mapping[str, JsonValue] | None = None) -> JsonValue:
        """Fill the expressions in a value; in a dry run what is not known yet is shown as such."""
        if self.dry:
            return resolve_known(value, self.names(extra)).value
        return resolve(value, self.names(extra))

    async def read(self, read: Read, extra: Mapping[str, JsonValue] | None = None) -> dict[str, JsonValue]:
        """Fill the read's parameters and make it, with patience."""
        return await self._core.read(read, extra)

    async def call_read(self, service: str, operation: str, params: dict[str, JsonValue]) -> dict[str, JsonValue]:
        """Make a read in the run's region with ready parameters, with patience."""
        port, region = self._core.port, self.scope.region
        answer = await self._core.patiently(lambda: port.read(service, operation, region, params))
        return answer.body

    async def probe(self, probe: Probe, extra: Mapping[str, JsonValue] | None = None) -> Result:
        """Repeat a probe until its answer is as wanted."""
        return await run_probe(self._core, probe, lambda text, ok: self.observe(probe.read, text, ok=ok), extra)

    def plan_call(
        self, service: str, operation: str, params: dict[str, JsonValue], *, target: str = "", region: str = ""
    ) -> PlannedCall:
        """Return the call as it will be shown."""
        where = region or self.scope.region
        return PlannedCall(
            service=service,
            operation=operation,
            region=where,
            account=self.scope.account,
            params=params,
            command=self._core.book.command_line(service, operation, where, params),
            target=clean(target or target_of(params)),
        )

    async def confirm(self, calls: Sequence[PlannedCall], notes: Sequence[str] = ()) -> None:
        """Show the calls and wait until they are confirmed as the step's effect demands."""
        if not self.dry:
            save_values(self._core, self._step)
        await self.ask(self._confirmation(calls, notes))

    def past_answer(self, call: PlannedCall) -> dict[str, JsonValue] | None:
        """Return what was journaled of the same call's answer, if it took effect in this attempt."""
        return None if self.dry else past_answer(self._core, self._step.id, call)

    async def mutate(
        self,
        call: PlannedCall,
        before: Mapping[str, JsonValue] | None = None,
        capture: Mapping[str, str] | None = None,
    ) -> dict[str, JsonValue]:
        """Send one confirmed call."""
        if self.dry:
            self.observe("dry run", f"would send: {call.command}")
            return {}
        return await send(self._core, self._step, call, before, capture)

    async def ask(self, prompt: Prompt) -> StepCommand:
        """Wait for a person."""
        return await self._core.desk.ask(self._step.id, self._attempt, prompt)

    def observe(self, what: str, text: str, *, ok: bool | None = None) -> None:
        """Record a reading that matters to the step, if it changed."""
        subject, words = clean(what), clean(text)
        if self._core.state.steps[self._step.id].observed.get(subject) != (words, ok):
            self.record(r.Observed(step=self._step.id, attempt=self._attempt, what=subject, text=words, ok=ok))

    def record(self, record: r.Record) -> None:
        """Append a record of the action's own subject."""
        self._core.log.append(record)

    def _confirmation(self, calls: Sequence[PlannedCall], notes: Sequence[str]) -> ConfirmPrompt:
        step, cost = self._step, self._step.cost or Cost()
        typed = ""
        if step.effect is Effect.DESTRUCTIVE and not self.dry:
            typed = next((call.target for call in calls if call.target), step.id)
        undo = step.undo.words if step.undo else cost.undo
        return ConfirmPrompt(
            calls=tuple(calls),
            notes=(*((DRY_RUN,) if self.dry else ()), *(clean(note) for note in notes)),
            data_cost=self._filled(cost.data),
            time_cost=self._filled(cost.time),
            undo=self._filled(undo),
            point_of_no_return=step.point_of_no_return,
            type_this=typed,
        )

    def _token_notes(self, calls: Sequence[PlannedCall]) -> Iterator[str]:
        for call in calls:
            member = self._core.book.token_member(call.service, call.operation)
            if member and member not in call.params:
                yield f"{call.operation} also gets {member}: if its answer is lost, it can be sent again without harm."

    def _filled(self, text: str) -> str:
        return clean(fill_text(text, self.names()).text)
