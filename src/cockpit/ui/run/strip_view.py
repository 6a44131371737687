"""The strip above everything of a run: clock against RTO, data-loss window, next status update. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from rich.text import Text

from cockpit.engine.state import RunState
from cockpit.model.text import clean, duration, utc_time
from cockpit.ui import theme
from cockpit.ui.run.loss_view import loss_line, second_window_line, short
from cockpit.ui.run.step_words import number_of

WIDE = 110


@dataclass(frozen=True, slots=True)
class Estimate:
    """How much longer the run takes, from documented and drilled durations; an estimate and labelled so."""

    p50: timedelta | None
    p95: timedelta | None
    basis: str = ""


def strip(state: RunState, now: datetime, estimate: Estimate | None, width: int, not_driven: str = "") -> Text:
    """Return the lines of the strip for a width in cells."""
    lines = [
        _title_line(state, width, not_driven),
        rto_line(state, now, estimate),
        loss_line(state, now, wide=width >= WIDE),
    ]
    second = second_window_line(state, now)
    lines += [second] if second else []
    lines.append(status_line(state, now))
    for line in lines:
        line.no_wrap = True
        line.truncate(width, overflow="ellipsis")
    return Text("\n", no_wrap=True).join(lines)


def _title_line(state: RunState, width: int, not_driven: str) -> Text:
    right = Text()
    if state.mode == "dry":
        right.append("DRY RUN changes nothing  ", style=theme.NOTE + theme.BOLD)
    if state.ended:
        right.append(f"ENDED: {state.ended.replace('_', ' ')}  ", style=theme.BOLD)
    elif not_driven:
        right.append(f"{clean(not_driven, 60)}  ", style=theme.WARN)
    if state.paused:
        right.append("PAUSED  ", style=theme.WARN)
    right.append(f"step {reached(state)}/{len(state.plan.steps)}", style=theme.BOLD)
    left = Text(clean(state.plan.title, 200), style=theme.BOLD)
    left.truncate(max(width - len(right.plain) - 2, 10), overflow="ellipsis", pad=True)
    return Text().append_text(left).append("  ").append_text(right)


def reached(state: RunState) -> int:
    """Return the number of the step in hand, or of the last one begun; 0 before the first."""
    begun = [number_of(state, step.step) for step in state.steps.values() if step.started_at is not None]
    return number_of(state, state.now_step) or max(begun, default=0)


def rto_line(state: RunState, now: datetime, estimate: Estimate | None) -> Text:
    """Return elapsed time against the documented RTO, and the forecast of the remaining time."""
    until = state.last_at if state.ended else now
    elapsed = max(until - state.opened_at, timedelta(0))
    rto = state.plan.objectives.rto
    line = Text.assemble((f"RTO  {duration(elapsed)}", "bold"))
    if rto is None:
        line.append(" elapsed, RTO not stated in source")
    elif elapsed > rto:
        line.append(f" of {short(rto)}  ").append(f"OVER by {duration(elapsed - rto)}", style=theme.BAD)
    else:
        line.append(f" of {short(rto)}, {duration(rto - elapsed)} left")
    if not state.ended:
        _append_estimate(line, estimate, None if rto is None else rto - elapsed)
    return line


def _append_estimate(line: Text, estimate: Estimate | None, left: timedelta | None) -> None:
    if estimate is None or estimate.p50 is None:
        line.append("  no estimate: no durations known", style=theme.DIM)
        return
    words = duration(estimate.p50)
    if estimate.p95 is not None and estimate.p95 != estimate.p50:
        words += f"\u2013{duration(estimate.p95)}"
    line.append(f"  to go, estimate p50\u2013p95: {words}")
    if left is not None and estimate.p50 > left:
        line.append("  RTO at risk", style=theme.BAD)


def next_update_due(state: RunState) -> datetime | None:
    """Return when the next status update is due, UTC; None while none was posted or the plan names no interval."""
    every = state.plan.communications.update_every
    posted = [text.at for text in state.posted if text.posted]
    if every is None or not posted or state.ended:
        return None
    return max(posted) + every


def status_line(state: RunState, now: datetime) -> Text:
    """Return what was told last, and when the next word is due."""
    line = Text.assemble(("STATUS ", "bold"))
    posted = [text for text in state.posted if text.posted]
    if not posted:
        return line.append("nothing posted yet")
    last = posted[-1]
    line.append(f"{clean(last.phase, 30)} posted {utc_time(last.at)}")
    due = next_update_due(state)
    if due is None:
        interval = "" if state.ended else "; no interval stated in source"
        return line.append(interval, style=theme.DIM)
    if due <= now:
        return line.append("  ").append(f"UPDATE OVERDUE by {duration(now - due)}", style=theme.BAD)
    return line.append(f"; next update due {utc_time(due)}, in {duration(due - now)}")


def halted_line(state: RunState) -> Text:
    """Return what is still halted, for the bottom of the screen."""
    halted = state.still_halted
    if not halted:
        return Text("HALTED nothing", style=theme.DIM, no_wrap=True)
    line = Text.assemble((f"HALTED {len(halted)}: ", theme.WARN), no_wrap=True, overflow="ellipsis")
    return line.append("; ".join(clean(value.what, 80) for value in halted))
