"""``approve``: somebody takes responsibility by typing a phrase."""

from typing import Literal, Self

from pydantic import model_validator

from cockpit.plans.base import Expression, PlanModel, Template


class Loses(PlanModel):
    """What is lost by going back to a backup. Plans with a `restore_point` need not say it.

    Attributes:
        since: the time of the backup: everything after it is lost.
        until: when the service went down, if that ended its writes; without it they end when the run proves a halt.
        writes: how many writes that is, if something counts them.
        basis: where that number comes from, in words.
    """

    since: Expression
    until: Expression | None = None
    writes: Expression | None = None
    basis: Template = ""


class ApproveSpec(PlanModel):
    """An approval. Kept as ``steps.<id>.approved_by`` and ``second_person``.

    Attributes:
        statement: what is approved, filled with measured facts.
        phrase: what has to be typed, a template.
        second_person: another person's name is asked for too and must differ.
        loses: the data-loss window, where the plan goes back to a backup.
        accepts_loss: shows the data-loss window; typing accepts it, and the window is recorded (S1:101, RQ-09).
    """

    kind: Literal["approve"] = "approve"
    statement: Template
    phrase: Template
    second_person: bool = False
    accepts_loss: bool = False
    loses: Loses | None = None

    @model_validator(mode="after")
    def _is_accepted(self) -> Self:
        if self.loses is not None and not self.accepts_loss:
            raise ValueError("loses belongs to an approval that accepts_loss")
        return self
