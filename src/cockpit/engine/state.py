"""The state of a run as its records tell it. `fold` (beside this) is the only thing that makes one."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from pydantic import JsonValue

from cockpit.engine.prompts import Prompt
from cockpit.engine.records import Acked, CallFailed, CallUnknown, Intent, Reconciled
from cockpit.model.effect import Outcome
from cockpit.model.loss_window import LossWindow
from cockpit.model.scope import Scope
from cockpit.plans.schema import Plan


@dataclass(frozen=True, slots=True)
class CallState:
    """One mutation of a step: its intent, and what is known of its end."""

    intent: Intent
    at: datetime
    end: Acked | CallFailed | CallUnknown | Reconciled | None = None
    end_at: datetime | None = None

    @property
    def is_unknown(self) -> bool:
        """Tell whether nobody knows if the call took effect (a conflict is for the operator to judge)."""
        if isinstance(self.end, Reconciled):
            return self.end.verdict == "conflict"
        return self.end is None or isinstance(self.end, CallUnknown)

    @property
    def is_repeatable(self) -> bool:
        """Tell whether nobody knows if the call took effect, and by the plan it may be sent again all the same."""
        return isinstance(self.end, Reconciled) and self.end.verdict == "repeatable"

    @property
    def took_effect(self) -> bool:
        """Tell whether the call surely took effect."""
        return isinstance(self.end, Acked) or (isinstance(self.end, Reconciled) and self.end.verdict == "happened")


@dataclass(frozen=True, slots=True)
class StepState:
    """What happened to one step so far.

    Attributes:
        calls: the mutations of every attempt, oldest first (`CallState.intent.attempt` tells them apart).
        observed: subject to its latest words and whether they are as wanted.
        queued: it has something to ask, once the question before it is answered.
        undoing: the attempt in hand takes the step back (abort with undo).
        undone: how taking it back ended; None if it was not tried.
        began_at: when its first attempt began.
        over_at, over_seq: time and number of the record with which its latest attempt ended; taking it back, which
            changes `started_at` and `ended_at`, is not counted here.
    """

    step: str
    attempt: int = 0
    started_at: datetime | None = None
    ended_at: datetime | None = None
    outcome: Outcome | None = None
    reason: str = ""
    prompt: Prompt | None = None
    calls: tuple[CallState, ...] = ()
    observed: dict[str, tuple[str, bool | None]] = field(default_factory=dict)
    captured: dict[str, JsonValue] = field(default_factory=dict)
    queued: bool = False
    undoing: bool = False
    undone: Outcome | None = None
    began_at: datetime | None = None
    over_at: datetime | None = None
    over_seq: int = -1

    @property
    def is_unknown(self) -> bool:
        """Tell whether nobody knows if a call took effect: one that may be sent again counts until it was."""
        last = max((number for number, call in enumerate(self.calls) if call.took_effect), default=-1)
        return any(call.is_unknown for call in self.calls) or any(call.is_repeatable for call in self.calls[last + 1 :])


@dataclass(frozen=True, slots=True)
class HaltedState:
    """A halted value: what it was, whether it has been put back, and the step that halted it."""

    name: str
    what: str
    value: JsonValue
    restored_by: str
    restored: bool = False
    step: str = ""


@dataclass(frozen=True, slots=True)
class PostedText:
    """A status text that was posted (or marked as not posted)."""

    at: datetime
    phase: str
    text: str
    posted: bool
    where: str


@dataclass(frozen=True, slots=True)
class RunState:
    """Everything known about a run.

    Attributes:
        in_hand: ids of the steps in hand, in the order in which their attempts began: at most one outside of parallel
            branches, one for each branch within; the preflight's is ``""``.
        refused: why the latest command was not taken; empty again after the next one that was.
        loss: the data-loss window as last measured.
        reopened_at: start of the second data-loss window (writes a later rollback would strand).
        aborting: how the operator chose to end the run early; empty if nobody did.
        handed_to: to whom the run was handed over; empty once somebody drives it.
        clock_behind: how far the machine's clock was set back when last noticed; zero if it keeps its course.
        restoring: steps being undone to put back what an ended run left halted; empty otherwise. `ended_before` is
            then the result that the run had, and has again afterwards.
        ended: result of the run; empty while it is on.
    """

    run_id: str
    plan: Plan
    plan_digest: str
    mode: Literal["live", "dry"]
    scope: Scope
    operator: str
    opened_at: datetime
    last_at: datetime
    last_seq: int
    names: dict[str, JsonValue] = field(default_factory=dict)
    inputs: dict[str, JsonValue] = field(default_factory=dict)
    preflight: dict[str, dict[str, JsonValue]] = field(default_factory=dict)
    preflight_problems: tuple[str, ...] = ()
    armed: bool = False
    steps: dict[str, StepState] = field(default_factory=dict)
    in_hand: tuple[str, ...] = ()
    halted: dict[str, HaltedState] = field(default_factory=dict)
    halted_at: datetime | None = None
    halt_proven: bool = False
    reopened_at: datetime | None = None
    loss: LossWindow | None = None
    loss_accepted_by: str = ""
    posted: tuple[PostedText, ...] = ()
    paused: bool = False
    refused: str = ""
    aborting: Literal["", "leave", "stop", "undo"] = ""
    handed_to: str = ""
    clock_behind: timedelta = timedelta(0)
    restoring: tuple[str, ...] = ()
    ended_before: str = ""
    ended: str = ""
    ended_reason: str = ""

    @property
    def begun(self) -> bool:
        """Tell whether all inputs are recorded: before that nothing was done, and nothing can be taken up."""
        return all(name in self.inputs for name in self.plan.inputs)

    @property
    def now_step(self) -> str:
        """Return the step in hand that matters now: the one that asks, else the one begun last.

        Empty between steps, and while the preflight is in hand (``steps[""]``, which has prompts of its own).
        """
        asking = (key for key in self.in_hand if self.steps[key].prompt is not None)
        return next(asking, self.in_hand[-1] if self.in_hand else "")

    @property
    def prompt(self) -> Prompt | None:
        """Return what the run waits for from a person; None if nothing."""
        step = self.steps.get(self.now_step)
        return step.prompt if step else None

    @property
    def still_halted(self) -> tuple[HaltedState, ...]:
        """Return what was halted and not put back yet."""
        return tuple(halt for halt in self.halted.values() if not halt.restored)
