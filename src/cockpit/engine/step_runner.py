"""Runs one step to its end: condition, action, proof, and whatever trouble comes between."""

import logging
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import JsonValue

from cockpit.aws.port import AwsFailure, OutcomeUnknown
from cockpit.engine import records as r
from cockpit.engine import trouble
from cockpit.engine.actions.base import Action, Result
from cockpit.engine.brakes import Decided, Interrupted
from cockpit.engine.commands import Skip, SolveTrouble
from cockpit.engine.errors import EngineError
from cockpit.engine.giving_up import given_up
from cockpit.engine.lenient import stand_ins
from cockpit.engine.mutation import record_effects, record_writes_of_calls
from cockpit.engine.prompts import TroublePrompt
from cockpit.engine.run_core import RunCore
from cockpit.engine.settle import settle
from cockpit.engine.state import StepState
from cockpit.engine.step_context import EngineStepContext
from cockpit.model.effect import Outcome
from cockpit.model.text import clean
from cockpit.plans.actions.aws import AwsSpec
from cockpit.plans.actions.wait import WaitSpec
from cockpit.plans.expressions import ExpressionError, resolve_condition
from cockpit.plans.schema import Step

T = TypeVar("T")

_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Ending:
    """How an attempt ends; `again` True: another one follows."""

    outcome: Outcome
    reason: str = ""
    captured: dict[str, JsonValue] = field(default_factory=dict)
    again: bool = False


