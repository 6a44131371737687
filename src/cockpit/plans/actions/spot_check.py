"""``spot_check``: look at known items in the source and the restored table, side by side."""

from typing import Literal

from pydantic import Field, JsonValue

from cockpit.plans.base import PlanModel


class SpotCheckSpec(PlanModel):
    """Read the named items from both tables and count the restored table; the operator judges each (S0:120, S1:103).

    Attributes:
        keys: expression that gives a list of primary keys in DynamoDB JSON, or a list of them.
        count: scan the restored table's count too (ItemCount is hours old, AWS-FACTS 2).
    """

    kind: Literal["spot_check"] = "spot_check"
    source_table: str
    restored_table: str
    keys: list[JsonValue] | str = Field(default_factory=list)
    count: bool = True
