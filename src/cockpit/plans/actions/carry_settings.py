"""``carry_settings``: give a restored table what a restore drops (E-05)."""

from typing import Literal

from pydantic import Field

from cockpit.plans.base import PlanModel, Template


class DeclaredSettings(PlanModel):
    """A table's settings as somebody has written them down, for when the table itself cannot be asked.

    Attributes:
        recovery_days: length of the window of point-in-time recovery; None if it is to stay off.
        time_to_live: the attribute; empty if there is none.
        stream: what the stream shows; None without a stream.
    """

    recovery_days: int | None = Field(default=None, ge=1, le=35)
    time_to_live: str = ""
    stream: Literal["KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES"] | None = None
    deletion_protection: bool = False
    table_class: Literal["STANDARD", "STANDARD_INFREQUENT_ACCESS"] = "STANDARD"
    tags: dict[str, str] = Field(default_factory=dict)


class CarrySettingsSpec(PlanModel):
    """Compare a restored table with its source and re-apply what is missing.

    Compared: PITR, TTL, stream, tags, deletion protection, table class, resource policy (`except_policy` leaves out the
    fence the plan itself put on the source), auto scaling targets and policies, alarms with the table as dimension.
    What cannot be carried by the cockpit (IAM policies, IaC) is listed for the operator.

    Attributes:
        declared: template that gives the source's settings (`DeclaredSettings`), if its region is down and it cannot be
            read. Its policy, scaling and alarms are then not known, and are left for people.
        policy: the source's resource policy as it was before the fence, as JSON text. A document without statements
            (``{}``), or no value, means that it had none.
    """

    kind: Literal["carry_settings"] = "carry_settings"
    source_table: Template
    restored_table: Template
    policy: Template | None = None
    declared: Template | None = None