class StepRunner:
    """Runs one step; made anew for each."""

    def __init__(self, core: RunCore, step: Step, action: Action[Any], *, undo: bool = False) -> None:
        self._core = core
        self._step = step
        self._action = action
        self._undo = undo

    async def run(self) -> Outcome:
        """Run attempts until the step has ended, and return how. An attempt cut short by a crash is taken up again.

        Raises:
            Interrupted: the run is aborted or the driver goes away. If aborted, the step has ended by then.
            JournalError: nothing can be recorded any more.
        """
        before = self._state()
        attempt = before.attempt if before.attempt and before.outcome is None else 0
        while True:
            if not attempt:
                attempt = self._state().attempt + 1
                self._core.log.append(r.StepStarted(step=self._step.id, attempt=attempt, undo=self._undo))
            ending = await self._attempt(EngineStepContext(self._core, self._step, attempt))
            self._end(attempt, ending)
            if not ending.again:
                return ending.outcome
            attempt = 0

    def _state(self) -> StepState:
        return self._core.state.steps.get(self._step.id, StepState(self._step.id))

    def _end(self, attempt: int, ending: _Ending) -> None:
        if ending.outcome is Outcome.DONE and not self._undo and not self._core.dry:
            record_effects(self._core, self._step)
        self._core.log.append(
            r.StepEnded(
                step=self._step.id,
                attempt=attempt,
                outcome=ending.outcome,
                reason=clean(ending.reason),
                captured=ending.captured,
            )
        )
        self._core.brakes.release(self._step.id)

    async def _attempt(self, context: EngineStepContext) -> _Ending:
        try:
            if not self._is_wanted():
                return _Ending(Outcome.SKIPPED, f"not needed: {self._step.when} does not hold")
            return await self._carried_out(context)
        except Interrupted as interrupted:
            by = interrupted.by
            if isinstance(by, Skip):
                return _Ending(Outcome.SKIPPED, by.reason)
            if not self._core.brakes.is_closed:
                how = "ended by a decision" if isinstance(by, Decided) else "aborted"
                self._end(context.attempt, _Ending(*given_up(self._state(), how)))
            raise

    def _is_wanted(self) -> bool:
        if self._step.when is None:
            return True
        try:
            return resolve_condition(self._step.when, self._core.context())
        except ExpressionError:
            # A condition that cannot be evaluated never skips a step silently: the action will say what is missing.
            return True

    async def _carried_out(self, context: EngineStepContext) -> _Ending:
        """Do it, prove it, and ask what to do about trouble, until the attempt has an ending."""
        while (ending := await self._settled(context)) is None:
            record_writes_of_calls(self._core, self._step)
            try:
                result = await self._interruptible(self._action.perform(context, self._step.action))
                return await self._concluded(context, result)
            except OutcomeUnknown:
                continue
            except (EngineError, Interrupted):
                raise
            except Exception as error:  # noqa: BLE001 - whatever an action does, the run must survive it
                return await self._failed(context, error)
        return ending

    async def _concluded(self, context: EngineStepContext, result: Result) -> _Ending:
        """Turn what the action says into an ending, with the proof that the plan demands."""
        if result.outcome is Outcome.SKIPPED or (context.dry and result.outcome is not Outcome.DONE):
            return _Ending(Outcome.SKIPPED, result.reason, result.captured)
        if result.outcome is not Outcome.DONE:
            prompt = trouble.failed_because(self._step, result.reason or "The step failed.", undo=self._undo)
            return await self._solve(context, prompt)
        while True:
            proof = await self._interruptible(self._proven(context, result.captured))
            if proof.outcome is Outcome.DONE:
                return _Ending(Outcome.DONE, result.reason, {**result.captured, **proof.captured})
            words = f"The effect is not proven. {proof.reason}"
            prompt = trouble.failed_because(self._step, words, look_again=True, undo=self._undo)
            answer = await self._ask(context, prompt)
            if answer.way != "reconcile":
                return self._ending_of(answer, words)

    async def _failed(self, context: EngineStepContext, error: Exception) -> _Ending:
        known = isinstance(error, AwsFailure | ExpressionError)
        if not known:  # a fault of the cockpit itself must not take the run down with it
            _LOGGER.error("Step %s failed", self._step.id, exc_info=error)
        if known and context.dry:
            context.observe("dry run", f"not to be shown before a live run: {error}")
            return _Ending(Outcome.DONE, "dry run", stand_ins(self._step.id, self._captures()))
        return await self._solve(context, trouble.failed(self._step, error, undo=self._undo))

    def _captures(self) -> tuple[str, ...]:
        spec = self._step.action
        own = tuple(spec.capture) if isinstance(spec, AwsSpec | WaitSpec) else ()
        return own + (tuple(self._step.verify.capture) if self._step.verify else ())

    async def _settled(self, context: EngineStepContext) -> _Ending | None:
        """Find out about a call whose outcome is unknown; an ending if it turns out not to have taken effect."""
        unknown = next((call for call in self._state().calls if call.is_unknown), None)
        if unknown is None:
            return None
        aborted = await self._interruptible(settle(context, self._action, self._step.action, unknown))
        if aborted is not None:
            raise Interrupted(aborted)
        if (call := self._state().calls[-1]).took_effect:
            return None
        words = trouble.not_sent(call)
        return await self._solve(context, trouble.failed_because(self._step, words, undo=self._undo))

    async def _proven(self, context: EngineStepContext, captured: dict[str, JsonValue]) -> Result:
        if self._step.verify is None:
            return Result()
        if context.dry:
            return Result(captured=stand_ins(self._step.id, self._step.verify.capture))
        # What the step has just captured is not in the state yet, but its proof may look at it.
        steps = context.names()["steps"]
        own: dict[str, JsonValue] = dict(steps) if isinstance(steps, dict) else {}
        before = own.get(self._step.id) if self._undo else None
        own[self._step.id] = {**(before if isinstance(before, dict) else {}), **captured}
        return await context.probe(self._step.verify, {"steps": own})

    async def _solve(self, context: EngineStepContext, prompt: TroublePrompt) -> _Ending:
        return self._ending_of(await self._ask(context, prompt), prompt.message)

    async def _ask(self, context: EngineStepContext, prompt: TroublePrompt) -> SolveTrouble:
        answer = await self._interruptible(context.ask(prompt))
        if not isinstance(answer, SolveTrouble):  # the desk lets only these through; this is for the type checker
            raise TypeError(type(answer).__name__)
        if answer.way == "abort":
            raise Interrupted(answer)
        return answer

    def _ending_of(self, answer: SolveTrouble, reason: str) -> _Ending:
        if answer.way == "skip":
            return _Ending(Outcome.SKIPPED, answer.reason)
        return _Ending(Outcome.FAILED, reason, again=True)

    async def _interruptible(self, work: Coroutine[Any, Any, T]) -> T:
        return await self._core.brakes.interruptible(self._step.id, work)
