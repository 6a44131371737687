"""Whether a command fits the prompt it answers. Pure: a command that does not fit is refused with these words."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from cockpit.engine import commands as c
from cockpit.engine import prompts as p

_REASON_NEEDED = ("skip", "happened", "not_happened")


def refusal(prompt: p.Prompt, command: c.StepCommand, operator: str) -> str:
    """Return why the command does not answer the prompt; empty if it does.

    Args:
        prompt: what the engine waits for.
        command: what a face sent.
        operator: who drives the run: a second person must be another.
    """
    wanted, check = _CHECKS[type(prompt)]
    if not isinstance(command, wanted):
        return f"This step waits for {_WORDS[wanted]}, not for {_WORDS.get(type(command), 'that')}."
    return check(prompt, command, operator)


def _confirm(prompt: p.ConfirmPrompt, command: c.Confirm, _operator: str) -> str:
    if prompt.type_this and command.typed != prompt.type_this:
        return f"Not confirmed: type exactly {prompt.type_this}"
    return ""


def _choice(prompt: p.ChoicePrompt, command: c.Answer, _operator: str) -> str:
    chosen = next((choice for choice in prompt.choices if choice.value == command.value), None)
    if chosen is None:
        return "That is none of the choices."
    if chosen.refused:
        return f"{chosen.label} cannot be chosen: {chosen.refused}"
    if prompt.reason_wanted and not command.reason.strip():
        return "A reason is wanted with this choice."
    return ""


def _text(prompt: p.TextPrompt, command: c.Answer, _operator: str) -> str:
    if not isinstance(command.value, str) or not command.value.strip():
        return "The answer is empty."
    if prompt.pattern and re.fullmatch(prompt.pattern, command.value) is None:
        return f"The answer must look like {prompt.pattern}"
    return ""


def _checklist(prompt: p.ChecklistPrompt, command: c.TickOff, _operator: str) -> str:
    known = {item.id for item in prompt.items}
    unknown = sorted(set(command.items) - known)
    if unknown:
        return f"There is no item {', '.join(unknown)}."
    open_items = [item.text for item in prompt.items if not _is_settled(command.items.get(item.id))]
    return f"Tick off or give a reason: {'; '.join(open_items)}" if open_items else ""


def _is_settled(answer: bool | str | None) -> bool:
    return answer is True or (isinstance(answer, str) and bool(answer.strip()))


def _approve(prompt: p.ApprovePrompt, command: c.Approve, operator: str) -> str:
    if command.typed.strip() != prompt.phrase.strip():
        return f"Not approved: type exactly {prompt.phrase}"
    if prompt.second_person and not command.second_person.strip():
        return "Not approved: the second person's name is missing."
    if prompt.second_person and command.second_person.strip().casefold() == operator.strip().casefold():
        return "Not approved: the second person must be somebody else."
    return ""


def _restore_point(prompt: p.RestorePointPrompt, command: c.ChooseRestorePoint, _operator: str) -> str:
    if command.moment.tzinfo is None:
        return "The restore point needs a time zone; give it in UTC."
    # The latest restorable second moves on; the action looks again, so only what lies far outside is refused here.
    if command.moment < prompt.earliest or command.moment > prompt.latest + timedelta(days=1):
        return "That second lies outside the restorable window."
    return ""


def _status(_prompt: p.StatusPrompt, command: c.PostStatus, _operator: str) -> str:
    return "The text is empty." if command.posted and not command.text.strip() else ""


def _notify(_prompt: p.NotifyPrompt, command: c.Answer, _operator: str) -> str:
    told = command.value if isinstance(command.value, str) else ""
    return "" if told.strip() else "Say how they were told."


def _trouble(prompt: p.TroublePrompt, command: c.SolveTrouble, _operator: str) -> str:
    if command.way not in prompt.ways:
        return f"{command.way} is not open here; open are: {', '.join(prompt.ways)}."
    if command.way in _REASON_NEEDED and not command.reason.strip():
        return f"{command.way} needs a reason or the evidence for it."
    return ""


# The checks take the prompt and command classes they are filed under, hence Any.
_CHECKS: dict[type, tuple[type[c.StepCommand], Callable[[Any, Any, str], str]]] = {
    p.ConfirmPrompt: (c.Confirm, _confirm),
    p.ChoicePrompt: (c.Answer, _choice),
    p.TextPrompt: (c.Answer, _text),
    p.ChecklistPrompt: (c.TickOff, _checklist),
    p.ApprovePrompt: (c.Approve, _approve),
    p.RestorePointPrompt: (c.ChooseRestorePoint, _restore_point),
    p.StatusPrompt: (c.PostStatus, _status),
    p.NotifyPrompt: (c.Answer, _notify),
    p.TroublePrompt: (c.SolveTrouble, _trouble),
}
_WORDS: dict[type, str] = {
    c.Confirm: "a confirmation",
    c.Answer: "an answer",
    c.TickOff: "a checklist",
    c.Approve: "an approval",
    c.ChooseRestorePoint: "a restore point",
    c.PostStatus: "a status text",
    c.SolveTrouble: "a way out of the trouble",
}
