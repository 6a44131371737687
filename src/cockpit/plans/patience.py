"""Looking again: for what lives outside AWS (a web page, a program's output) and needs a moment to become as wanted."""

from datetime import timedelta

from cockpit.plans.base import PlanModel


class Patience(PlanModel):
    """How often and for how long to look.

    Attributes:
        within: how long it may be otherwise than wanted, from the start or from the last look that was well, before the
            step fails. Real time: programs and pages need it, whatever clock the run has. Zero: one look decides.
        every: pause between looks.
        hold: how long it must stay as wanted without a break (a soak). Time of the run's clock.
    """

    within: timedelta = timedelta(0)
    every: timedelta = timedelta(seconds=2)
    hold: timedelta = timedelta(0)
