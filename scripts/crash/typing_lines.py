"""What has to be typed in plain lines to give a command: the way back of `cockpit.report.conversation`. Pure."""

from collections.abc import Callable
from typing import Any

from cockpit.engine import commands as c
from cockpit.engine import prompts as p
from cockpit.report.conversation import END_OF_TEXT


def typed_lines(prompt: p.Prompt, command: c.Command) -> list[str]:
    """Return the lines, one for each question that is asked; the last ones of an edited text are asked for at once."""
    if isinstance(command, c.Abort):
        return [f":abort {command.choice} {command.reason}"]
    return _LINES[type(prompt)](prompt, command)


def _confirm(prompt: p.ConfirmPrompt, _command: c.Confirm) -> list[str]:
    return [prompt.type_this or "yes"]


def _choice(prompt: p.ChoicePrompt, command: c.Answer) -> list[str]:
    number = [choice.value for choice in prompt.choices].index(command.value) + 1
    return [str(number), *([command.reason] if prompt.reason_wanted else [])]


def _text(_prompt: p.TextPrompt, command: c.Answer) -> list[str]:
    return [str(command.value)]


def _checklist(prompt: p.ChecklistPrompt, command: c.TickOff) -> list[str]:
    return ["y" if command.items[item.id] is True else str(command.items[item.id]) for item in prompt.items]


def _approve(prompt: p.ApprovePrompt, command: c.Approve) -> list[str]:
    return [command.typed, *([command.second_person] if prompt.second_person else [])]


def _restore_point(_prompt: p.RestorePointPrompt, command: c.ChooseRestorePoint) -> list[str]:
    return [command.moment.isoformat(), "yes"]


def _status(prompt: p.StatusPrompt, command: c.PostStatus) -> list[str]:
    told = f"posted {command.where}" if command.posted else f"not {command.where}"
    if command.text == prompt.text:
        return [told]
    return ["\n".join(["edit", *command.text.splitlines(), END_OF_TEXT]), told]


def _notify(_prompt: p.NotifyPrompt, command: c.Answer) -> list[str]:
    return [str(command.value)]


def _trouble(_prompt: p.TroublePrompt, command: c.SolveTrouble) -> list[str]:
    return [f"{command.way} {command.reason}".strip()]


# Each function takes the prompt class it is filed under and the command that answers it, hence Any.
_LINES: dict[type, Callable[[Any, Any], list[str]]] = {
    p.ConfirmPrompt: _confirm,
    p.ChoicePrompt: _choice,
    p.TextPrompt: _text,
    p.ChecklistPrompt: _checklist,
    p.ApprovePrompt: _approve,
    p.RestorePointPrompt: _restore_point,
    p.StatusPrompt: _status,
    p.NotifyPrompt: _notify,
    p.TroublePrompt: _trouble,
}
