"""``carry_settings``: give a restored table what a restore drops (E-05)."""

from typing import Literal

from cockpit.plans.base import PlanModel, Template


class CarrySettingsSpec(PlanModel):
    """Compare a restored table with its source and re-apply what is missing.

    Compared: PITR, TTL, stream, tags, deletion protection, table class, resource policy (`except_policy` leaves out the
    fence the plan itself put on the source), auto scaling targets and policies, alarms with the table as dimension.
    What cannot be carried by the cockpit (IAM policies, IaC) is listed for the operator.

    Attributes:
        policy: the source's resource policy as it was before the fence, as JSON text. A document without statements
            (``{}``), or no value, means that it had none.
    """

    kind: Literal["carry_settings"] = "carry_settings"
    source_table: Template
    restored_table: Template
    policy: Template | None = None
