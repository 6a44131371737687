"""``notify``: tell somebody, by the means the organisation has; recorded with how it was done."""

from typing import Literal

from cockpit.plans.base import PlanModel, Template


class NotifySpec(PlanModel):
    """Words for people who have to know. The operator sends them and says how (adapters come later)."""

    kind: Literal["notify"] = "notify"
    to: Template
    text: Template
