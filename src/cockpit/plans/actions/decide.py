"""``decide``: the operator takes one of several ways. Later steps look at it in their ``when``."""

from typing import Literal

from pydantic import Field

from cockpit.plans.base import Expression, Name, PlanModel, Template
from cockpit.plans.probe import Read


class Option(PlanModel):
    """One way. `stops` ends the run, with `consequence` as the reason (another plan fits better)."""

    value: Name
    label: Template
    consequence: Template
    stops: bool = False


class DecideSpec(PlanModel):
    """A decision. The chosen value is kept as ``steps.<id>.answer``.

    Attributes:
        recommend: expression that gives the value of the recommended option, shown with `because`.
        reads: made first; `recommend` and `because` see them as ``reads.<name>``.
        reason: ask for a reason and record it.
    """

    kind: Literal["decide"] = "decide"
    question: Template
    options: tuple[Option, ...] = Field(min_length=2)
    recommend: Expression | None = None
    because: Template = ""
    reads: dict[Name, Read] = Field(default_factory=dict)
    reason: bool = False
