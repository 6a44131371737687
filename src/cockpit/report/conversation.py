"""Answering a prompt line by line. Pure: a conversation yields what to show and takes one typed line at a time.

Each conversation is a generator: it yields the lines to show and the question, is sent the typed line, and returns
the command once it has all it needs. What does not fit is asked again with the reason.
"""

from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from cockpit.engine import commands as c
from cockpit.engine import prompts as p
from cockpit.engine.loss import PromptWindows
from cockpit.engine.state import RunState
from cockpit.model.text import clean, clean_block, utc
from cockpit.report.branch_words import branch_name
from cockpit.report.loss_words import loss_lines
from cockpit.report.plain import fact, prose
from cockpit.report.prompt_lines import prompt_lines

WAYS = {
    "retry": "do the step again (asks for confirmation again)",
    "skip": "skip the step, with a reason: skip REASON",
    "reconcile": "look again; sends nothing",
    "happened": "you have evidence that it took effect: happened EVIDENCE",
    "not_happened": "you have evidence that it did not: not_happened EVIDENCE",
    "abort": "end the run; everything stays as it is",
}
END_OF_TEXT = "."


@dataclass(frozen=True, slots=True)
class Question:
    """Lines to show, then the question that the next typed line answers."""

    lines: tuple[str, ...]
    question: str


Conversation = Generator[Question, str, c.StepCommand]


def conversation(prompt: p.Prompt, step: str, attempt: int, state: RunState) -> Conversation:
    """Begin the conversation that answers a prompt of one attempt of one step. In a branch, each question names it."""
    shown = tuple(prompt_lines(prompt, state))
    name = branch_name(state.plan, step)
    if name:
        shown = (f"[{name}] {clean(state.plan.step(step).title)} [{step}]:", *shown)
    talk = _ANSWERS[type(prompt)](prompt, shown, _Place(step, attempt))
    command = yield from _of_branch(talk, name) if name else talk
    return command


def _of_branch(talk: Conversation, name: str) -> Conversation:
    asked = next(talk)
    while True:
        typed = yield replace(asked, question=asked.question and f"[{name}] {asked.question}")
        try:
            asked = talk.send(typed)
        except StopIteration as done:
            command: c.StepCommand = done.value
            return command


@dataclass(frozen=True, slots=True)
class _Place:
    step: str
    attempt: int


def _confirm(prompt: p.ConfirmPrompt, shown: tuple[str, ...], at: _Place) -> Conversation:
    wanted = prompt.type_this or "yes"
    shown_word = clean(wanted)
    question = f"Type {shown_word} to send it"
    while True:
        typed = yield Question(shown, question)
        if typed == wanted:
            return c.Confirm(at.step, at.attempt, typed=prompt.type_this)
        shown, question = (), f"Not sent. Type exactly {shown_word} to send it, or :abort"


def _choice(prompt: p.ChoicePrompt, shown: tuple[str, ...], at: _Place) -> Conversation:
    while True:
        typed = yield Question(shown, f"Number, 1 to {len(prompt.choices)}")
        chosen = _numbered(typed, prompt.choices)
        if isinstance(chosen, str):
            shown = (chosen,)
            continue
        reason = ""
        while prompt.reason_wanted and not reason.strip():
            reason = yield Question((), f"Reason for: {clean(chosen.label)}")
        return c.Answer(at.step, at.attempt, value=chosen.value, reason=reason)


def _numbered(typed: str, choices: tuple[p.Choice, ...]) -> p.Choice | str:
    for number, choice in enumerate(choices, 1):
        if typed == str(number) or (isinstance(choice.value, str) and typed == choice.value):
            return f"{clean(choice.label)} is not possible: {clean(choice.refused)}" if choice.refused else choice
    return f"{clean(typed)!r} is none of the numbers."


def _text(prompt: p.TextPrompt, shown: tuple[str, ...], at: _Place) -> Conversation:
    typed = yield Question(shown, "Value" + (" (empty line takes the offered one)" if prompt.offered else ""))
    return c.Answer(at.step, at.attempt, value=typed or prompt.offered)


