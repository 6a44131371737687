"""``post_status``: the words for the status page of one phase: fill, edit, copy, mark as posted."""

from typing import Literal

from cockpit.plans.base import Name, PlanModel


class PostStatusSpec(PlanModel):
    """Post the plan's text of that phase. Where and what was posted is recorded."""

    kind: Literal["post_status"] = "post_status"
    phase: Name
