"""Rules on the plan's parts: names used once, what is halted comes back, phases and files fit."""

from collections.abc import Iterable, Iterator

from cockpit.plans.actions.checklist import ChecklistSpec
from cockpit.plans.actions.decide import DecideSpec
from cockpit.plans.actions.post_status import PostStatusSpec
from cockpit.plans.lint.findings import FieldPath, Finding, Subject


def ids_once(subject: Subject) -> Iterator[Finding]:
    """Ids of steps, preflights, phases, items and options are used once."""
    plan = subject.plan
    yield from _twice(("steps",), (step.id for step in plan.steps), "id")
    yield from _twice(("preflight",), (check.id for check in plan.preflight), "id")
    yield from _twice(("communications", "texts"), (text.phase for text in plan.communications.texts), "phase")
    for index, step in enumerate(plan.steps):
        if isinstance(step.action, ChecklistSpec):
            path: FieldPath = ("steps", index, "checklist", "items")
            yield from _twice(path, (item.id for item in step.action.items), "id")
        if isinstance(step.action, DecideSpec):
            path = ("steps", index, "decide", "options")
            yield from _twice(path, (option.value for option in step.action.options), "value")


def id_fits_file(subject: Subject) -> Iterator[Finding]:
    """The id is ``<folder>/<file name>``, so that a plan is found where its id says."""
    expected = f"{subject.path.resolve().parent.name}/{subject.path.stem}"
    if subject.plan.id != expected:
        yield Finding(("id",), f"the file's place says {expected}")


def halts_restored(subject: Subject) -> Iterator[Finding]:
    """What is halted is put back by a later step, or is named in ``may_stay_halted``."""
    plan = subject.plan
    order = {step.id: index for index, step in enumerate(plan.steps)}
    halted = {halt.name for step in plan.steps for halt in step.halts}
    for index, step in enumerate(plan.steps):
        for number, halt in enumerate(step.halts):
            path: FieldPath = ("steps", index, "halts", number)
            if halt.restored_by is None and halt.name not in plan.may_stay_halted:
                yield Finding(path, f"{halt.name} is never put back: name restored_by, or list it in may_stay_halted")
            elif halt.restored_by is not None and halt.restored_by not in order:
                yield Finding((*path, "restored_by"), f"the plan has no step {halt.restored_by}")
            elif halt.restored_by is not None and not plan.has_run_before(index, order[halt.restored_by]):
                yield Finding((*path, "restored_by"), f"step {halt.restored_by} does not come after the halt")
    for number, name in enumerate(plan.may_stay_halted):
        if name not in halted:
            yield Finding(("may_stay_halted", number), f"no step halts {name}")


def recovery_known(subject: Subject) -> Iterator[Finding]:
    """The steps that stop the recovery-time clock are steps of the plan."""
    names = {step.id for step in subject.plan.steps}
    for number, name in enumerate(subject.plan.objectives.recovered_by):
        if name not in names:
            yield Finding(("objectives", "recovered_by", number), f"the plan has no step {name}")


def phases_posted(subject: Subject) -> Iterator[Finding]:
    """Every phase that is posted has a text, and every text is posted by a step."""
    plan = subject.plan
    texts = {text.phase for text in plan.communications.texts}
    posted = set()
    for index, step in enumerate(plan.steps):
        if isinstance(step.action, PostStatusSpec):
            posted.add(step.action.phase)
            if step.action.phase not in texts:
                yield Finding(("steps", index, "post_status", "phase"), f"there is no text for {step.action.phase}")
    for number, text in enumerate(plan.communications.texts):
        if text.phase not in posted:
            yield Finding(("communications", "texts", number), f"no step posts the text {text.phase}")


def stop_is_marked(subject: Subject) -> Iterator[Finding]:
    """A plan that proves a halt says which step stops the writes: the window's end rests on it."""
    plan = subject.plan
    for index, step in enumerate(plan.steps):
        if step.action.kind == "prove_halt" and not any(before.stops_writes for before in plan.steps[:index]):
            yield Finding(("steps", index, "prove_halt"), "no step before is marked stops_writes")


def _twice(path: FieldPath, names: Iterable[str], key: str) -> Iterator[Finding]:
    seen: set[str] = set()
    for index, name in enumerate(names):
        if name in seen:
            yield Finding((*path, index, key), f"{name} is used twice")
        seen.add(name)
