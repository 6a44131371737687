"""Rules on references: what an expression names must exist, and exist by then."""

from collections.abc import Iterator, Mapping

from cockpit.plans.actions.aws import AwsSpec
from cockpit.plans.actions.http import HttpSpec
from cockpit.plans.actions.shell import ShellSpec
from cockpit.plans.actions.wait import WaitSpec
from cockpit.plans.expressions import Paths, look_into
from cockpit.plans.lint.findings import FieldPath, Finding, Subject
from cockpit.plans.lint.walk import RUN, Used, expressions
from cockpit.plans.schema import Plan, Step

# What a step of each kind leaves for later ones, beside its own `capture`.
_LEAVES: Mapping[str, frozenset[str]] = {
    "ask": frozenset({"answer"}),
    "decide": frozenset({"answer", "reason"}),
    "approve": frozenset({"approved_by", "second_person"}),
    "restore_point": frozenset({"answer", "suspect_at"}),
    "prove_halt": frozenset({"halted_at", "basis"}),
    "carry_settings": frozenset({"applied", "left_for_people"}),
    "spot_check": frozenset({"looked_at", "left_open", "evidence"}),
    "checklist": frozenset({"left_open"}),
    "notify": frozenset({"answer"}),
    "post_status": frozenset({"posted", "where"}),
    "shell": frozenset({"exit", "output"}),
    "http": frozenset({"status"}),
}
_EVERY_STEP = frozenset({"started_at", "ended_at", "outcome"})
_SCOPE = frozenset({"environment", "kind", "account", "region", "role", "names"})
_PLAN = frozenset({"id", "title"})
_RUN = frozenset({"id", "started_at", "now", "halted", "halted_at", "loss"})
_LOSS = frozenset({"start", "end", "duration", "duration_seconds", "at_least", "at_most", "writes", "end_basis"})
_OWN_CHECKS: Mapping[str, frozenset[str]] = {
    "identity": frozenset({"account", "arn"}),
    "clock": frozenset({"skew_seconds"}),
}


def syntax(subject: Subject) -> Iterator[Finding]:
    """Every ``{{ … }}`` in free JSON (parameters, defaults) is closed and holds JMESPath."""
    for used in expressions(subject.plan):
        if not isinstance(used, Used):
            yield Finding(used[0], str(used[1]))


def names(subject: Subject) -> Iterator[Finding]:
    """Every name an expression looks at exists, and belongs to something that comes before."""
    for used in expressions(subject.plan):
        if isinstance(used, Used):
            seen = look_into(used.source)
            yield from _check(subject.plan, used, seen)


def inputs_used(subject: Subject) -> Iterator[Finding]:
    """Every input is used somewhere: one that is not asks the operator for nothing."""
    used = {
        path[1]
        for use in expressions(subject.plan)
        if isinstance(use, Used)
        for path in look_into(use.source).rooted
        if path[0] == "inputs" and len(path) > 1
    }
    for name in subject.plan.inputs:
        if name not in used:
            yield Finding(("inputs", name), "nothing uses this input")


def _check(plan: Plan, used: Used, seen: Paths) -> Iterator[Finding]:
    for path in seen.rooted:
        message = _wrong(plan, used, path)
        if message:
            yield Finding(used.path, f"{'.'.join(path)}: {message}")
    for path in seen.inside:
        if path[0] in RUN and path[0] in ("inputs", "steps", "run", "preflight", "scope") and len(path) > 1:
            words = "a filter sees only the elements it filters; use where(list, 'key', value)"
            yield Finding(used.path, f"{'.'.join(path)}: {words}")


def _wrong(plan: Plan, used: Used, path: FieldPath) -> str:
    """Return what is wrong with one path of names; empty if nothing is."""
    root, rest = str(path[0]), tuple(str(part) for part in path[1:])
    if root not in used.names:
        return f"not known here; an expression in this field may name {', '.join(sorted(used.names))}"
    if not rest:
        return ""
    special = {"inputs": _wrong_input, "steps": _wrong_step, "preflight": _wrong_preflight, "run": _wrong_run}.get(root)
    if special is not None:
        return special(plan, used, rest)
    known = {"scope": _SCOPE, "plan": _PLAN}.get(root)
    return "" if known is None or rest[0] in known else f"{root} has only {', '.join(sorted(known))}"


def _wrong_input(plan: Plan, _used: Used, rest: tuple[str, ...]) -> str:
    return "" if rest[0] in plan.inputs else f"the plan has no input {rest[0]}"


def _wrong_step(plan: Plan, used: Used, rest: tuple[str, ...]) -> str:
    index = next((n for n, step in enumerate(plan.steps) if step.id == rest[0]), None)
    if index is None:
        return f"the plan has no step {rest[0]}"
    is_own = index == used.step and used.own
    if used.step is not None and not is_own and not plan.has_run_before(index, used.step):
        return f"step {rest[0]} has not run by then"
    if len(rest) > 1 and rest[1] not in captured_by(plan.steps[index]):
        return f"step {rest[0]} captures no {rest[1]}; it has {', '.join(sorted(captured_by(plan.steps[index])))}"
    return ""


def captured_by(step: Step) -> frozenset[str]:
    """Return the names a step leaves for later ones."""
    spec = step.action
    captured = frozenset(spec.capture) if isinstance(spec, AwsSpec | WaitSpec | ShellSpec | HttpSpec) else frozenset()
    own = captured | _LEAVES.get(spec.kind, frozenset())
    return _EVERY_STEP | own | frozenset(step.verify.capture if step.verify else ())


def _wrong_preflight(plan: Plan, used: Used, rest: tuple[str, ...]) -> str:
    known = {check.id: frozenset(check.capture) for check in plan.preflight}
    order = [check.id for check in plan.preflight]
    if rest[0] in _OWN_CHECKS:
        captured = _OWN_CHECKS[rest[0]]
    elif rest[0] not in known:
        return f"the plan has no preflight {rest[0]}"
    elif used.preflight is not None and order.index(rest[0]) >= used.preflight:
        return f"preflight {rest[0]} has not been made by then"
    else:
        captured = known[rest[0]]
    if len(rest) > 1 and rest[1] not in captured:
        return f"preflight {rest[0]} captures no {rest[1]}"
    return ""


def _wrong_run(plan: Plan, used: Used, rest: tuple[str, ...]) -> str:
    if rest[0] not in _RUN:
        return f"run has only {', '.join(sorted(_RUN))}"
    if rest[0] == "loss" and len(rest) > 1 and rest[1] not in _LOSS:
        return f"run.loss has only {', '.join(sorted(_LOSS))}"
    if rest[0] == "halted" and len(rest) > 1:
        last = len(plan.steps) if used.step is None else used.step
        steps = [step for n, step in enumerate(plan.steps[:last]) if used.step is None or plan.has_run_before(n, last)]
        if not any(halt.name == rest[1] for step in steps for halt in step.halts):
            return f"no step before halts {rest[1]}"
    return ""
