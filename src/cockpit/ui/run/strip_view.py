"""The strip above everything of a run: clock against RTO, data-loss window, next status update. Pure."""

from datetime import datetime, timedelta

from rich.cells import cell_len
from rich.text import Text

from cockpit.engine.forecast import Forecast, forecast
from cockpit.engine.state import HaltedState, RunState
from cockpit.model.text import brief, clean, duration, utc_time
from cockpit.ui import theme
from cockpit.ui.run.loss_view import loss_line, second_window_line
from cockpit.ui.run.step_words import number_of
from cockpit.ui.run.update_due import update_due

WIDE = 110


LINES = ("title", "rto", "loss", "second", "status")
"""The lines of the strip, top to bottom; the second data-loss window is there from the reopening of writes."""


def strip_lines(state: RunState, now: datetime, width: int, not_driven: str = "") -> dict[str, Text]:
    """Return the lines of the strip by name, each cut to a width in cells; an empty one is not shown."""
    lines = {
        "title": _title_line(state, width, not_driven),
        "rto": rto_line(state, now, width),
        "loss": loss_line(state, now, wide=width >= WIDE),
        "second": second_window_line(state, now) or Text(),
        "status": status_line(state, now),
    }
    for line in lines.values():
        line.no_wrap = True
        line.truncate(width, overflow="ellipsis")
    return lines


def _title_line(state: RunState, width: int, not_driven: str) -> Text:
    right = Text()
    if state.mode == "dry":
        right.append("DRY RUN changes nothing  ", style=theme.NOTE + theme.BOLD)
    if state.ended:
        right.append(f"ENDED: {state.ended.replace('_', ' ')}  ", style=theme.BOLD)
    elif state.handed_to:
        right.append(f"HANDED TO {clean(state.handed_to, 30)}  ", style=theme.WARN)
    elif not_driven:
        right.append(f"{clean(not_driven, 60)}  ", style=theme.WARN)
    if state.paused:
        right.append("PAUSED  ", style=theme.WARN)
    if state.clock_behind and not state.ended:
        right.append(f"CLOCK SET BACK {duration(state.clock_behind)}  ", style=theme.WARN)
    right.append_text(_in_hand(state))
    right.append(f"step {reached(state)}/{len(state.plan.steps)}", style=theme.BOLD)
    left = Text(clean(state.plan.title, 200), style=theme.BOLD)
    left.truncate(max(width - len(right.plain) - 2, 10), overflow="ellipsis", pad=True)
    return Text().append_text(left).append("  ").append_text(right)


def _in_hand(state: RunState) -> Text:
    """Return how many branches are at work, if several are, and how many have a question after the open one."""
    words = Text()
    if len(state.in_hand) > 1:
        words.append(f"{len(state.in_hand)} in hand  ", style=theme.NOTE)
    queued = sum(state.steps[key].queued for key in state.in_hand)
    if queued:
        words.append(f"{queued} ask{'s' if queued == 1 else ''} next  ", style=theme.WARN)
    return words


def reached(state: RunState) -> int:
    """Return the number of the step in hand, or of the last one begun; 0 before the first."""
    begun = [number_of(state, step.step) for step in state.steps.values() if step.started_at is not None]
    return number_of(state, state.now_step) or max(begun, default=0)


def rto_line(state: RunState, now: datetime, width: int) -> Text:
    """Return elapsed time against the documented RTO, and of the forecast as much as fits into a width in cells."""
    times = forecast(state, now)
    line = Text.assemble((f"RTO  {duration(times.elapsed)}", "bold"))
    if times.rto is None:
        line.append(" elapsed, RTO not stated in source")
    elif times.recovered_at is not None:
        late = times.elapsed > times.rto
        line.append(f" of {brief(times.rto)}: ")
        line.append(f"MISSED by {duration(times.elapsed - times.rto)}" if late else "kept", theme.BAD if late else "")
        line.append(f", back at {utc_time(times.recovered_at)}")
    elif times.elapsed > times.rto:
        line.append(f" of {brief(times.rto)}  ").append(
            f"OVER by {duration(times.elapsed - times.rto)}", style=theme.BAD
        )
    elif state.ended == "finished" and not state.plan.objectives.recovered_by:
        line.append(f" of {brief(times.rto)}: kept")
    elif state.ended:  # given up in time is not recovered in time
        line.append(f" of {brief(times.rto)}: not shown to be back", style=theme.WARN)
    else:
        line.append(f" of {brief(times.rto)}, {duration(times.rto_left)} left")
    if state.ended:
        return line
    missed = times.rto is not None and times.elapsed > times.rto  # that is said already
    if times.misses_rto and times.recovered_at is None and not missed:
        line.append("  RTO AT RISK", style=theme.BAD)
    room = width - line.cell_len
    return line.append(next((words for words in _estimates(times) if cell_len(words) <= room), ""), style=theme.DIM)


def _estimates(times: Forecast) -> tuple[str, ...]:
    """Return the estimate of the remaining time in words, the fullest first."""
    if times.remaining_at_most <= timedelta(0):
        return "  no estimate: no durations known", "  no estimate"
    span = brief(times.remaining)
    if times.remaining_at_most != times.remaining:
        span += f"\u2013{brief(times.remaining_at_most)}"
    unknown = f" + {len(times.unknown)} unknown" if times.unknown else ""
    return f"  estimate p50\u2013p95: {span}{unknown}", f"  estimate {span}{unknown}", f"  est. {span}{unknown}"


def status_line(state: RunState, now: datetime) -> Text:
    """Return what was told last, and when the next word is due."""
    line = Text.assemble(("STATUS ", "bold"))
    posted = [text for text in state.posted if text.posted]
    if not posted:
        return line.append("nothing posted yet")
    last = posted[-1]
    line.append(f"{clean(last.phase, 30)} posted {utc_time(last.at)}")
    due = update_due(state)
    if due is None:
        unstated = state.plan.communications.update_every is None and not state.ended
        return line.append("; no interval stated in source" if unstated else "", style=theme.DIM)
    if due <= now:
        return line.append("  ").append(f"UPDATE OVERDUE by {duration(now - due)}", style=theme.BAD)
    return line.append(f"; next update due {utc_time(due)}, in {duration(due - now)}")


def _halted_words(state: RunState, value: HaltedState) -> str:
    stays = " (meant to stay)" if value.name in state.plan.may_stay_halted else ""
    return f"{clean(value.what, 80)}{stays}"


def halted_line(state: RunState) -> Text:
    """Return what is still halted, for the bottom of the screen."""
    halted = state.still_halted
    if not halted:
        return Text("HALTED nothing", style=theme.DIM, no_wrap=True)
    line = Text.assemble((f"HALTED {len(halted)}: ", theme.WARN), no_wrap=True, overflow="ellipsis")
    return line.append("; ".join(_halted_words(state, value) for value in halted))
