"""``spot_check``: look at known items in the source and the restored table, side by side."""

from typing import Literal

from pydantic import Field, JsonValue

from cockpit.plans.base import PlanModel, Template


class SpotCheckSpec(PlanModel):
    """Read the named items from both tables and count the restored table; the operator judges each (S0:120, S1:103).

    Attributes:
        source_table: None if it cannot be read, because its region is down: the restored items are shown alone.
        keys: template that gives a list of primary keys in DynamoDB JSON, or a list of them.
        count: scan the restored table's count too (ItemCount is hours old, AWS-FACTS 2).
    """

    kind: Literal["spot_check"] = "spot_check"
    source_table: Template | None = None
    restored_table: Template
    keys: list[JsonValue] | Template = Field(default_factory=list)
    count: bool = True
