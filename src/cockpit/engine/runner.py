"""Runs a plan from where its journal stands to its end: preflight, steps in order, abort and undo."""

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from cockpit.engine import records as r
from cockpit.engine.actions.base import Action
from cockpit.engine.brakes import Closed, Decided, Interrupted
from cockpit.engine.branches import is_settled, parts
from cockpit.engine.commands import Abort, SolveTrouble
from cockpit.engine.fold import PREFLIGHT
from cockpit.engine.giving_up import given_up
from cockpit.engine.group_runner import GroupRunner
from cockpit.engine.preflight import PreflightSubject, check_all
from cockpit.engine.prompts import TroublePrompt
from cockpit.engine.run_core import RunCore
from cockpit.engine.state import StepState
from cockpit.engine.step_runner import StepRunner
from cockpit.engine.undo import undo_step, undoable
from cockpit.model.effect import Outcome
from cockpit.plans.actions.decide import DecideSpec
from cockpit.plans.schema import Step

AbortChoice = Literal["leave", "stop", "undo"]


class Runner:
    """One driven run."""

    def __init__(self, core: RunCore, actions: Mapping[str, Action[Any]], held_locks: Mapping[str, str]) -> None:
        self._core = core
        self._actions = actions
        self._held_locks = held_locks

    async def run(self) -> None:
        """Run to the end, or until the driver goes away.

        Raises:
            JournalError: nothing can be recorded any more; the run can be resumed when it can.
        """
        self._core.desk.hold_if_paused()
        try:
            await self._run()
        except Interrupted as interrupted:
            await self._interrupted(interrupted)

    async def _run(self) -> None:
        if self._core.state.restoring:
            await self._put_back(self._core.state.aborting)
            return
        if self._core.state.aborting:
            await self._abort(self._core.state.aborting, "taken up again")
            return
        if not any(step.attempt for key, step in self._core.state.steps.items() if key != PREFLIGHT):
            await self._preflight()
        for part in parts(self._core.state.plan):
            if isinstance(part, Step):
                await self._carry_out(part)
            else:
                await GroupRunner(self._core, part, self._carry_out, self._stopped_by).run()
        self._end("finished")

    async def _carry_out(self, step: Step) -> None:
        """Bring a step to its end, unless it has ended.

        Raises:
            Interrupted: the run goes no further: it is aborted, this step's decision ends it, or the driver goes away.
        """
        if not is_settled(self._step_state(step)):
            if step.id not in self._core.state.in_hand:
                await self._core.brakes.before_beginning()
            await StepRunner(self._core, step, self._actions[step.action.kind]).run()
        self._restore_halts(step)  # of a done step too: a crash may have come between its end and this record
        if decided := self._stopped_by(step):
            raise Interrupted(decided)

    def _step_state(self, step: Step) -> StepState:
        return self._core.state.steps.get(step.id, StepState(step.id))

    def _stopped_by(self, step: Step) -> Decided | None:
        """Return the decision that ends the run, if this step has taken one."""
        spec, state = step.action, self._step_state(step)
        if not isinstance(spec, DecideSpec) or state.outcome is not Outcome.DONE:
            return None
        chosen = next((option for option in spec.options if option.value == state.captured.get("answer")), None)
        return Decided(f"{chosen.label}: {chosen.consequence}") if chosen is not None and chosen.stops else None

    async def _preflight(self) -> None:
        while True:
            attempt = self._core.state.steps.get(PREFLIGHT, StepState(PREFLIGHT)).attempt
            before = self._core.state.steps.get(PREFLIGHT)
            if before is None or before.outcome is not None:
                attempt += 1
                self._core.log.append(r.StepStarted(step=PREFLIGHT, attempt=attempt))
            blocking = await self._core.brakes.interruptible(PREFLIGHT, self._checks())
            outcome = Outcome.DONE
            if blocking:
                outcome = Outcome.FAILED
                answer = await self._core.brakes.interruptible(PREFLIGHT, self._ask_about(attempt, blocking))
                if answer.way == "abort":
                    self._core.log.append(
                        r.StepEnded(step=PREFLIGHT, attempt=attempt, outcome=outcome, reason=blocking[0])
                    )
                    self._end("refused", "; ".join(blocking))
                    raise Interrupted(Closed())
            self._core.log.append(r.StepEnded(step=PREFLIGHT, attempt=attempt, outcome=outcome))
            if not blocking:
                return

    async def _checks(self) -> list[str]:
        """Make and record every check; return the words of those that forbid to go on."""
        subject = PreflightSubject(
            plan=self._core.state.plan,
            scope=self._core.state.scope,
            port=self._core.port,
            context=self._core.context,
            expected_account=self._core.expected_account,
            held_locks=self._held_locks,
            dry=self._core.dry,
            hosts=self._core.hosts,
            folder=self._core.folder / f"{self._core.state.run_id}-preflight-{self._core.state.last_seq}",
            patiently=self._core.patiently,
        )
        blocking = []
        async for check in check_all(subject):
            self._core.log.append(check)
            if check.blocking and check.ok is not True and not self._core.dry:
                blocking.append(f"{check.title}: {check.detail}")
        return blocking

    async def _ask_about(self, attempt: int, blocking: list[str]) -> SolveTrouble:
        prompt = TroublePrompt(
            outcome="failed",
            message="The run cannot start: nothing has been changed.",
            remedy="Mend what is listed, then check again.",
            evidence=tuple(blocking),
            ways=("retry", "abort"),
        )
        answer = await self._core.desk.ask(PREFLIGHT, attempt, prompt)
        if not isinstance(answer, SolveTrouble):  # the desk lets only these through; this is for the type checker
            raise TypeError(type(answer).__name__)
        return answer

    def _restore_halts(self, step: Step) -> None:
        if self._step_state(step).outcome is not Outcome.DONE:
            return
        for halt in self._core.state.still_halted:
            if halt.restored_by == step.id and not self._core.dry:
                self._core.log.append(r.HaltRestored(name=halt.name, step=step.id))

    async def _interrupted(self, interrupted: Interrupted) -> None:
        by = interrupted.by
        if isinstance(by, Closed) or self._core.state.ended:
            return
        if isinstance(by, Decided):
            self._end("stopped_by_decision", by.reason)
            return
        choice: AbortChoice = by.choice if isinstance(by, Abort) else "leave"
        await self._abort(choice, by.reason)

    async def _put_back(self, aborting: str) -> None:
        """Undo the steps that an ended run left halted, each confirmed; an abort only ends this early."""
        reason = "what was still halted was put back" if not aborting else "putting back was ended early"
        try:
            if not aborting:
                steps = (self._core.state.plan.step(name) for name in self._core.state.restoring)
                await self._take_back([step for step in steps if not self._is_settled(step)])
        except Interrupted as interrupted:
            if isinstance(interrupted.by, Closed):
                return
            reason = "putting back was ended early"
        self._end("aborted", reason)

    def _is_settled(self, step: Step) -> bool:
        """Tell whether a crash came after this step was put back, or left out by the operator.

        An attempt that failed is followed by another one, unless the operator ends the putting back.
        """
        begun = max(entry.seq for entry in self._core.log.entries() if isinstance(entry.record, r.RestoringHalted))
        ends = (entry.record for entry in self._core.log.entries() if entry.seq > begun)
        own = (end for end in ends if isinstance(end, r.StepEnded) and end.step == step.id)
        return any(end.outcome is not Outcome.FAILED for end in own)

    async def _take_back(self, steps: Iterable[Step]) -> None:
        """Undo steps in the given order.

        Raises:
            Interrupted: the operator ends the undoing, or the driver goes away.
        """
        self._core.desk.begin_undo()
        for step in self._core.state.plan.steps:  # a crash may have come between a step's undoing and this record
            self._restore_own_halts(step, self._step_state(step).undone)
        for step in steps:
            await self._core.brakes.before_beginning()
            undone = await StepRunner(self._core, undo_step(step), self._actions_of_undo(step), undo=True).run()
            self._restore_own_halts(step, undone)

    async def _abort(self, choice: AbortChoice, reason: str) -> None:
        """End the run early, undoing in reverse if so chosen. A step of which nothing is known is never undone."""
        self._end_steps_in_hand()
        if choice == "undo":
            try:
                await self._take_back(undoable(self._core.state))
            except Interrupted as interrupted:
                if isinstance(interrupted.by, Closed):
                    return
                reason = f"{reason}; undoing was ended early"
        self._end("aborted", reason)

    def _end_steps_in_hand(self) -> None:
        """End the steps that a crash left open after the abort was chosen; undoing that it cut short goes on."""
        for key in self._core.state.in_hand:
            step = self._core.state.steps[key]
            if not step.undoing:
                outcome, reason = given_up(step, "aborted")
                self._core.log.append(r.StepEnded(step=key, attempt=step.attempt, outcome=outcome, reason=reason))

    def _actions_of_undo(self, step: Step) -> Action[Any]:
        return self._actions[undo_step(step).action.kind]

    def _restore_own_halts(self, step: Step, undone: Outcome | None) -> None:
        if undone is Outcome.DONE:
            names = {halt.name for halt in step.halts}
            for halt in self._core.state.still_halted:
                if halt.name in names:
                    self._core.log.append(r.HaltRestored(name=halt.name, step=step.id))

    def _end(self, result: Literal["finished", "aborted", "stopped_by_decision", "refused"], reason: str = "") -> None:
        state = self._core.state
        left = tuple(halt.what for halt in state.still_halted)
        ended = {"result": state.ended_before or result, "reason": reason, "left_halted": left}
        self._core.log.append(r.RunEnded.model_validate(ended))
