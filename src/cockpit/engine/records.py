"""The records of a run: the only truth about it (DESIGN 2).

A record is one JSON object on one line of the journal. `Entry` is what the journal adds around each: sequence number,
time, driver and the hash chain.
"""

from typing import Annotated, Literal, get_args

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue

from cockpit.engine.prompts import Prompt
from cockpit.model.effect import Outcome
from cockpit.model.scope import EnvironmentKind

FORMAT = 1


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class RunOpened(_Record):
    """First record. Holds the whole plan, so that a run survives edits of the file.

    Attributes:
        plan: the checked plan as JSON; `plan_digest` is the SHA-256 of its canonical JSON.
        mode: ``live`` acts, ``dry`` shows every call and changes nothing.
    """

    kind: Literal["run_opened"] = "run_opened"
    format: int = FORMAT
    run_id: str
    plan_id: str
    plan: dict[str, JsonValue]
    plan_digest: str
    mode: Literal["live", "dry"]
    operator: str
    host: str
    environment: str
    environment_kind: EnvironmentKind
    account: str
    region: str
    role: str
    names: dict[str, JsonValue]
    cockpit: str


class DriverTookOver(_Record):
    """A process began to drive the run: the first, after a crash, or by hand-over."""

    kind: Literal["driver_took_over"] = "driver_took_over"
    operator: str
    host: str
    pid: int
    why: str


class HandedOver(_Record):
    """The driver gave the run to somebody else and became an observer. Who takes it up is the next `DriverTookOver`."""

    kind: Literal["handed_over"] = "handed_over"
    by: str
    to: str


class ClockSetBack(_Record):
    """The machine's clock stands `seconds` before the last record; until it catches up, records bear that time.

    0 seconds: it has caught up.
    """

    kind: Literal["clock_set_back"] = "clock_set_back"
    seconds: float


class InputSet(_Record):
    """An input got its value."""

    kind: Literal["input_set"] = "input_set"
    name: str
    value: JsonValue
    basis: str


class PreflightChecked(_Record):
    """One check before anything changes. `ok` None: could not be checked, with the reason in `detail`."""

    kind: Literal["preflight_checked"] = "preflight_checked"
    id: str
    title: str
    ok: bool | None
    blocking: bool
    detail: str = ""
    captured: dict[str, JsonValue] = Field(default_factory=dict)


class Armed(_Record):
    """The operator typed the environment's name: mutations are possible now, each after its own confirmation."""

    kind: Literal["armed"] = "armed"
    typed: str


class StepStarted(_Record):
    """An attempt at a step begins. Step ``""`` is the preflight; `undo` True takes the step back after an abort."""

    kind: Literal["step_started"] = "step_started"
    step: str
    attempt: int
    undo: bool = False


class Queued(_Record):
    """A step has something to ask while another question is open; it is asked when that is answered (`Prompted`)."""

    kind: Literal["queued"] = "queued"
    step: str
    attempt: int


class Prompted(_Record):
    """The engine waits for a person."""

    kind: Literal["prompted"] = "prompted"
    step: str
    attempt: int
    prompt: Prompt


class Answered(_Record):
    """A person answered the prompt. `answer` is the command's content."""

    kind: Literal["answered"] = "answered"
    step: str
    attempt: int
    command: str
    answer: dict[str, JsonValue] = Field(default_factory=dict)


class Refused(_Record):
    """A command was not taken (wrong phrase, late, not allowed), and why."""

    kind: Literal["refused"] = "refused"
    step: str
    attempt: int
    command: str
    why: str


class Intent(_Record):
    """A mutation is about to be sent. On disk before the call.

    Attributes:
        call: number of the call within the attempt, from 0.
        token: idempotency token passed with it; empty if the operation has none.
        before: journaled values that tell whether the call took effect.
    """

    kind: Literal["intent"] = "intent"
    step: str
    attempt: int
    call: int
    service: str
    operation: str
    region: str
    params: dict[str, JsonValue]
    token: str = ""
    before: dict[str, JsonValue] = Field(default_factory=dict)


class Acked(_Record):
    """AWS answered the call. `answer` keeps what later steps captured, not the whole response."""

    kind: Literal["acked"] = "acked"
    step: str
    attempt: int
    call: int
    request_id: str
    answer: dict[str, JsonValue] = Field(default_factory=dict)


class CallFailed(_Record):
    """AWS refused the call: it surely did not take effect."""

    kind: Literal["call_failed"] = "call_failed"
    step: str
    attempt: int
    call: int
    code: str
    message: str
    request_id: str = ""


class CallUnknown(_Record):
    """No answer: the call may or may not have taken effect."""

    kind: Literal["call_unknown"] = "call_unknown"
    step: str
    attempt: int
    call: int
    evidence: tuple[str, ...]


class Reconciled(_Record):
    """What became of an unknown call. ``by`` says whether AWS was read or the operator gave evidence.

    ``repeatable``: nobody knows, and it does not matter: by the ``plan``, sending it again changes nothing more.
    """

    kind: Literal["reconciled"] = "reconciled"
    step: str
    attempt: int
    call: int
    verdict: Literal["happened", "not_happened", "conflict", "repeatable"]
    by: Literal["aws", "operator", "plan"]
    evidence: tuple[str, ...]
    answer: dict[str, JsonValue] = Field(default_factory=dict)