def _checklist(prompt: p.ChecklistPrompt, shown: tuple[str, ...], at: _Place) -> Conversation:
    answers: dict[str, bool | str] = {}
    for number, item in enumerate(prompt.items, 1):
        lines = (*shown, *prose(f"{number}. {clean(item.text)}"), *fact("evidence", clean(item.evidence)))
        typed = ""
        while not typed.strip():
            typed = yield Question(lines, "y if so, else the reason why it is left open")
            lines = ()
        answers[item.id] = True if typed.lower() in ("y", "yes") else typed
        shown = ()
    return c.TickOff(at.step, at.attempt, items=answers)


def _approve(prompt: p.ApprovePrompt, shown: tuple[str, ...], at: _Place) -> Conversation:
    typed = yield Question(shown, f"Type exactly: {clean(prompt.phrase)}")
    second = ""
    if prompt.second_person:
        second = yield Question((), "Name of the second person who approves")
    return c.Approve(at.step, at.attempt, typed=typed, second_person=second)


def _restore_point(prompt: p.RestorePointPrompt, shown: tuple[str, ...], at: _Place) -> Conversation:
    windows = PromptWindows(prompt)
    question = "Restore point in UTC, as 2026-01-31 03:04:05" + (", or p for the proposal" if prompt.proposal else "")
    while True:
        typed = yield Question(shown, question)
        moment = prompt.proposal if typed.lower() == "p" else _moment(typed)
        if moment is None:
            shown = (f"{clean(typed)!r} is no time in UTC.",)
        elif not prompt.earliest <= moment <= prompt.latest:
            shown = (f"{utc(moment)} lies outside the restorable window.",)
        else:
            lines = (
                f"Restoring to {utc(moment)} loses:",
                *(f"  {clean(line)}" for line in loss_lines(windows.at(moment))),
            )
            sure = yield Question(lines, "Type yes to choose this second, anything else to choose another")
            if sure.lower() == "yes":
                return c.ChooseRestorePoint(at.step, at.attempt, moment=moment)
            shown = ()


def _moment(typed: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(typed)
    except ValueError:
        return None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC).replace(microsecond=0)


def _status(prompt: p.StatusPrompt, shown: tuple[str, ...], at: _Place) -> Conversation:
    text = prompt.text
    question = "posted WHERE once it is posted, edit to write it anew, or not REASON"
    while True:
        typed = yield Question(shown, question)
        word, _, rest = typed.partition(" ")
        if word.lower() == "posted":
            return c.PostStatus(at.step, at.attempt, text=text, posted=True, where=rest.strip())
        if word.lower() == "not" and rest.strip():
            return c.PostStatus(at.step, at.attempt, text=text, posted=False, where=rest.strip())
        if word.lower() == "edit":
            text = yield from _written()
            shown = tuple(prose(clean_block(text), "    "))
        else:
            shown = ("Say posted, edit, or not with a reason.",)


def _written() -> Generator[Question, str, str]:
    lines: list[str] = []
    question = Question(("Write the text; a line with a single full stop ends it.",), "")
    while (typed := (yield question)) != END_OF_TEXT:
        lines.append(typed)
        question = Question((), "")
    return "\n".join(lines)


def _notify(_prompt: p.NotifyPrompt, shown: tuple[str, ...], at: _Place) -> Conversation:
    typed = ""
    while not typed.strip():
        typed = yield Question(shown, "How were they told")
        shown = ()
    return c.Answer(at.step, at.attempt, value=typed)


def _trouble(prompt: p.TroublePrompt, shown: tuple[str, ...], at: _Place) -> Conversation:
    lines = (*shown, *(f"  {way:<13}{WAYS[way]}" for way in prompt.ways))
    while True:
        typed = yield Question(lines, "Way")
        word, _, reason = typed.partition(" ")
        way = next((way for way in prompt.ways if way == word.lower()), None)
        if way is not None:
            return c.SolveTrouble(at.step, at.attempt, way=way, reason=reason.strip())
        lines = (f"Only these ways are open: {', '.join(prompt.ways)}",)


# Each function takes the prompt class it is filed under, hence Any.
_ANSWERS: dict[type, Callable[[Any, tuple[str, ...], _Place], Conversation]] = {
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
