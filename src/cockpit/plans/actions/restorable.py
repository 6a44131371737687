"""What is restored to a second in the past: a DynamoDB table or an Aurora cluster."""

from typing import Self

from pydantic import model_validator

from cockpit.plans.base import PlanModel, Template


class OfRestorable(PlanModel):
    """Base of actions on such a thing. Exactly one is set.

    Attributes:
        table: a DynamoDB table's name.
        cluster: an Aurora cluster's identifier.
    """

    table: Template | None = None
    cluster: Template | None = None

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.table is None) == (self.cluster is None):
            raise ValueError("name either a table or a cluster")
        return self
