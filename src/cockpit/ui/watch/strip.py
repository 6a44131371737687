"""Two lines at the bottom of the watch screen: the current run, else the plans that match; and a hint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text
from textual.widgets import Static

from cockpit.model.text import clean
from cockpit.ui.run.update_due import update_due
from cockpit.ui.theme import BAD, BOLD, DIM, NOTE, WARN
from cockpit.ui.words import coarse, whole

if TYPE_CHECKING:
    from datetime import datetime

    from cockpit.engine.state import RunState
    from cockpit.plans.match import Match


def run_words(state: RunState) -> Text:
    """Return the run in one line: step n of m, whether it waits for the operator, the step, the plan."""
    ids = [step.id for step in state.plan.steps]
    line = Text.assemble(("DRY RUN " if state.mode == "dry" else "RUN ", BOLD))
    if state.ended:
        return line.append(f"{state.ended}  ", BOLD).append(clean(state.plan.title, 80))
    if state.now_step in ids:
        line.append(f"{ids.index(state.now_step) + 1}/{len(ids)} ")
    if state.paused:
        line.append("PAUSED  ", WARN)
    elif state.prompt is not None:
        line.append("WAITS FOR YOU  ", WARN)
    if state.now_step in ids:
        line.append(f"{clean(state.plan.step(state.now_step).title, 80)}  ")
    if len(state.in_hand) > 1:
        line.append(f"and {len(state.in_hand) - 1} more in hand  ")
    return line.append(clean(state.plan.title, 80), DIM)


def run_clock_words(state: RunState, now: datetime) -> Text:
    """Return elapsed time against the documented RTO, the next status update, and what is still halted."""
    from cockpit.engine.forecast import forecast  # noqa: PLC0415 - the first paint needs no engine, a run has loaded it

    times = forecast(state, now)
    over = times.rto is not None and times.elapsed > times.rto
    words = "back after " if times.recovered_at else "elapsed "
    line = Text.assemble(words, (coarse(times.elapsed), BAD if over else BOLD))
    line.append(f" of RTO {whole(times.rto)}" if times.rto else ", RTO not stated in the source")
    due = update_due(state)
    if due is not None:
        late = due <= now
        words = f"  status update {'OVERDUE by ' if late else 'due in '}{coarse(abs(due - now))}"
        line.append(words, BAD if late else DIM)
    if state.still_halted:
        line.append(f"  still halted: {len(state.still_halted)}", WARN)
    return line


def match_words(matches: tuple[Match, ...] | None) -> Text:
    """Return the plans that speak to what is going on; None while plans are being read."""
    if matches is None:
        return Text("plans: reading …", DIM)
    fitting = [match for match in matches if match.reasons]
    if not fitting:
        return Text.assemble(("no plan matches what is going on now", DIM), ("   p", NOTE), (" all plans", DIM))
    line = Text.assemble(("PLANS THAT MATCH  ", BOLD), ("p", NOTE), " ")
    for number, match in enumerate(fitting):
        line.append(" | " if number else "").append(clean(match.plan.title, 60), BOLD if number == 0 else "")
        line.append(f" ({match.reasons[0].split(':', 1)[0]})" if number == 0 else "", DIM)
    return line


class Strip(Static):
    """Up to two lines; painted only when they read differently."""

    DEFAULT_CSS = "Strip { height: 2; width: 100%; }"

    def __init__(self) -> None:
        super().__init__(id="strip", markup=False)
        self._said = ""

    def say(self, first: Text, second: Text) -> None:
        """Show the two lines, each cut at the window's width."""
        for line in (first, second):
            line.truncate(max(self.app.size.width, 1), overflow="ellipsis")
        words = Text("\n").join((first, second))
        said = f"{words.plain}{words.spans}"
        if said != self._said:
            self._said = said
            self.update(words, layout=False)
