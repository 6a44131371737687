"""What an unattended operator answers: a file beside the plan, for tests and drills.

What the file does not name is answered the plain way (`cockpit.engine.unattended`). `docs/writing-plans.md` explains
the format.
"""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, JsonValue

from cockpit.plans.actions.approve import ApproveSpec
from cockpit.plans.actions.checklist import ChecklistSpec
from cockpit.plans.actions.decide import DecideSpec
from cockpit.plans.base import Name, PlanModel, Template
from cockpit.plans.document import DocumentError, Path_
from cockpit.plans.schema import Plan, PlanId, Step
from cockpit.plans.yaml_document import read_document, validate_document

Way = Literal["retry", "skip", "reconcile", "happened", "not_happened", "leave", "undo"]
PREFLIGHT_ANSWER = "preflight"

# Which fields answer the prompts of which action; those of _ANY fit every step.
_ANY = frozenset({"trouble", "abort", "reason"})
_FITTING: dict[str, frozenset[str]] = {
    "ask": frozenset({"answer"}),
    "notify": frozenset({"answer"}),
    "decide": frozenset({"option"}),
    "approve": frozenset({"second_person"}),
    "checklist": frozenset({"items"}),
    "restore_point": frozenset({"at"}),
    "post_status": frozenset({"text", "posted", "where"}),
}


def _in_turn(ways: object) -> object:
    return [ways] if isinstance(ways, str) else ways


class StepAnswer(PlanModel):
    """What is answered at one step, instead of the plain way. Texts may hold expressions over the run's context.

    Attributes:
        answer: value of an ``ask``: the text, or the value of the choice; of a ``notify``: how they were told.
        option: value of a ``decide``'s option.
        at: restore point, UTC, as ``2026-11-21T03:14:07Z``.
        items: reasons for the items of a ``checklist`` that are left open; all others are ticked.
        text: what is posted instead of the offered status text.
        posted: False: the text is not posted, `where` says why.
        where: where the text was posted.
        second_person: who else approves, instead of the file's.
        reason: recorded with a decision, a way out of trouble, or an abort.
        trouble: what to do if the step fails, each way once and in this order; after that the run is left.
        abort: instead of answering the step's first prompt, end the run.
    """

    answer: JsonValue = None
    option: Template | None = None
    at: Template | None = None
    items: dict[Name, Template] = Field(default_factory=dict)
    text: Template | None = None
    posted: bool = True
    where: Template | None = None
    second_person: str | None = None
    reason: Template = "answered from a file"
    trouble: Annotated[tuple[Way, ...], BeforeValidator(_in_turn)] = ()
    abort: Literal["leave", "stop", "undo"] | None = None


class Answers(PlanModel):
    """The whole file.

    Attributes:
        scenario: the simulated outage that these answers fit.
        plan: the plan they are for, if several have answers in one folder under other names than their own.
        inputs: values of the plan's inputs.
        second_person: who else approves where a plan wants two people.
        answers: by step id; ``preflight`` for trouble before the first step.
    """

    scenario: str | None = None
    plan: PlanId | None = None
    inputs: dict[Name, JsonValue] = Field(default_factory=dict)
    second_person: str = ""
    answers: dict[Name, StepAnswer] = Field(default_factory=dict)

    def at_step(self, step: str) -> StepAnswer:
        """Return what is answered at a step, the plain way if nothing is named; `step` is empty in the preflight."""
        return self.answers.get(step or PREFLIGHT_ANSWER, _PLAIN)


_PLAIN = StepAnswer()


def load_answers(path: Path, plan: Plan) -> Answers:
    """Read the answers for a plan.

    Raises:
        DocumentError: the file is not sound, or names what the plan does not have; each problem with file and line.
    """
    document = read_document(path)
    answers = validate_document(document, Answers)
    problems = [document.problem(place, words) for place, words in misfits(answers, plan)]
    if problems:
        raise DocumentError(tuple(problems))
    return answers


def misfits(answers: Answers, plan: Plan) -> list[tuple[Path_, str]]:
    """Return what in the answers does not fit the plan: where it stands in the file, and why in words."""
    found: list[tuple[Path_, str]] = []
    if answers.plan not in (None, plan.id):
        found.append((("plan",), f"these answers are for {answers.plan}, the plan is {plan.id}"))
    found += [
        (("inputs", name), f"{plan.id} has no input {name}") for name in answers.inputs if name not in plan.inputs
    ]
    steps = {step.id: step for step in plan.steps}
    for name, answer in answers.answers.items():
        place: Path_ = ("answers", name)
        if name in steps:
            found += [((*place, *inner), words) for inner, words in _misfits_of(answer, steps[name])]
        elif name != PREFLIGHT_ANSWER:
            found.append((place, f"{plan.id} has no step {name}"))
        elif answer.model_fields_set - _ANY:
            found.append((place, "the preflight asks nothing but what to do about trouble"))
    return found + _without_second_person(answers, plan)


def _misfits_of(answer: StepAnswer, step: Step) -> list[tuple[Path_, str]]:
    spec = step.action
    fitting = _FITTING.get(spec.kind, frozenset()) | _ANY
    found: list[tuple[Path_, str]] = [
        ((name,), f"answers nothing at a step with {spec.kind}; fitting: {', '.join(sorted(fitting))}")
        for name in sorted(answer.model_fields_set - fitting)
    ]
    if isinstance(spec, DecideSpec) and answer.option is not None and "{{" not in answer.option:
        known = [option.value for option in spec.options]
        if answer.option not in known:
            found.append((("option",), f"is none of the options {', '.join(known)}"))
    if isinstance(spec, ChecklistSpec):
        items = [item.id for item in spec.items]
        unknown = (name for name in answer.items if name not in items)
        found += [(("items", name), f"is none of the items {', '.join(items)}") for name in unknown]
    return found


def _without_second_person(answers: Answers, plan: Plan) -> list[tuple[Path_, str]]:
    if answers.second_person:
        return []
    wanting = [
        step.id
        for step in plan.steps
        if isinstance(step.action, ApproveSpec)
        and step.action.second_person
        and not answers.at_step(step.id).second_person
    ]
    return [(("second_person",), f"is missing: {', '.join(wanting)} wants a second person")] if wanting else []
