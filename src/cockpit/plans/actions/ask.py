"""``ask``: a value only the operator knows, or a choice among what exists."""

from typing import Literal

from pydantic import JsonValue

from cockpit.plans.base import Expression, PlanModel, Template
from cockpit.plans.probe import Read


class Among(PlanModel):
    """Choices among what an earlier step has found. The expressions see one element as ``item``.

    Attributes:
        items: expression that gives the list of elements.
        value: what is kept if the element is chosen.
        label: what the operator reads.
        refuse_when: true if the element is no candidate; `why_not` says why.
        limit: how many elements are looked at and shown, first ones first; the operator is told how many there are.
    """

    items: Expression
    value: Expression
    label: Template
    refuse_when: Expression | None = None
    why_not: Template = ""
    limit: int = 20


class Discovered(Among, Read):
    """Choices read from AWS.

    With `pages` every page is read before `items` looks at the whole (``reverse(sort_by(…))`` puts the newest first).

    Attributes:
        items: expression over ``answer`` that gives the list of elements.
        detail: a second read for each element (its answer is ``detail``); for services that list ids only.
    """

    detail: Read | None = None


class AskSpec(PlanModel):
    """A question. The answer is kept as ``steps.<id>.answer``.

    Attributes:
        choices: fixed choices, shown as they are.
        among: choices that an earlier step has found outside AWS, refused ones shown with why.
        discovered: choices that exist in AWS, with times and why each is or is not a candidate.
        default: a template or a value; offered, never taken by itself.
        pattern: regular expression a typed answer must match.
    """

    kind: Literal["ask"] = "ask"
    question: Template
    choices: tuple[str, ...] = ()
    among: Among | None = None
    discovered: Discovered | None = None
    default: JsonValue = None
    pattern: str | None = None
