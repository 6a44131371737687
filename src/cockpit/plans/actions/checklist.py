"""``checklist``: things a person looks at or does, each ticked off one by one."""

from typing import Literal

from pydantic import Field

from cockpit.plans.base import Name, PlanModel, Template
from cockpit.plans.probe import Read


class ChecklistItem(PlanModel):
    """One thing to look at. `evidence` is a line filled from the run or from the step's reads, to judge by."""

    id: Name
    text: Template
    evidence: Template = ""


class ChecklistSpec(PlanModel):
    """Items to tick off; `reads` are made first, each item's evidence sees them as ``reads.<name>``."""

    kind: Literal["checklist"] = "checklist"
    items: tuple[ChecklistItem, ...] = Field(min_length=1)
    reads: dict[Name, Read] = Field(default_factory=dict)