class Observed(_Record):
    """A reading that matters to the step: what a wait or a verify saw. Only changes are recorded."""

    kind: Literal["observed"] = "observed"
    step: str
    attempt: int
    what: str
    text: str
    ok: bool | None = None


class HaltedValue(_Record):
    """A value was changed to stop the bleeding and has to be put back."""

    kind: Literal["halted"] = "halted"
    step: str
    name: str
    what: str
    value: JsonValue
    restored_by: str = ""


class HaltRestored(_Record):
    """A halted value was put back."""

    kind: Literal["halt_restored"] = "halt_restored"
    name: str
    step: str


class WritesHalted(_Record):
    """Writes ended at `at`. `proven` False: the halting call was acknowledged; True: metrics show nothing since."""

    kind: Literal["writes_halted"] = "writes_halted"
    at: AwareDatetime
    proven: bool
    basis: str


class WritesReopened(_Record):
    """Writes go on, to the restored data: the second data-loss window opens here."""

    kind: Literal["writes_reopened"] = "writes_reopened"
    at: AwareDatetime


class LossMeasured(_Record):
    """The data-loss window as known now (`model.loss_window.LossWindow`)."""

    kind: Literal["loss_measured"] = "loss_measured"
    start: AwareDatetime
    end: AwareDatetime
    end_basis: str
    at_least: int | None = None
    at_most: int | None = None
    count_basis: str = ""
    rpo_seconds: float | None = None


class LossAccepted(_Record):
    """Somebody accepted the loss by typing. Names who, and the second person where one was asked for."""

    kind: Literal["loss_accepted"] = "loss_accepted"
    by: str
    second_person: str = ""
    typed: str
    start: AwareDatetime
    end: AwareDatetime
    at_most: int | None = None


class StatusPosted(_Record):
    """A status text was marked as posted, or the operator said it was not."""

    kind: Literal["status_posted"] = "status_posted"
    step: str
    phase: str
    basis: str
    text: str
    edited: bool
    posted: bool
    where: str = ""


class StepEnded(_Record):
    """A step's attempt ended. `captured` is what later steps see as ``steps.<id>``."""

    kind: Literal["step_ended"] = "step_ended"
    step: str
    attempt: int
    outcome: Outcome
    reason: str = ""
    captured: dict[str, JsonValue] = Field(default_factory=dict)


class Paused(_Record):
    """The run takes no further step."""

    kind: Literal["paused"] = "paused"


class Resumed(_Record):
    """The run goes on after a pause."""

    kind: Literal["resumed"] = "resumed"


class NoteTaken(_Record):
    """Words of the operator."""

    kind: Literal["note"] = "note"
    text: str


class AbortChosen(_Record):
    """The operator ends the run early."""

    kind: Literal["abort_chosen"] = "abort_chosen"
    choice: Literal["leave", "stop", "undo"]
    reason: str


class RunEnded(_Record):
    """Last record of a run that came to an end. `left_halted` lists what nobody has put back."""

    kind: Literal["run_ended"] = "run_ended"
    result: Literal["finished", "aborted", "stopped_by_decision", "refused"]
    reason: str = ""
    left_halted: tuple[str, ...] = ()


class RestoringHalted(_Record):
    """A run that had ended is taken up again, only to put back what is still halted, by undoing `steps` in this order.

    It is the one record, beside notes, that may follow `RunEnded`; another `RunEnded` with the same result ends it.
    """

    kind: Literal["restoring_halted"] = "restoring_halted"
    operator: str
    steps: tuple[str, ...]


Record = Annotated[
    RunOpened
    | DriverTookOver
    | HandedOver
    | ClockSetBack
    | InputSet
    | PreflightChecked
    | Armed
    | StepStarted
    | Queued
    | Prompted
    | Answered
    | Refused
    | Intent
    | Acked
    | CallFailed
    | CallUnknown
    | Reconciled
    | Observed
    | HaltedValue
    | HaltRestored
    | WritesHalted
    | WritesReopened
    | LossMeasured
    | LossAccepted
    | StatusPosted
    | StepEnded
    | Paused
    | Resumed
    | NoteTaken
    | AbortChosen
    | RunEnded
    | RestoringHalted,
    Field(discriminator="kind"),
]


KINDS = frozenset(str(cls.model_fields["kind"].default) for cls in get_args(get_args(Record)[0]))
"""The kinds of record that this version knows."""


class Entry(_Record):
    """A record in its place in the journal.

    Attributes:
        seq: 0, 1, 2 …
        at: UTC time of the run's clock.
        driver: ``operator@host/pid`` of the process that appended it.
        prev: hash of the entry before; 64 zeros for the first.
        hash: SHA-256 over the canonical JSON of the entry without this field.
    """

    seq: int
    at: AwareDatetime
    driver: str
    record: Record
    prev: str
    hash: str
