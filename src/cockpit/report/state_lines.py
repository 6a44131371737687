"""Where a run stands, in plain lines: for line mode and `cockpit runs show`. Pure."""

from collections.abc import Iterable, Iterator

from cockpit.engine.branches import branch_states
from cockpit.engine.forecast import forecast
from cockpit.engine.records import CallUnknown, Reconciled
from cockpit.engine.state import RunState, StepState
from cockpit.model.effect import Outcome
from cockpit.model.text import clean, duration, utc
from cockpit.plans.schema import Step
from cockpit.plans.sections import Heading, under_headings
from cockpit.report.branch_words import branch_words, time_in_hand, waiting_words, who_is_in_hand
from cockpit.report.loss_words import loss_lines
from cockpit.report.plain import fact, prose


def state_lines(state: RunState) -> list[str]:
    """Return the run in a few lines: where, how long, the step in hand, the data-loss window, what is halted."""
    scope = state.scope
    lines = [f"Run {state.run_id}: {clean(state.plan.title)}"]
    mode = "LIVE" if state.mode == "live" else "DRY RUN, changes nothing"
    lines += fact(
        "where",
        f"{clean(scope.environment)} ({scope.kind.value.upper()}), account {scope.account}, {scope.region}, {mode}",
    )
    lines += fact("driven by", clean(state.operator))
    times = forecast(state, state.last_at)
    spent = duration(times.elapsed)
    if times.rto is not None:
        spent += f" of the documented {duration(times.rto)}"
    lines += fact("opened", f"{utc(state.opened_at)}, {spent} until its last record")
    lines += fact("stands", _standing(state))
    lines += _side_by_side(state)
    if state.clock_behind:
        back = f"was set back by {duration(state.clock_behind)}: times stand still until it catches up"
        lines += fact("clock", back)
    lines += _unknown_lines(state)
    for problem in state.preflight_problems:
        lines += fact("preflight", clean(problem))
    if state.loss is not None:
        lines += ["  data-loss window:", *(f"    {clean(line)}" for line in loss_lines(state.loss))]
    for halt in state.still_halted:
        lines += fact("still halted", f"{clean(halt.what)} (was {clean(halt.value)})")
    return lines


def step_lines(state: RunState) -> list[str]:
    """Return one line for each step of the plan with how it ended and how long it took, under headings."""
    return list(_listed(state, under_headings(state.plan), ""))


def _listed(state: RunState, steps: Iterable[Heading | Step], indent: str) -> Iterator[str]:
    times = {time.step: time for time in forecast(state, state.last_at).steps}
    numbers = {step.id: number for number, step in enumerate(state.plan.steps, 1)}
    standings = {each.branch.id: branch_words(state, each, state.last_at) for each in branch_states(state)}
    for each in steps:
        if isinstance(each, Heading):
            title = clean(each.title)
            yield from prose(f"[{title}] {standings[each.branch.id]}" if each.branch else title, f"  {indent}")
            yield from _listed(state, each.inside, f"{indent}  ")
            continue
        actual = times[each.id].actual
        took = duration(actual) if actual is not None else ""
        word = _word(state.steps.get(each.id))
        yield f"  {numbers[each.id]:>3}  {word:<9} {took:>13}  {indent}{clean(each.title)}"


def _side_by_side(state: RunState) -> list[str]:
    """Return every step in hand where there are several, and where each branch stands once one has begun."""
    lines = []
    for key in state.in_hand if len(state.in_hand) > 1 else ():
        words = f"{who_is_in_hand(state, key)}, {time_in_hand(state, key, state.last_at)}"
        lines += fact("in hand", f"{words}; step {key}, {waiting_words(state, key)}")
    states = branch_states(state)
    for each in states if any(each.began_at is not None for each in states) else ():
        lines += fact(f"branch {clean(each.branch.title)}", branch_words(state, each, state.last_at))
    return lines


def _unknown_lines(state: RunState) -> list[str]:
    """Name every call of an open step of which the journal does not know whether it took effect, with the evidence."""
    lines = []
    for call in (call for step in state.steps.values() if step.outcome is None for call in step.calls):
        if call.is_unknown:
            intent, end = call.intent, call.end
            words = [f"whether {intent.service}:{intent.operation} took effect; sent at {utc(call.at)}"]
            words += end.evidence if isinstance(end, CallUnknown | Reconciled) else ("no answer in the journal",)
            lines += fact("unknown", "; ".join(clean(each) for each in words))
    return lines


def _standing(state: RunState) -> str:
    if state.ended:
        return f"{state.ended}. {clean(state.ended_reason)}".strip()
    if state.handed_to:
        return f"handed over to {clean(state.handed_to)}, not taken up yet"
    if state.now_step:
        if state.steps[state.now_step].undoing:
            return f"taking back step {state.now_step}"
        waits = ", waits for a person" if state.prompt is not None else ""
        others = f"; {len(state.in_hand)} steps are in hand" if len(state.in_hand) > 1 else ""
        return f"in step {state.now_step}, attempt {state.steps[state.now_step].attempt}{waits}{others}"
    return "paused" if state.paused else "between steps"


def _word(step: StepState | None) -> str:
    if step is None or not step.attempt:
        return "to do"
    if step.undone is not None:
        return "undone" if step.undone is Outcome.DONE else f"undo {step.undone.value}"
    return (
        step.outcome.value.upper() if step.outcome and step.outcome != "done" else ("done" if step.outcome else "now")
    )
