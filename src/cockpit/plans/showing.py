"""A whole plan as lines of text for 80 columns: what the operator will see and what will be called. Pure."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import count

from cockpit.model.text import duration
from cockpit.plans.action_words import action_lines, plain, probe_lines, read_lines
from cockpit.plans.actions.post_status import PostStatusSpec
from cockpit.plans.listing import wrapped
from cockpit.plans.schema import Plan, Step
from cockpit.plans.sections import Heading, heading_words, outlined

NOT_STATED = "not stated in source"


def plan_lines(plan: Plan, path: str, digest: str) -> Iterator[str]:
    """Yield the whole plan."""
    yield from wrapped(plan.title)
    yield f"{plan.id}   sha256 {digest[:16]}"
    yield path
    if plan.last_resort:
        yield ""
        yield from wrapped(f"LAST RESORT. {plan.last_resort_words}")
    yield from _facts(plan)
    yield from _before(plan)
    yield from _section("STEPS")
    numbers = count(1)
    for depth, part in outlined(plan):
        if isinstance(part, Heading):
            yield ""
            yield from wrapped(f"{'=' * (depth + 1)} {heading_words(plan, part)}", indent=4)
        else:
            yield from _step(plan, next(numbers), part)
    yield from _after(plan)


def _facts(plan: Plan) -> Iterator[str]:
    yield from _section("SOURCE")
    for source in plan.source:
        yield from wrapped(f"{source.document}, lines {source.lines}: {source.title}", indent=4, first="  ")
    yield from _section("WHEN")
    yield from wrapped(plan.trigger.words, indent=2)
    for signal in plan.trigger.signals:
        what = f"alarm {signal.alarm} fires" if signal.alarm else f"a deployment is {signal.deployment}"
        yield from wrapped(f"{what}: {signal.why}", indent=4, first="  - ")
    yield from _section("EXPECTED")
    yield from wrapped(plan.expected_behaviour, indent=2)
    yield from _section("OBJECTIVES")
    yield f"  recovery time  {_objective(plan.objectives.rto)}"
    if plan.objectives.recovered_by:
        yield from wrapped(f"  back with      {', '.join(plan.objectives.recovered_by)}", indent=17)
    yield f"  data loss      {_objective(plan.objectives.rpo)}"
    if plan.objectives.source:
        yield f"  source         {', '.join(plan.objectives.source)}"
    yield from wrapped(plan.objectives.note, indent=2)
    yield from _section("AUTHORIZATION")
    yield from wrapped(plan.authorization.words, indent=2)
    if plan.authorization.second_person:
        yield "  A second person is named."
    yield from _section("ACTS ON")
    for target in plan.targets:
        yield from wrapped(target, indent=4, first="  - ")


def _before(plan: Plan) -> Iterator[str]:
    yield from _section("INPUTS (each must have a value unless it is optional)")
    for name, value in plan.inputs.items():
        optional = "" if value.required else ", optional"
        yield from wrapped(f"{name}: {value.title}{optional}", indent=6, first="  ")
        if value.default is not None:
            yield from wrapped(f"default {plain(value.default)}", indent=6)
        yield from wrapped(value.help, indent=6)
    yield from _section("BEFORE ANYTHING CHANGES")
    for check in plan.preflight:
        yield from wrapped(f"{check.title}{'' if check.blocking else ' (warning only)'}", indent=6, first="  - ")
        yield from read_lines(check, indent=6)
        yield from wrapped(f"otherwise: {check.otherwise}", indent=8, first="      ")


def _step(plan: Plan, number: int, step: Step) -> Iterator[str]:
    yield ""
    marks = [step.effect.value.upper()] if step.effect.value != "read" else []
    marks += ["can be skipped with a reason"] if step.skippable else []
    marks += ["POINT OF NO RETURN"] if step.point_of_no_return else []
    marks += ["stops writes"] if step.stops_writes else []
    marks += ["reopens writes"] if step.reopens_writes else []
    shown = f" [{', '.join(marks)}]" if marks else ""
    yield from wrapped(step.title + shown, indent=4, first=f"{number:>2}. ")
    yield f"    {step.id}, from {', '.join(step.source)}"
    yield from wrapped(f"why: {step.why}", indent=9, first="    ")
    if step.when:
        yield from wrapped(f"only when: {step.when}", indent=9, first="    ")
    yield f"    documented time: {duration(step.documented) if step.documented else NOT_STATED}"
    if step.cost:
        for name, words in (("data", step.cost.data), ("time", step.cost.time), ("undo", step.cost.undo)):
            yield from wrapped(f"{name}: {words}" if words else "", indent=9, first="    ")
    yield from action_lines(step.action)
    if isinstance(step.action, PostStatusSpec):
        yield from _status(plan, step.action.phase)
    for halt in step.halts:
        back = f"put back by {halt.restored_by}" if halt.restored_by else "may stay"
        yield from wrapped(f"halts: {halt.what} ({back})", indent=9, first="    ")
    if step.verify:
        yield "    proven by"
        yield from probe_lines(step.verify, indent=6)
    if step.undo:
        yield from wrapped(f"undo: {step.undo.words}", indent=9, first="    ")


def _after(plan: Plan) -> Iterator[str]:
    if plan.may_stay_halted:
        yield from _section("MAY STAY HALTED")
        yield f"  {', '.join(plan.may_stay_halted)}"
    if plan.post_incident:
        yield from _section("AFTERWARDS")
        for words in plan.post_incident:
            yield from wrapped(words, indent=4, first="  - ")
    if plan.deviations:
        yield from _section("WHERE THIS PLAN DIFFERS FROM ITS SOURCE, AND WHY")
        for deviation in plan.deviations:
            yield from wrapped(f"{deviation.id}  source: {deviation.source_says}", indent=8, first="  ")
            yield from wrapped(f"plan: {deviation.plan_does}", indent=8)
            yield from wrapped(f"why: {deviation.why}", indent=8)
    if plan.drill:
        yield from _section("DRILL")
        yield from wrapped(plan.drill.cadence, indent=2)


def _status(plan: Plan, phase: str) -> Iterator[str]:
    found = next((text for text in plan.communications.texts if text.phase == phase), None)
    if found is None:
        yield f"    status text: the plan has none for {phase}"
        return
    basis = "VERBATIM from the source" if found.basis == "verbatim" else "DRAFT, not in source"
    yield from wrapped(f"status text, {basis} ({', '.join(found.source)}): {found.title}", indent=6, first="    ")
    yield from wrapped(found.text, indent=6, first="    | ")


def _section(title: str) -> Iterator[str]:
    yield ""
    yield title


def _objective(span: timedelta | None) -> str:
    return f"less than {duration(span)}" if span is not None else NOT_STATED
