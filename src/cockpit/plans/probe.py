"""A probe: one read call and what its answer means. Used by verify, reconcile, preflight, wait and ask."""

from datetime import timedelta
from typing import Literal, Self

from pydantic import Field, JsonValue, model_validator

from cockpit.plans.base import CallName, Expression, Name, PlanModel, Template


class Read(PlanModel):
    """One read call. Expressions that look at its answer see it as ``answer``.

    Attributes:
        read: the operation; it must be on the read list of the guard.
        params: its parameters; strings may hold expressions.
        region: another region than the run's; an expression or a name.
        pages: read all pages and merge the lists in them.
        absent: AWS error codes that mean "there is none": the answer is then empty, not a failure
            (``PolicyNotFoundException`` of GetResourcePolicy, ``ResourceNotFoundException`` of DescribeTable).
        unreachable: ``absent`` if no answer is an answer too, an empty one: of a region that may be down. It is waited
            for no longer than a region that lives would take, and asked only once. Needs a `region` of its own.
    """

    read: CallName
    params: dict[str, JsonValue] = Field(default_factory=dict)
    region: Template | None = None
    pages: bool = False
    absent: tuple[str, ...] = ()
    unreachable: Literal["absent"] | None = None

    @model_validator(mode="after")
    def _the_runs_own_region_answers(self) -> Self:
        if self.unreachable is not None and self.region is None:
            raise ValueError("unreachable is for another region than the run's: say which with region")
        return self


class AlarmWatch(PlanModel):
    """Alarms that must be quiet for a probe to hold. An alarm that fires, and one that cannot tell, breaks it.

    Attributes:
        alarms: names, or patterns of names (``*`` and ``?``); a template that is one whole expression may give a list.
            One that fits no alarm fails the step: it would watch nothing.
        no_data: whether an alarm in INSUFFICIENT_DATA ``breaks`` too, because it proves nothing, or is ``quiet``.
    """

    alarms: tuple[Template, ...] = Field(min_length=1)
    no_data: Literal["breaks", "quiet"] = "breaks"


class Probe(Read):
    """A read repeated until its answer is as wanted.

    Attributes:
        until: expression that is true when the world is as wanted.
        fail_when: expression that is true when it never will be: the step fails at once.
        show: one line about the latest answer for the screen; a template.
        every: pause between reads.
        timeout: when to stop waiting; the step then fails, nothing is repeated.
        hold: how long `until` must stay true, and the watched alarms quiet, without a break (a soak).
        watch: alarms that must be quiet besides.
        on_break: what a break of the hold means: counting begins anew (``restart``), or the step fails at once
            (``fail``). What was so before the hold began is waited for; it is no break.
        capture: values kept for later steps: name to expression over ``answer``.
    """

    until: Expression
    fail_when: Expression | None = None
    show: Template = ""
    every: timedelta = timedelta(seconds=5)
    timeout: timedelta = timedelta(minutes=30)
    hold: timedelta = timedelta(0)
    watch: AlarmWatch | None = None
    on_break: Literal["restart", "fail"] = "restart"
    capture: dict[Name, Expression] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _can_hold(self) -> Self:
        if self.hold >= self.timeout:
            raise ValueError("timeout must be longer than hold, which can only begin once it is so")
        if self.on_break == "fail" and not self.hold:
            raise ValueError("on_break says what ends a hold; there is none")
        return self


class Reconcile(Read):
    """How to find out whether a call whose answer was lost took effect (AWS-FACTS 1).

    Attributes:
        how: ``name`` (the target's name is derived from the run), ``listed`` (list and match the run id),
            ``declared`` (compare with the wanted and the journaled value).
        done_when: expression that is true if the call took effect and is ours.
        unchanged_when: expression that is true if it did not take effect. Without one, not being seen for the
            consistency delay (60 s) means so. Neither true means conflict: the operator decides, nothing is repeated.
        detail: a second read, for services that list ids only; it sees ``answer``, and its answer is ``detail``.
        capture: what the lost answer would have given, read from ``answer``.
    """

    how: Literal["name", "listed", "declared"]
    detail: Read | None = None
    done_when: Expression
    unchanged_when: Expression | None = None
    capture: dict[Name, Expression] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _silence_proves_nothing(self) -> Self:
        if self.unreachable is not None:
            raise ValueError("whether a call took effect cannot be told from a region that does not answer")
        return self
