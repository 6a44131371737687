"""``prove_halt``: prove by metrics that nothing writes any more."""

from datetime import timedelta
from typing import Literal

from cockpit.plans.actions.restorable import OfRestorable


class ProveHaltSpec(OfRestorable):
    """Wait until nothing has written for `quiet` after the last halting step was acknowledged.

    Of a table DynamoDB counts every write. Aurora counts none, so of a cluster it is proven that nobody is connected:
    ``AWS/RDS DatabaseConnections`` is there and 0 for each minute, and the application's own count, if the plan's
    restore point names one, shows no write. The proven halt time is the acknowledgement of the last step with
    ``stops_writes``, unless something was counted in a whole minute after it: that moves it there. Kept as
    ``steps.<id>.halted_at``.
    """

    kind: Literal["prove_halt"] = "prove_halt"
    quiet: timedelta = timedelta(minutes=2)
    timeout: timedelta = timedelta(minutes=15)
