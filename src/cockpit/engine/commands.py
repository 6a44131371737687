"""What a person wants of the engine. Sent by any face, taken one at a time, recorded when taken.

A command names the step and attempt it is meant for: one that arrives late, after the engine moved on, is refused.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from pydantic import JsonValue


@dataclass(frozen=True, slots=True)
class StepCommand:
    """Base of commands that answer the prompt of one attempt of one step."""

    step: str
    attempt: int


@dataclass(frozen=True, slots=True)
class Confirm(StepCommand):
    """Carry out the shown calls. `typed` is what was typed for a destructive step."""

    typed: str = ""


@dataclass(frozen=True, slots=True)
class Answer(StepCommand):
    """Answer of a choice, text or notify prompt."""

    value: JsonValue = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class TickOff(StepCommand):
    """Answer of a checklist: item id to True, or to a reason why it is left open."""

    items: dict[str, bool | str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Approve(StepCommand):
    """Answer of an approval: the typed phrase and, where wanted, the second person's name."""

    typed: str = ""
    second_person: str = ""


@dataclass(frozen=True, slots=True)
class ChooseRestorePoint(StepCommand):
    """The chosen second, UTC."""

    moment: datetime


@dataclass(frozen=True, slots=True)
class PostStatus(StepCommand):
    """The text as edited, and where it was posted (`posted` False: it was not)."""

    text: str = ""
    posted: bool = True
    where: str = ""


@dataclass(frozen=True, slots=True)
class SolveTrouble(StepCommand):
    """The way out of a failed or unknown step."""

    way: Literal["retry", "skip", "reconcile", "happened", "not_happened", "abort"]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Skip(StepCommand):
    """Skip a step that the plan allows to skip, with a reason."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """A note for the journal."""

    text: str


@dataclass(frozen=True, slots=True)
class Pause:
    """Take no further step until resumed. A call in flight goes on."""


@dataclass(frozen=True, slots=True)
class Resume:
    """Go on after a pause."""


@dataclass(frozen=True, slots=True)
class Abort:
    """End the run: ``leave`` all as it is, ``stop`` (same, after the step in flight), ``undo`` in reverse order."""

    choice: Literal["leave", "stop", "undo"]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class HandOver:
    """Give the run to somebody else, by name: recorded; then this driver lets go and may only watch."""

    to: str


Command = (
    Confirm
    | Answer
    | TickOff
    | Approve
    | ChooseRestorePoint
    | PostStatus
    | SolveTrouble
    | Skip
    | Note
    | Pause
    | Resume
    | Abort
    | HandOver
)
