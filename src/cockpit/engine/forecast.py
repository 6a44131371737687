"""How long a run may still take, from documented and drilled durations. Pure; every number is an estimate."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cockpit.engine.branches import Group, is_settled, parts
from cockpit.engine.recovery import recovered_at, until_recovery
from cockpit.engine.state import RunState, StepState
from cockpit.plans.schema import Plan, Step

_HALF, _MOST = 0.5, 0.95


@dataclass(frozen=True, slots=True)
class StepTime:
    """Times of one step.

    Attributes:
        documented: what the source says; None: not stated.
        actual: time of the attempt in hand or ended; None before the first.
        expected: half of the drills took no longer (p50), else the documented time; None: nothing is known.
        at_most: 95 of 100 drills took no longer (p95), else the documented time.
        over: how far the actual time exceeds the documented one; None if it does not, or none is stated.
    """

    step: str
    documented: timedelta | None
    actual: timedelta | None
    expected: timedelta | None
    at_most: timedelta | None
    over: timedelta | None


@dataclass(frozen=True, slots=True)
class Forecast:
    """Times of a run.

    Attributes:
        recovered_at: when the service was back, UTC; None while it is not, or if the plan names no step for it.
        elapsed: since the run was opened, until the service was back, else until now or the run's end.
        remaining: what the open steps are expected to take still (p50), one after the other; of branches that run side
            by side, the longest way through.
        remaining_at_most: the same at p95 each: a pessimistic sum.
        unknown: ids of open steps of which nothing is known; they are not in the sums.
        to_recovery: what of `remaining` stands before the steps that show the service to be back.
        rto: documented recovery-time objective; None if none is stated.
    """

    steps: tuple[StepTime, ...]
    recovered_at: datetime | None
    elapsed: timedelta
    remaining: timedelta
    remaining_at_most: timedelta
    unknown: tuple[str, ...]
    to_recovery: timedelta
    rto: timedelta | None

    @property
    def rto_left(self) -> timedelta | None:
        """Return what is left of the objective, negative once it is missed; None without one."""
        return None if self.rto is None else self.rto - self.elapsed

    @property
    def misses_rto(self) -> bool | None:
        """Tell whether the objective will be missed if the open steps take as long as expected; None without one."""
        return None if self.rto is None else self.elapsed + self.to_recovery > self.rto


def forecast(state: RunState, now: datetime) -> Forecast:
    """Return the times of a run as known at `now` (UTC, the run's clock)."""
    steps = tuple(_step_time(state.plan, step, state.steps.get(step.id), now) for step in state.plan.steps)
    still: dict[str, timedelta] = {}
    still_at_most: dict[str, timedelta] = {}
    unknown = []
    for time in steps:
        known = state.steps.get(time.step)
        if state.ended or is_settled(known):
            continue
        if time.expected is None or time.at_most is None:
            unknown.append(time.step)
            continue
        spent = time.actual if known is not None and known.outcome is None and time.actual else timedelta(0)
        still[time.step] = max(time.expected - spent, timedelta(0))
        still_at_most[time.step] = max(time.at_most - spent, timedelta(0))
    back, before = recovered_at(state), until_recovery(state.plan)
    still_to_recovery = {} if back else {name: time for name, time in still.items() if name in before}
    return Forecast(
        steps=steps,
        recovered_at=back,
        elapsed=max((back or (state.last_at if state.ended else now)) - state.opened_at, timedelta(0)),
        remaining=_way_through(state.plan, still),
        remaining_at_most=_way_through(state.plan, still_at_most),
        unknown=tuple(unknown),
        to_recovery=_way_through(state.plan, still_to_recovery),
        rto=state.plan.objectives.rto,
    )


def _way_through(plan: Plan, durations: Mapping[str, timedelta]) -> timedelta:
    """Return how long the plan takes if each step takes so long: branches side by side, the join after the last."""
    total = timedelta(0)
    for part in parts(plan):
        total += durations.get(part.id, timedelta(0)) if isinstance(part, Step) else _longest(part, durations)
    return total


def _longest(group: Group, durations: Mapping[str, timedelta]) -> timedelta:
    ends: dict[str, timedelta] = {}
    for lane in group.lanes:
        begin = max((ends[name] for name in lane.branch.after), default=timedelta(0))
        ends[lane.branch.id] = begin + sum((durations.get(step.id, timedelta(0)) for step in lane.steps), timedelta(0))
    return max(ends.values(), default=timedelta(0))


def percentile(seconds: Sequence[float], part: float) -> float:
    """Return the smallest of the values that at least that part of them do not exceed (nearest rank).

    Raises:
        ValueError: there are no values.
    """
    if not seconds:
        raise ValueError("no values")
    ordered = sorted(seconds)
    rank = max(1, -(-int(part * 1000) * len(ordered) // 1000))
    return ordered[min(rank, len(ordered)) - 1]


def _step_time(plan: Plan, step: Step, known: StepState | None, now: datetime) -> StepTime:
    drilled = plan.drill.durations.get(step.id, ()) if plan.drill else ()
    expected = timedelta(seconds=percentile(drilled, _HALF)) if drilled else step.documented
    at_most = timedelta(seconds=percentile(drilled, _MOST)) if drilled else step.documented
    actual = None
    if known is not None and known.started_at is not None:
        actual = max((known.ended_at or now) - known.started_at, timedelta(0))
    over = None
    if actual is not None and step.documented is not None and actual > step.documented:
        over = actual - step.documented
    return StepTime(step.id, step.documented, actual, expected, at_most, over)
