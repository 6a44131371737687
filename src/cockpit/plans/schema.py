"""A plan: a contingency procedure that can be checked, shown and run.

The fields read like the procedure does. `docs/writing-plans.md` explains each with examples.
"""

from datetime import timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import Field, JsonValue, StringConstraints, model_validator

from cockpit.model.effect import Effect
from cockpit.plans.actions import ActionSpec, move_action_key
from cockpit.plans.base import Expression, Name, PlanModel, SourceRef, Template
from cockpit.plans.probe import Probe, Read

PlanId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+/[a-z0-9-]+$")]


class Source(PlanModel):
    """Lines of a source document."""

    document: Literal["S0", "S1", "S2", "S3", "S4"]
    title: str
    lines: str


class Signal(PlanModel):
    """Something the cockpit can see that speaks for this plan. Exactly one field is set.

    Attributes:
        alarm: name pattern (``*`` and ``?``) of an alarm that fires; may hold expressions over ``scope``.
        deployment: a deployment in that state within the last day.
        application: the CodeDeploy application whose deployments count; any if unset.
    """

    alarm: Template | None = None
    deployment: Literal["running", "failed", "stopped", "succeeded"] | None = None
    application: Template | None = None
    why: str

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if (self.alarm is None) == (self.deployment is None):
            raise ValueError("a signal names either an alarm or a deployment state")
        return self


class Trigger(PlanModel):
    """When to use the plan: in words, and as far as it can be evaluated."""

    words: str
    signals: tuple[Signal, ...] = ()


class Objectives(PlanModel):
    """Documented objectives. None means: not stated in the source.

    Attributes:
        recovered_by: ids of the steps whose end shows that the service is back: the recovery-time clock stops with the
            last of them. Without any, it runs to the end of the plan, with everything that is watched and told.
    """

    rto: timedelta | None = None
    rpo: timedelta | None = None
    recovered_by: tuple[Name, ...] = ()
    source: tuple[SourceRef, ...] = ()
    note: str = ""


class Authorization(PlanModel):
    """Who may run the plan, as the source says it, and whether a second person is named for data loss."""

    words: str
    roles: tuple[str, ...] = ()
    second_person: bool = False
    source: tuple[SourceRef, ...] = ()


class PlanInput(PlanModel):
    """A value the plan needs before it starts. Unset or empty refuses to start (RQ-24). A plain text is its title.

    Attributes:
        default: a template over ``scope`` (``"{{ scope.names.syncwell.table }}"``) or a plain value; a name that the
            configuration does not have leaves the input unset. Without one it is ``scope.names.<system>.<input>``.
        required: False allows the value to stay unset (None); expressions must then test it with ``when``.
    """

    title: str
    type: Literal["string", "integer", "list", "map"] = "string"
    default: JsonValue = None
    required: bool = True
    help: str = ""

    @model_validator(mode="before")
    @classmethod
    def _plain_title(cls, data: Any) -> Any:
        return {"title": data} if isinstance(data, str) else data


class Preflight(Read):
    """A read before anything changes. They are made in order; each sees what those before it captured.

    Attributes:
        expect: expression over ``answer`` that must be true.
        otherwise: what to tell the operator if it is not.
        blocking: True refuses to start; False shows a warning.
        capture: values kept as ``preflight.<id>.<name>``.
    """

    id: Name
    title: str
    expect: Expression
    otherwise: str
    blocking: bool = True
    capture: dict[Name, Expression] = Field(default_factory=dict)


class StatusText(PlanModel):
    """Words for the status page at one phase.

    Attributes:
        basis: ``verbatim`` is byte for byte the source's, ``draft`` is ours and says so on screen.
        text: may hold expressions over measured facts; what is not measured yet shows as a named gap.
    """

    phase: Name
    title: str
    basis: Literal["verbatim", "draft"]
    text: Template
    source: tuple[SourceRef, ...] = ()


class Communications(PlanModel):
    """The texts by phase, and how often an update is due once the first is posted."""

    texts: tuple[StatusText, ...]
    update_every: timedelta | None = None


class Halt(PlanModel):
    """A value a step changes to stop the bleeding: saved first, offered back later (RQ-28).

    Attributes:
        name: where it is kept: ``run.halted.<name>``.
        what: words for the list of what is still halted.
        value: expression for the value before the step.
        restored_by: id of the later step that puts it back; None if it is meant to stay.
    """

    name: Name
    what: Template
    value: Expression
    restored_by: Name | None = None


class Cost(PlanModel):
    """What a step costs, shown before it is confirmed."""

    data: Template = "none"
    time: Template = ""
    undo: Template = ""


class Undo(PlanModel):
    """How to take a step back: words, and an action where there is one.

    Attributes:
        verify: the probe that proves that it is taken back; the step before it is undone only then.
    """

    words: str
    action: ActionSpec | None = None
    verify: Probe | None = None

    _move = model_validator(mode="before")(move_action_key)


