"""``prove_halt``: prove by metrics that nothing writes to a table any more."""

from datetime import timedelta
from typing import Literal

from cockpit.plans.base import PlanModel, Template


class ProveHaltSpec(PlanModel):
    """Wait until ConsumedWriteCapacityUnits is zero for `quiet` after the last halting step was acknowledged.

    The proven halt time is the acknowledgement of the last step with ``stops_writes``, if no write was counted
    in a whole minute after it; a later write moves it there. Kept as ``steps.<id>.halted_at``.
    """

    kind: Literal["prove_halt"] = "prove_halt"
    table: Template
    quiet: timedelta = timedelta(minutes=2)
    timeout: timedelta = timedelta(minutes=15)
