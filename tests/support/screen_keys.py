"""What has to be pressed at a dialog to give a command: the way back of `cockpit.ui.run.prompts`."""

import re
import time
from collections.abc import Callable
from typing import Any

from cockpit.engine import commands as c
from cockpit.engine import prompts as p
from cockpit.ui.run.asides import WAYS as ENDS
from cockpit.ui.run.prompts.trouble import WAYS
from support.terminal import Terminal

STRIP_ROWS = 6  # at least so many rows stand above a dialog's content; their clocks tick
_SOON = 3.0  # seconds in which a loaded machine has moved the cursor
_ITEM = re.compile(r"▸(?:\[.\]|\S) (.+)", re.DOTALL)
_TELLING = 120  # letters of an item that tell it apart from the others: it may be cut off below


def press_keys(terminal: Terminal, prompt: p.Prompt, command: c.Command) -> None:
    """Give a command at the open dialog of its prompt, which is not deaf any more.

    Raises:
        AssertionError: the screen does not go along.
    """
    if isinstance(command, c.Abort):
        _abort(terminal, command)
    else:
        _KEYS[type(prompt)](terminal, prompt, command)


def _confirm(terminal: Terminal, prompt: p.ConfirmPrompt, _command: c.Confirm) -> None:
    terminal.press(*([*prompt.type_this, "enter"] if prompt.type_this else ["c"]))


def _choice(terminal: Terminal, prompt: p.ChoicePrompt, command: c.Answer) -> None:
    index = next(index for index, choice in enumerate(prompt.choices) if choice.value == command.value)
    choice, mark = prompt.choices[index], "recommended" if index == prompt.recommended else ""
    ends = "ENDS THIS RUN." if choice.stops else ""
    _pick(
        terminal, f"{choice.label} {mark} {choice.consequence} {ends}", command.reason if prompt.reason_wanted else ""
    )


def _trouble(terminal: Terminal, _prompt: p.TroublePrompt, command: c.SolveTrouble) -> None:
    label, means, reason_wanted = WAYS[command.way]
    _pick(terminal, f"{label} {means}", command.reason if reason_wanted else "")


def _abort(terminal: Terminal, command: c.Abort) -> None:
    terminal.press("escape")
    terminal.wait("STATUS")
    terminal.settle()
    terminal.press("x")
    terminal.wait("Abort the run?")
    terminal.settle(0.6)  # it is deaf at first
    (words,) = [f"{label} {means}" for way, label, means in ENDS if way == command.choice]
    _pick(terminal, words, command.reason)


def _text(terminal: Terminal, prompt: p.TextPrompt, command: c.Answer) -> None:
    """Type a value over what is offered; the field stands before the button that has the focus."""
    if command.value == prompt.offered:
        terminal.press("tab", "enter")
    else:
        terminal.press("shift+tab", "ctrl+e", "ctrl+u", *str(command.value), "enter")


def _checklist(terminal: Terminal, prompt: p.ChecklistPrompt, command: c.TickOff) -> None:
    """Answer every item in turn: the cursor moves on by itself, and from the last one to the button."""
    terminal.press("down")  # the focus starts on Cancel: mashing Enter decides nothing
    terminal.wait("▸[ ]")
    for item in prompt.items:
        before = _below_strip(terminal)
        answer = command.items[item.id]
        terminal.press(*(["space"] if answer is True else ["o", *str(answer), "enter"]))
        terminal.wait(lambda _text, before=before: _below_strip(terminal) != before)
        terminal.settle(0.1)
    terminal.press("enter")


def _approve(terminal: Terminal, prompt: p.ApprovePrompt, command: c.Approve) -> None:
    terminal.press(*command.typed, "enter")
    if prompt.second_person:
        terminal.press(*command.second_person, "enter")


def _restore_point(terminal: Terminal, prompt: p.RestorePointPrompt, command: c.ChooseRestorePoint) -> None:
    if command.moment != prompt.proposal:
        terminal.press("g", *f"{command.moment:%Y-%m-%d %H:%M:%S}", "enter")
        terminal.settle()
    terminal.press("enter")
    terminal.wait("Choose this restore point?")
    terminal.settle(0.6)  # it is deaf at first
    terminal.press("c")
    terminal.wait(lambda text: "Choose this restore point?" not in text)


def _status(terminal: Terminal, prompt: p.StatusPrompt, command: c.PostStatus) -> None:
    """Type where it was posted; the editor (F7 selects all) stands before that field, the four buttons after it."""
    if command.text != prompt.text:
        terminal.press("shift+tab", "shift+tab", "f7", "backspace")
        for line in command.text.splitlines(keepends=True):
            terminal.press(*line.rstrip("\n"), *(["enter"] if line.endswith("\n") else []))
        terminal.press("tab")
    terminal.press(*command.where, *(["enter"] if command.posted else ["tab"] * 4))
    terminal.settle()
    terminal.press("enter")


def _notify(terminal: Terminal, _prompt: p.NotifyPrompt, command: c.Answer) -> None:
    terminal.press(*str(command.value), "enter")


def _pick(terminal: Terminal, words: str, reason: str) -> None:
    """Bring the cursor to the item of these words, pick it, type the reason if there is one, press the button."""
    terminal.press("down")  # the focus starts on Cancel
    terminal.wait(lambda text: _ITEM.search(text) is not None)
    terminal.settle()
    ways = ["down", "up", "down"]  # what was not painted when it was looked at is met on the way back
    while not _under_cursor(terminal, words):
        if not ways:
            message = f"the cursor does not come to {words!r}:\n{terminal.text}"
            raise AssertionError(message)
        if not _moves(terminal, ways[0]):
            ways.pop(0)
    terminal.press("enter")
    terminal.settle()
    if reason:
        terminal.press(*reason, "enter")
        terminal.settle()
    terminal.press("enter")


def _under_cursor(terminal: Terminal, words: str) -> bool:
    """Tell whether the cursor is on the item of these words, which may be wrapped."""
    found = _ITEM.search(terminal.text)
    return found is not None and _letters(found.group(1)).startswith(_letters(words)[:_TELLING])


def _moves(terminal: Terminal, key: str) -> bool:
    """Press a key; tell whether another item is under the cursor soon: at the end of the list none is."""
    before = _ITEM.search(terminal.text)
    terminal.press(key)
    end = time.monotonic() + _SOON
    while time.monotonic() < end:
        terminal.pump()
        found = _ITEM.search(terminal.text)
        if found and (before is None or found.group(1) != before.group(1)):
            terminal.settle(0.1)
            return True
    return False


def _letters(words: str) -> str:
    return "".join(words.replace("│", "").split())


def _below_strip(terminal: Terminal) -> list[str]:
    """Return the screen without the strip, whose clocks tick."""
    return terminal.lines[STRIP_ROWS:]


# Each function takes the prompt class it is filed under and the command that answers it, hence Any.
_KEYS: dict[type, Callable[[Terminal, Any, Any], None]] = {
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
