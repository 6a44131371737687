"""Taking steps back, in reverse order. Pure: which steps can be undone, and the step that undoes one."""

from cockpit.engine.state import RunState
from cockpit.model.effect import Effect, Outcome
from cockpit.plans.actions.checklist import ChecklistItem, ChecklistSpec
from cockpit.plans.schema import Cost, Step


def undoable(state: RunState) -> tuple[Step, ...]:
    """Return the steps to take back, the one that ended last first: those that did something and say how to undo it.

    A step with a call of unknown outcome is left out: undoing what may not have happened is one more unknown.
    Nothing before a point of no return that was passed is taken back.
    """
    found: list[Step] = []
    for step in _last_first(state):
        now = state.steps.get(step.id)
        if now is None or now.undone not in (None, Outcome.FAILED):  # a failed attempt is followed by another one
            continue
        if now.undoing and now.outcome is None:
            found.append(step)  # a crash cut its undoing short
            continue
        if now.is_unknown:
            continue
        acted = now.outcome is Outcome.DONE or any(call.took_effect for call in now.calls)
        if acted and step.point_of_no_return:
            break
        if acted and step.undo is not None and step.effect is not Effect.READ:
            found.append(step)
    return tuple(found)


def restorable(state: RunState) -> tuple[Step, ...]:
    """Return the steps whose undo puts back what is still halted, the one that ended last first.

    A step with a call of unknown outcome is left out, as in `undoable`, and one that does not say how it is undone.
    """
    wanted = {halt.step for halt in state.still_halted}
    return tuple(
        step
        for step in _last_first(state)
        if step.id in wanted
        and step.undo is not None
        and (now := state.steps.get(step.id)) is not None
        and not now.is_unknown
    )


def _last_first(state: RunState) -> list[Step]:
    """Return the steps in the reverse of the order in which they ended.

    Without parallel branches that is the plan's order reversed; with them, what came after is undone before it.
    """
    place = {step.id: number for number, step in enumerate(state.plan.steps)}
    ended = {step.step: step.over_seq for step in state.steps.values()}
    return sorted(state.plan.steps, key=lambda step: (ended.get(step.id, -1), place[step.id]), reverse=True)


def undo_step(step: Step) -> Step:
    """Return the step that takes `step` back. Words without an action become something for the operator to tick off.

    Raises:
        ValueError: the step does not say how it is undone.
    """
    if step.undo is None:
        message = f"step {step.id} has no undo"
        raise ValueError(message)
    by_hand = ChecklistSpec(items=(ChecklistItem(id="undone", text=step.undo.words),))
    return step.model_copy(
        update={
            "title": f"Undo: {step.title}",
            "why": step.undo.words,
            "action": step.undo.action or by_hand,
            "effect": Effect.MUTATE if step.effect is Effect.READ else step.effect,
            "when": None,
            "verify": step.undo.verify,
            "halts": (),
            "cost": Cost(undo=""),
            "undo": None,
            "point_of_no_return": False,
            "stops_writes": False,
            "reopens_writes": False,
        }
    )
