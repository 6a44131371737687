"""``aws``: any operation of any AWS service."""

from typing import Literal, Self

from pydantic import Field, JsonValue, model_validator

from cockpit.plans.base import CallName, Expression, Name, PlanModel, Template
from cockpit.plans.probe import Read, Reconcile


class AwsSpec(PlanModel):
    """One call.

    Attributes:
        call: service and operation as botocore names them.
        params: parameters; strings may hold expressions, a string that is one whole expression keeps its type.
        region: another region than the run's.
        pages: read all pages (reads only).
        absent: error codes of a read that mean "there is none": the answer is then empty (as in `Read`).
        unreachable: of a read, as in `Read`.
        capture: values kept as ``steps.<id>.<name>``: expressions over ``answer``.
        reconcile: how to find out what happened if the answer is lost. A mutation without idempotency token needs one.
        repeatable: why sending the call a second time changes nothing more, in words, where nothing can be read that
            would tell whether it took effect. A lost answer is then no reason to ask: the call is confirmed anew.
    """

    kind: Literal["aws"] = "aws"
    call: CallName
    params: dict[str, JsonValue] = Field(default_factory=dict)
    region: Template | None = None
    pages: bool = False
    absent: tuple[str, ...] = ()
    unreachable: Literal["absent"] | None = None
    capture: dict[Name, Expression] = Field(default_factory=dict)
    reconcile: Reconcile | None = None
    repeatable: str = ""

    @model_validator(mode="after")
    def _is_a_sound_read(self) -> Self:
        self.as_read()
        return self

    @model_validator(mode="after")
    def _finds_out_in_one_way(self) -> Self:
        if self.repeatable and self.reconcile is not None:
            raise ValueError("either reconcile finds out what happened, or repeatable says that it does not matter")
        return self

    def as_read(self) -> Read:
        """Return the call as a read, for a step that only reads."""
        return Read(
            read=self.call,
            params=self.params,
            region=self.region,
            pages=self.pages,
            absent=self.absent,
            unreachable=self.unreachable,
        )
