"""What a prompt shows in plain lines, before the question itself. Pure."""

from collections.abc import Callable
from typing import Any

from cockpit.engine import prompts as p
from cockpit.engine.state import RunState
from cockpit.model.text import clean, clean_block, utc
from cockpit.report.loss_words import loss_lines
from cockpit.report.plain import exact, fact, prose


def prompt_lines(prompt: p.Prompt, state: RunState) -> list[str]:
    """Return everything a person needs to answer the prompt, as plain lines."""
    return _LINES[type(prompt)](prompt, state)


def choice_line(number: int, choice: p.Choice) -> list[str]:
    """Return one choice with its consequence, or why it is no candidate."""
    mark = "not possible: " if choice.refused else ""
    lines = prose(f"{number}. {clean(choice.label)}", "  ")
    if choice.refused:
        return [*lines, *prose(f"{mark}{clean(choice.refused)}", "     ")]
    return [*lines, *(prose(clean(choice.consequence), "     ") if choice.consequence else [])]


def _confirm(prompt: p.ConfirmPrompt, state: RunState) -> list[str]:
    scope = state.scope
    lines = ["CONFIRM. Nothing of this has been sent."]
    for call in prompt.calls:
        lines += fact("target", clean(call.target))
        place = f"{clean(scope.environment)} ({scope.kind.value.upper()})"
        lines += fact("where", f"{place}, account {clean(call.account)}, {clean(call.region)}")
        lines += fact("call", clean(f"{call.service} {call.operation}"))
        lines += exact(clean(call.command, 20_000))
    for note in prompt.notes:
        lines += fact("note", clean(note))
    lines += fact("costs data", clean(prompt.data_cost))
    lines += fact("takes", clean(prompt.time_cost))
    lines += fact("undo", clean(prompt.undo))
    if prompt.point_of_no_return:
        lines += ["  POINT OF NO RETURN: this cannot be taken back."]
    return lines


def _choice(prompt: p.ChoicePrompt, _state: RunState) -> list[str]:
    lines = prose(clean(prompt.question))
    for number, choice in enumerate(prompt.choices, 1):
        lines += choice_line(number, choice)
    if prompt.recommended is not None:
        because = f": {clean(prompt.because)}" if prompt.because else ""
        lines += prose(f"Recommended: {prompt.recommended + 1}{because}")
    elif prompt.because:
        lines += prose(clean(prompt.because))
    return lines


def _text(prompt: p.TextPrompt, _state: RunState) -> list[str]:
    return [
        *prose(clean(prompt.question)),
        *fact("offered", clean(prompt.offered)),
        *fact("form", clean(prompt.pattern)),
    ]


def _checklist(prompt: p.ChecklistPrompt, _state: RunState) -> list[str]:
    return [f"Check {len(prompt.items)} item{'' if len(prompt.items) == 1 else 's'}, one by one."]


def _approve(prompt: p.ApprovePrompt, state: RunState) -> list[str]:
    lines = ["APPROVAL", *prose(clean(prompt.statement))]
    if prompt.accepts_loss:
        if state.loss is None:
            lines += ["  The data-loss window is not known."]
        else:
            lines += ["  Data-loss window:", *(f"    {clean(line)}" for line in loss_lines(state.loss))]
    return lines


def _restore_point(prompt: p.RestorePointPrompt, _state: RunState) -> list[str]:
    lines = [f"Restore point of {prompt.noun} {clean(prompt.table)}"]
    lines += [f"  restorable from {utc(prompt.earliest)}", f"               to {utc(prompt.latest)}"]
    lines += ["  What happened:"] if prompt.marks else ["  Nothing was found on the timeline."]
    for mark in prompt.marks:
        suspect = "  <- SUSPECT" if mark.suspect else ""
        lines += prose(f"{utc(mark.at)}  {clean(mark.kind)}: {clean(mark.label)}{suspect}", "    ")
    for gap in prompt.gaps:
        lines += fact("missing from the timeline", clean(gap))
    if prompt.proposal:
        lines += [f"  Proposal: {utc(prompt.proposal)}, the second before the suspect change"]
    else:
        lines += ["  No proposal: nothing is suspect, or it lies outside the restorable window."]
    return lines


def _status(prompt: p.StatusPrompt, _state: RunState) -> list[str]:
    basis = "text of the source document" if prompt.basis == "verbatim" else "DRAFT: not in the source document"
    return [f"STATUS PAGE, {clean(prompt.title)} ({basis})", *exact(clean_block(prompt.text))]


def _notify(prompt: p.NotifyPrompt, _state: RunState) -> list[str]:
    return [f"TELL {clean(prompt.to)}:", *exact(clean_block(prompt.text))]


def _trouble(prompt: p.TroublePrompt, _state: RunState) -> list[str]:
    lines = [f"TROUBLE: the outcome is {prompt.outcome.upper()}", *prose(clean(prompt.message), "  ")]
    for line in prompt.evidence:
        lines += fact("evidence", clean(line))
    return [*lines, *fact("next", clean(prompt.remedy))]


# Each function takes the prompt class it is filed under, hence Any.
_LINES: dict[type, Callable[[Any, RunState], list[str]]] = {
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
