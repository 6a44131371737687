"""The data-loss window in words: one line for the strip, a block for dialogs (DESIGN 8)."""

from dataclasses import replace
from datetime import datetime

from rich.text import Text

from cockpit.engine.loss import PromptWindows, second_window
from cockpit.engine.prompts import RestorePointPrompt
from cockpit.engine.state import RunState
from cockpit.model.loss_window import LossWindow, WindowEnd
from cockpit.model.text import brief, duration, utc, utc_time
from cockpit.plans.actions.approve import ApproveSpec
from cockpit.report.count_words import write_words


def plan_restores(state: RunState) -> bool:
    """Tell whether the plan can lose data: it restores, or asks somebody to accept a loss."""
    actions = (step.action for step in state.plan.steps)
    return any(action.kind == "restore_point" or getattr(action, "accepts_loss", False) for action in actions)


def window_now(state: RunState, now: datetime) -> tuple[LossWindow | None, str]:
    """Return the window as it stands at `now` (UTC), and a word when it is not the measured one yet.

    While writes go on the window ends now. Before a restore point is chosen the proposal of the prompt stands in.
    """
    if state.loss is not None:
        return growing(state.loss, now), ""
    prompt = state.prompt
    if isinstance(prompt, RestorePointPrompt) and prompt.proposal is not None:
        return growing(PromptWindows(prompt).at(prompt.proposal), now), "proposed"
    return None, ""


def growing(window: LossWindow, now: datetime) -> LossWindow:
    """Return the window with its end at `now` if writes still go on; its writes are those counted so far."""
    return replace(window, end=max(now, window.end)) if window.end_basis is WindowEnd.NOW else window


def rpo_words(window: LossWindow) -> tuple[str, str]:
    """Return how the window stands against the objective, and the style for it."""
    if window.rpo is None:
        return "RPO not stated in source", "dim"
    if window.exceeds_rpo:
        return f"OVER RPO {brief(window.rpo)}", "bold red"
    return f"within RPO {brief(window.rpo)}", "green"


def loss_line(state: RunState, now: datetime, *, wide: bool) -> Text:
    """Return the strip's line about data loss. It is there in every state of the run."""
    line = Text.assemble(("LOSS ", "bold"))
    window, word = window_now(state, now)
    if window is not None:
        _window_words(line, window, word, wide=wide)
    elif not plan_restores(state):
        line.append("none: no step of this plan throws data away")
    elif state.halted_at is not None:
        proof = "proven" if state.halt_proven else "not yet proven"
        line.append(f"restore point not chosen yet; writes ended {utc_time(state.halted_at)}, {proof}")
    elif _ended_by_outage(state):
        line.append("copy not chosen yet; the outage ended the writes")
    else:
        line.append("restore point not chosen yet; writes still going on, the loss grows")
    return line


def _ended_by_outage(state: RunState) -> bool:
    """Tell whether the plan is for a service that is down: nothing more can be lost by waiting."""
    approvals = [step.action for step in state.plan.steps if isinstance(step.action, ApproveSpec)]
    return any(approval.loses is not None and approval.loses.until is not None for approval in approvals)


def _window_words(line: Text, window: LossWindow, word: str, *, wide: bool) -> None:
    if word:
        line.append(f"{word} ", style="italic")
    days = window.start.date() != window.end.date()
    moment = (lambda at: at.strftime("%m-%d %H:%M:%SZ")) if days else utc_time
    end = "now" if window.end_basis is WindowEnd.NOW else moment(window.end)
    line.append(f"{moment(window.start)}\u2192{end} ")
    line.append(f"{duration(window.duration)}  ", style="bold")
    so_far = " so far" if window.writes and window.end_basis is WindowEnd.NOW else ""
    count = write_words(window.writes).replace(" to ", "\u2013")
    line.append(f"{count}{so_far}  ", style="bold" if window.writes else "")
    words, style = rpo_words(window)
    line.append(words if wide else words.removesuffix(" in source"), style=style)
    if wide:
        line.append(f"  ({window.end_basis.value}")
        line.append(f"; {window.writes.basis})" if window.writes and window.writes.basis else ")")


def second_window_line(state: RunState, now: datetime) -> Text | None:
    """Return the line about the second window: writes since reopening, that a later rollback would strand."""
    window = second_window(state, now)
    if window is None:
        return None
    line = Text.assemble(("2nd  ", "bold"))
    line.append(
        f"writes go on since {utc_time(window.start)} ({duration(window.duration)}): going back now would lose them"
    )
    return line


def loss_block(window: LossWindow, who: str = "") -> Text:
    """Return the window in full, for dialogs where somebody decides about it."""
    words, style = rpo_words(window)
    block = Text()
    rows = (
        ("from", f"{utc(window.start)}  everything written after it is lost"),
        ("to", f"{utc(window.end)}  {window.end_basis.value}"),
        ("length", duration(window.duration)),
        ("writes", write_words(window.writes)),
        ("counted", window.writes.basis if window.writes and window.writes.basis else "\u2014"),
    )
    for name, value in rows:
        block.append(f"{name:<9}", style="dim").append(f"{value}\n")
    block.append(f"{'RPO':<9}", style="dim").append(words.removeprefix("RPO "), style=style)
    if who:
        block.append(f"\n{'accepted':<9}", style="dim").append(f"by {who}")
    return block
