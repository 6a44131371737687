"""The data-loss window in words: one line for the strip, a block for dialogs (DESIGN 8)."""

from dataclasses import replace
from datetime import datetime, timedelta

from rich.text import Text

from cockpit.engine.prompts import RestorePointPrompt
from cockpit.engine.state import RunState
from cockpit.model.loss_window import LossWindow, WindowEnd, WriteBucket, WriteSeries
from cockpit.model.text import duration, utc, utc_time
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
        growing = state.loss.end_basis is WindowEnd.NOW
        return (replace(state.loss, end=max(now, state.loss.end)) if growing else state.loss), ""
    prompt = state.prompt
    if isinstance(prompt, RestorePointPrompt) and prompt.proposal is not None:
        return prompt_window(prompt, prompt.proposal, now), "proposed"
    return None, ""


def prompt_window(
    prompt: RestorePointPrompt, start: datetime, now: datetime, series: WriteSeries | None = None
) -> LossWindow:
    """Return the window of a candidate restore point, its writes counted from the prompt's buckets.

    `series` saves building the sums anew at every move of a cursor (`write_series`).
    """
    basis = end_basis(prompt.end_basis)
    end = max(now, prompt.end) if basis is WindowEnd.NOW else prompt.end
    series = series or write_series(prompt)
    writes = series.count(start, end) if series.buckets else None
    rpo = None if prompt.rpo_seconds is None else timedelta(seconds=prompt.rpo_seconds)
    return LossWindow(start, end, basis, writes, rpo)


def write_series(prompt: RestorePointPrompt) -> WriteSeries:
    """Return the prompt's buckets, ready to be counted between any two seconds."""
    buckets = (
        WriteBucket(each.at, timedelta(seconds=each.period or prompt.period), each.writes) for each in prompt.buckets
    )
    return WriteSeries(buckets, prompt.basis)


def end_basis(words: str) -> WindowEnd:
    """Return what the window's end rests on, from its words or its name; anything else counts as the least certain."""
    for basis in WindowEnd:
        if words in (basis.value, basis.name):
            return basis
    return WindowEnd.NOW


def rpo_words(window: LossWindow) -> tuple[str, str]:
    """Return how the window stands against the objective, and the style for it."""
    if window.rpo is None:
        return "RPO not stated in source", "dim"
    if window.exceeds_rpo:
        return f"EXCEEDS RPO {duration(window.rpo)}", "bold red"
    return f"within RPO {duration(window.rpo)}", "green"


def loss_line(state: RunState, now: datetime, *, wide: bool) -> Text:
    """Return the strip's line about data loss. It is there in every state of the run."""
    line = Text("LOSS ", style="bold", no_wrap=True, overflow="ellipsis")
    window, word = window_now(state, now)
    if window is not None:
        _window_words(line, window, word, wide=wide)
    elif not plan_restores(state):
        line.append("none: no step of this plan throws data away")
    elif state.halted_at is not None:
        proof = "proven" if state.halt_proven else "not yet proven"
        line.append(f"restore point not chosen yet; writes ended {utc_time(state.halted_at)}, {proof}")
    else:
        line.append("restore point not chosen yet; writes still going on, the loss grows")
    return line


def _window_words(line: Text, window: LossWindow, word: str, *, wide: bool) -> None:
    if word:
        line.append(f"{word} ", style="italic")
    ends = " now" if window.end_basis is WindowEnd.NOW else utc_time(window.end)
    line.append(f"{utc_time(window.start)}\u2192{ends.strip()} ")
    line.append(f"{duration(window.duration)}  ", style="bold")
    line.append(f"{write_words(window.writes)}  ", style="bold" if window.writes else "")
    words, style = rpo_words(window)
    line.append(words, style=style)
    if wide:
        line.append(f"  ({window.end_basis.value}")
        line.append(f"; {window.writes.basis})" if window.writes and window.writes.basis else ")")


def second_window_line(state: RunState, now: datetime) -> Text | None:
    """Return the line about the second window: writes since reopening, that a later rollback would strand."""
    if state.reopened_at is None:
        return None
    span = duration(max(now - state.reopened_at, timedelta(0)))
    line = Text("2nd  ", style="bold", no_wrap=True, overflow="ellipsis")
    line.append(f"writes go on since {utc_time(state.reopened_at)} ({span}): going back now would lose them")
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
    block.append(f"{'RPO':<9}", style="dim").append(words, style=style)
    if who:
        block.append(f"\n{'accepted':<9}", style="dim").append(f"by {who}")
    return block
