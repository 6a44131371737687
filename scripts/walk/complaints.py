"""What may never be seen on a screen, checked without a person's eyes. Pure."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from pydantic import BaseModel
from pyte.screens import Char

from cockpit.engine.prompts import Prompt, RestorePointPrompt
from walk.film import Frame

_STRIP = ("RTO ", "LOSS ", "STATUS ")
_TRACEBACK = re.compile(r"Traceback \(most recent|^\s*File \".+\", line \d+", re.MULTILINE)
_GAP = re.compile(r"\[[^\[\]]*: not yet known\]")
_BUTTON = re.compile(r"\[ \S.*? \]")
_CUT = re.compile(r"\S\u2026\s*$")
_ANSWERED = "[ Close ]"
_FATE = re.compile(r"\b(ACK|FAILED|UNKNOWN|HAPPENED)\b", re.IGNORECASE)
_LOSS_IN_WORDS = "THIS WOULD BE LOST"
_LONGEST_QUOTE = 60
# What a prompt holds for the engine, and a dialog shows in other words or not at all.
_NOT_SHOWN = frozenset({"id", "kind", "phase", "basis", "value", "params", "service", "operation", "region", "account"})


def of_frame(frame: Frame, *, in_run: bool) -> Iterator[str]:
    """Yield what is wrong with a frame.

    Args:
        frame: the screen.
        in_run: a run was begun: time and data loss are to be in view from here on.
    """
    if frame.beyond:
        yield f"written beyond the edge: {frame.beyond[:_LONGEST_QUOTE]}"
    if _TRACEBACK.search(frame.text):
        yield "a traceback"
    if _GAP.search(" ".join(line.strip("│ ") for line in frame.lines)):
        yield "a text has a gap: what it names is not known"
    if in_run and _LOSS_IN_WORDS not in frame.text:
        missing = [name.strip() for name in _STRIP if not any(line.startswith(name) for line in frame.lines[:6])]
        if missing:
            yield f"the strip lacks {', '.join(missing)}"
    yield from _of_dialog(frame)


def _of_dialog(frame: Frame) -> Iterator[str]:
    top = next((number for number, line in enumerate(frame.lines) if line.startswith("╭")), None)
    if top is None:
        return
    rows = frame.lines[top:]
    bottom = next((number for number, line in enumerate(rows) if line.startswith("╰")), None)
    if bottom is None:
        yield "the dialog has no bottom: it is cut off"
    elif not _BUTTON.search(rows[bottom - 1]):
        yield "the dialog shows no buttons"
    inside = rows[1:bottom]
    if "Restore point of" not in rows[0]:  # its long labels end in an ellipsis, each has its time in full
        cut = next((line for line in inside if _CUT.search(line.strip("│ "))), None)
        if cut:
            yield f"a line is cut: {cut.strip('│ ')[-_LONGEST_QUOTE:]}"
    if _ANSWERED in frame.text and "│ Confirm" in rows[1] and not _FATE.search(frame.text):
        yield "what became of the call is not in view"
    if not shows_focus(frame.cells[top : top + len(inside) + 1]):
        yield "no focus can be seen in the dialog"


def shows_focus(rows: Sequence[Sequence[Char]]) -> bool:
    """Tell whether something is in reverse, has the cursor's sign, or is a field (its cursor blinks)."""
    return any(cell.reverse or cell.data == "▸" or cell.underscore for row in rows for cell in row)


def of_question(prompt: Prompt, frame: Frame) -> Iterator[str]:
    """Yield what of a question cannot be read in its dialog, although nothing hints at more below."""
    if isinstance(prompt, RestorePointPrompt) or has_scroll_hint(frame):
        return
    top = next((number for number, line in enumerate(frame.lines) if line.startswith("╭")), 0)
    shown = _letters("".join(line.strip("│╭╮╰╯") for line in frame.lines[top:]))
    for words in texts_of(prompt):
        if _letters(words) not in shown:
            yield f"cut off without a hint: {words[:_LONGEST_QUOTE]}"


def has_scroll_hint(frame: Frame) -> bool:
    """Tell whether a scroll bar stands at the right edge of the dialog or of the editor in it."""
    edges = [row[column] for row in frame.cells for column in range(len(row) - 4, len(row))]
    return any("cyan" in (cell.bg, cell.fg) and (cell.data in " ▁▂▃▄▅▆▇█") for cell in edges)


def texts_of(model: BaseModel) -> Iterator[str]:
    """Yield every text that a question is made of."""
    for name in type(model).model_fields:
        if name not in _NOT_SHOWN:
            yield from _texts(getattr(model, name))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, BaseModel):
        yield from texts_of(value)
    elif isinstance(value, str):
        yield from (line for line in value.splitlines() if line.strip())
    elif isinstance(value, tuple | list):
        for each in value:
            yield from _texts(each)


def _letters(words: str) -> str:
    return "".join(words.split())
