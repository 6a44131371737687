"""``approve``: somebody takes responsibility by typing a phrase."""

from typing import Literal

from cockpit.plans.base import PlanModel, Template


class ApproveSpec(PlanModel):
    """An approval. Kept as ``steps.<id>.approved_by`` and ``second_person``.

    Attributes:
        statement: what is approved, filled with measured facts.
        phrase: what has to be typed, a template.
        second_person: another person's name is asked for too and must differ.
        accepts_loss: shows the data-loss window; typing accepts it, and the window is recorded (S1:101, RQ-09).
    """

    kind: Literal["approve"] = "approve"
    statement: Template
    phrase: Template
    second_person: bool = False
    accepts_loss: bool = False