class Step(PlanModel):
    """One step. The action stands under its own name (``aws:``, ``wait:``, ``checklist:`` …), exactly one.

    Attributes:
        effect: what the step does to the world; checked against the IAM access level of its calls.
        when: expression; if false the step is skipped, and says so.
        documented: how long the source says it takes; None: not stated in the source.
        skippable: the operator may skip it with a reason.
        verify: the probe that proves the effect; the step is done only when it holds.
        stops_writes: the moment this step is acknowledged counts as the end of writes, until proven or refuted.
        reopens_writes: from here on a later rollback would strand writes: the second loss window opens.
        part: titles of the included procedures the step comes from, outermost first; empty for the plan's own.
        branch: id of the parallel branch it belongs to; None outside of them.
    """

    id: Name
    title: str
    why: str
    source: tuple[SourceRef, ...]
    effect: Effect
    action: ActionSpec
    when: Expression | None = None
    documented: timedelta | None = None
    cost: Cost | None = None
    skippable: bool = False
    verify: Probe | None = None
    halts: tuple[Halt, ...] = ()
    undo: Undo | None = None
    point_of_no_return: bool = False
    stops_writes: bool = False
    reopens_writes: bool = False
    part: tuple[str, ...] = ()
    branch: Name | None = None

    _move = model_validator(mode="before")(move_action_key)


class Branch(PlanModel):
    """One of several branches that run side by side, each a list of steps in order (RQ-20).

    Attributes:
        group: id of the ``parallel`` it stands in; the steps after that wait for all its branches.
        after: branches of the same group, written before it, that must have ended first.
        budget: how long the source gives it; None: not stated in the source.
    """

    id: Name
    title: str
    group: Name
    after: tuple[Name, ...] = ()
    budget: timedelta | None = None
    source: tuple[SourceRef, ...] = ()


class Deviation(PlanModel):
    """Where the plan does not do what the source says, and why."""

    id: SourceRef
    source_says: str
    plan_does: str
    why: str


class Drill(PlanModel):
    """How often the plan is rehearsed, and durations seen before (seconds per step id), for forecasts."""

    cadence: str
    source: tuple[SourceRef, ...] = ()
    durations: dict[Name, tuple[float, ...]] = Field(default_factory=dict)


class PlanHead(PlanModel):
    """Everything of a contingency procedure but its steps."""

    id: PlanId
    title: str
    source: tuple[Source, ...]
    severity: str
    last_resort: bool = False
    last_resort_words: str = ""
    trigger: Trigger
    expected_behaviour: str
    objectives: Objectives
    authorization: Authorization
    inputs: dict[Name, PlanInput] = Field(default_factory=dict)
    targets: tuple[str, ...]
    locks: tuple[Template, ...] = ()
    preflight: tuple[Preflight, ...] = ()
    communications: Communications
    may_stay_halted: tuple[str, ...] = ()
    post_incident: tuple[str, ...] = ()
    deviations: tuple[Deviation, ...] = ()
    drill: Drill | None = None


class Plan(PlanHead):
    """A contingency procedure, with everything it includes written out: what is checked, shown, journaled and run.

    The steps of a branch stand together, in order, and after those of the branches it waits for. `composing` makes it.
    """

    steps: tuple[Step, ...]
    branches: tuple[Branch, ...] = ()

    def step(self, step_id: str) -> Step:
        """Return the step of that id.

        Raises:
            KeyError: the plan has no such step.
        """
        for step in self.steps:
            if step.id == step_id:
                return step
        raise KeyError(step_id)

    def branch(self, branch_id: str) -> Branch:
        """Return the branch of that id.

        Raises:
            KeyError: the plan has no such branch.
        """
        for branch in self.branches:
            if branch.id == branch_id:
                return branch
        raise KeyError(branch_id)

    def waited_for(self, branch_id: str) -> frozenset[str]:
        """Return the branches that must have ended before this one begins, with those that they wait for."""
        after = self.branch(branch_id).after
        return frozenset(after).union(*(self.waited_for(each) for each in after))

    def has_run_before(self, earlier: int, later: int) -> bool:
        """Tell whether one step (by its index) has always ended when the other begins."""
        first, second = self.steps[earlier].branch, self.steps[later].branch
        if earlier >= later or first is None or second is None or first == second:
            return earlier < later
        is_beside = self.branch(first).group == self.branch(second).group
        return not is_beside or first in self.waited_for(second)

    def text(self, phase: str) -> StatusText:
        """Return the status text of that phase.

        Raises:
            KeyError: the plan has no text for that phase.
        """
        for text in self.communications.texts:
            if text.phase == phase:
                return text
        raise KeyError(phase)
