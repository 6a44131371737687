"""The command that answers a prompt when nobody is there: what a file of answers names, else the plain way. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pydantic import JsonValue

from cockpit.engine import commands as c
from cockpit.engine import prompts as p
from cockpit.engine.answers import StepAnswer
from cockpit.engine.context import JsonObject
from cockpit.plans.expressions import resolve

NOBODY = "unattended run"


class NoAnswer(Exception):
    """A prompt cannot be answered: the message says what is missing."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a prompt is answered, and with what.

    Attributes:
        given: what the file names for the step.
        second_person: who else approves if the step does not say.
        context: what expressions in the answers see.
    """

    step: str
    attempt: int
    given: StepAnswer
    second_person: str
    context: JsonObject


def answer_to(prompt: p.Prompt, at: Place) -> c.Command:
    """Return the command that answers a prompt, other than one about trouble.

    Raises:
        NoAnswer: nothing fits.
        ExpressionError: an answer has no value.
    """
    return _ANSWERS[type(prompt)](prompt, at)


def words_of(template: str, context: JsonObject) -> str:
    """Return a template's text.

    Raises:
        ExpressionError: it has no value.
    """
    return str(resolve(template, context))


def _confirm(prompt: p.ConfirmPrompt, at: Place) -> c.Command:
    return c.Confirm(at.step, at.attempt, typed=prompt.type_this)


def _choice(prompt: p.ChoicePrompt, at: Place) -> c.Command:
    wanted = at.given.option if at.given.option is not None else at.given.answer
    if wanted is not None:
        value: JsonValue = _known(resolve(wanted, at.context), prompt)
    elif prompt.recommended is not None:
        value = prompt.choices[prompt.recommended].value
    else:
        possible = [choice.value for choice in prompt.choices if not choice.refused and not choice.stops]
        if not possible:
            raise NoAnswer(f"none of the choices is possible: {'; '.join(each.label for each in prompt.choices)}")
        value = possible[0]
    return c.Answer(at.step, at.attempt, value=value, reason=words_of(at.given.reason, at.context))


def _known(wanted: JsonValue, prompt: p.ChoicePrompt) -> JsonValue:
    """Return the value of the choice that is meant: a number in a file may stand for the text of it."""
    for choice in prompt.choices:
        if choice.value == wanted or str(choice.value) == str(wanted):
            return choice.value
    known = "; ".join(f"{choice.value} ({choice.label})" for choice in prompt.choices)
    raise NoAnswer(f"{wanted} is none of the choices: {known}")


def _text(prompt: p.TextPrompt, at: Place) -> c.Command:
    value = prompt.offered if at.given.answer is None else str(resolve(at.given.answer, at.context))
    if not value.strip():
        raise NoAnswer(f"nothing is offered, and no answer is named: {prompt.question}")
    return c.Answer(at.step, at.attempt, value=value)


def _checklist(prompt: p.ChecklistPrompt, at: Place) -> c.Command:
    left_open = {name: words_of(reason, at.context) for name, reason in at.given.items.items()}
    return c.TickOff(at.step, at.attempt, items={item.id: left_open.get(item.id, True) for item in prompt.items})


def _approve(prompt: p.ApprovePrompt, at: Place) -> c.Command:
    second = (at.given.second_person or at.second_person) if prompt.second_person else ""
    return c.Approve(at.step, at.attempt, typed=prompt.phrase, second_person=second)


def _restore_point(prompt: p.RestorePointPrompt, at: Place) -> c.Command:
    if at.given.at is None:
        if prompt.proposal is None:
            raise NoAnswer(f"there is no proposal, and no restore point is named: {'; '.join(prompt.gaps)}")
        return c.ChooseRestorePoint(at.step, at.attempt, moment=prompt.proposal)
    words = words_of(at.given.at, at.context)
    try:
        moment = datetime.fromisoformat(words)
    except ValueError:
        raise NoAnswer(f"{words} is no time in UTC, as 2026-11-21T03:14:07Z") from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return c.ChooseRestorePoint(at.step, at.attempt, moment=moment.astimezone(UTC).replace(microsecond=0))


def _status(prompt: p.StatusPrompt, at: Place) -> c.Command:
    text = prompt.text if at.given.text is None else words_of(at.given.text, at.context)
    where = NOBODY if at.given.where is None else words_of(at.given.where, at.context)
    return c.PostStatus(at.step, at.attempt, text=text, posted=at.given.posted, where=where)


def _notify(_prompt: p.NotifyPrompt, at: Place) -> c.Command:
    how = NOBODY if at.given.answer is None else str(resolve(at.given.answer, at.context))
    return c.Answer(at.step, at.attempt, value=how)


# Each function takes the prompt class it is filed under, hence Any.
_ANSWERS: dict[type, Callable[[Any, Place], c.Command]] = {
    p.ConfirmPrompt: _confirm,
    p.ChoicePrompt: _choice,
    p.TextPrompt: _text,
    p.ChecklistPrompt: _checklist,
    p.ApprovePrompt: _approve,
    p.RestorePointPrompt: _restore_point,
    p.StatusPrompt: _status,
    p.NotifyPrompt: _notify,
}
