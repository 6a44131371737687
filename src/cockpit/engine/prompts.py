"""What the engine waits for from a person. A prompt is part of a record: every face and observer sees the same one."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue


class _Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PlannedCall(_Frozen):
    """One call as it will be made: shown before it is confirmed.

    Attributes:
        command: the equivalent ``aws`` command line, quoted for a shell.
        target: the resource it acts on, in words.
    """

    service: str
    operation: str
    region: str
    account: str
    params: dict[str, JsonValue]
    command: str
    target: str


class ConfirmPrompt(_Frozen):
    """A mutation is ready. `type_this` is empty for ``mutate`` (a key) and the resource's name for ``destructive``."""

    kind: Literal["confirm"] = "confirm"
    calls: tuple[PlannedCall, ...]
    notes: tuple[str, ...] = ()
    data_cost: str = ""
    time_cost: str = ""
    undo: str = ""
    point_of_no_return: bool = False
    type_this: str = ""


class Choice(_Frozen):
    """One choice. `refused` says why it is no candidate; empty if it is one."""

    value: JsonValue
    label: str
    consequence: str = ""
    refused: str = ""
    stops: bool = False


class ChoicePrompt(_Frozen):
    """Pick one. `recommended` is an index into `choices`; None recommends nothing. Nothing is taken by itself."""

    kind: Literal["choice"] = "choice"
    question: str
    choices: tuple[Choice, ...]
    recommended: int | None = None
    because: str = ""
    reason_wanted: bool = False


class TextPrompt(_Frozen):
    """Type a value. `pattern` is a regular expression for the whole answer; `offered` stands in the field."""

    kind: Literal["text"] = "text"
    question: str
    offered: str = ""
    pattern: str = ""


class CheckItem(_Frozen):
    """One item to tick off, with the evidence to judge it by."""

    id: str
    text: str
    evidence: str = ""


class ChecklistPrompt(_Frozen):
    """Tick off every item, or give a reason for those left open."""

    kind: Literal["checklist"] = "checklist"
    items: tuple[CheckItem, ...]


class ApprovePrompt(_Frozen):
    """Type the phrase. With `accepts_loss` the face shows the data-loss window of the state beside it."""

    kind: Literal["approve"] = "approve"
    statement: str
    phrase: str
    second_person: bool = False
    accepts_loss: bool = False


class Mark(_Frozen):
    """One mark of the restore-point timeline (`cockpit.model.timeline.TimelineMark` in a record)."""

    at: datetime
    kind: str
    label: str
    suspect: bool = False


class Bucket(_Frozen):
    """Number of writes in [at, at + period); `period` in seconds, None: that of the prompt."""

    at: datetime
    writes: float
    period: float | None = None


class RestorePointPrompt(_Frozen):
    """Choose a second on the timeline. The face computes the window for the cursor with `engine.loss.PromptWindows`.

    Attributes:
        buckets: write counts, oldest first, not overlapping; empty ones are left out. `period` seconds each unless
            a bucket says otherwise: older ones are coarser.
        table: name of the table, or of whatever else `noun` says is restored.
        end: end of the data-loss window as known now, `end_basis` what it rests on (`model.loss_window.WindowEnd`).
        gaps: what could not be read and is missing from the timeline, in words.
    """

    kind: Literal["restore_point"] = "restore_point"
    noun: Literal["table", "cluster"] = "table"
    table: str
    earliest: datetime
    latest: datetime
    marks: tuple[Mark, ...] = ()
    proposal: datetime | None = None
    buckets: tuple[Bucket, ...] = ()
    period: float = 60
    basis: str = ""
    end: datetime
    end_basis: str
    rpo_seconds: float | None = None
    gaps: tuple[str, ...] = ()


class StatusPrompt(_Frozen):
    """Edit, copy and post the text; answered by `commands.PostStatus`."""

    kind: Literal["status"] = "status"
    phase: str
    title: str
    basis: Literal["verbatim", "draft"]
    text: str


class NotifyPrompt(_Frozen):
    """Tell somebody; answered with how it was done."""

    kind: Literal["notify"] = "notify"
    to: str
    text: str


class TroublePrompt(_Frozen):
    """A step failed or its outcome is unknown. Only the listed ways are open.

    Attributes:
        evidence: what is known about the call, line by line.
        ways: ``retry``, ``skip`` (with reason), ``reconcile`` (look again), ``happened`` / ``not_happened`` (the
            operator has evidence and types it), ``abort``.
    """

    kind: Literal["trouble"] = "trouble"
    outcome: Literal["failed", "unknown"]
    message: str
    remedy: str = ""
    evidence: tuple[str, ...] = ()
    ways: tuple[Literal["retry", "skip", "reconcile", "happened", "not_happened", "abort"], ...]


Prompt = Annotated[
    ConfirmPrompt
    | ChoicePrompt
    | TextPrompt
    | ChecklistPrompt
    | ApprovePrompt
    | RestorePointPrompt
    | StatusPrompt
    | NotifyPrompt
    | TroublePrompt,
    Field(discriminator="kind"),
]
