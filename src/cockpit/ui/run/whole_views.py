"""What is not one step: the checks before the first, and the end of the run. Pure."""

from collections.abc import Iterable
from datetime import timedelta

from rich.text import Text

from cockpit.engine.records import Entry, PreflightChecked, StepStarted
from cockpit.engine.state import RunState
from cockpit.model.text import clean, duration, utc, utc_time
from cockpit.ui import theme
from cockpit.ui.run.loss_view import loss_block, window_now

_RESULTS = {
    "finished": "The plan was carried out to its end.",
    "aborted": "The run was aborted; not every step was carried out.",
    "stopped_by_decision": "The run was ended by a decision.",
    "refused": "The run was refused before anything was changed.",
}


def preflight_view(state: RunState, entries: Iterable[Entry]) -> Text:
    """Return the checks of the latest round, before anything is changed."""
    checks: list[PreflightChecked] = []
    for entry in entries:
        if isinstance(entry.record, StepStarted) and not entry.record.step:
            checks.clear()
        elif isinstance(entry.record, PreflightChecked):
            checks.append(entry.record)
    text = Text.assemble(("Preflight", theme.BOLD), ": checks before anything is changed\n")
    scope = state.scope
    text.append(f"{scope.kind.value.upper()} {clean(scope.environment, 40)}  account {scope.account}, {scope.region}\n")
    text.append(f"as {clean(scope.role, 300)}\n", style=theme.DIM)
    for check in checks:
        glyph, word, style = {
            True: ("✓", "passed", theme.GOOD),
            False: ("✗", "FAILED" if check.blocking else "warning", theme.BAD if check.blocking else theme.WARN),
            None: ("?", "could not be checked", theme.WARN),
        }[check.ok]
        text.append(f"{glyph} {word}: ", style=style).append(f"{clean(check.title, 300)}\n")
        if check.detail and check.ok is not True:
            text.append(f"    {clean(check.detail, 1000)}\n")
    if not checks:
        text.append("No check has been made yet.\n", style=theme.DIM)
    text.rstrip()
    return text


def end_view(state: RunState) -> Text:
    """Return how the run ended: result, time, loss, what is still halted, what was posted, what comes after."""
    text = Text.assemble((f"ENDED: {state.ended.replace('_', ' ')}\n", theme.BOLD))
    text.append(f"{_RESULTS.get(state.ended, '')}\n")
    if state.ended_reason:
        text.append(f"{clean(state.ended_reason, 1000)}\n")
    took, rto = max(state.last_at - state.opened_at, timedelta(0)), state.plan.objectives.rto
    against = "RTO not stated in source" if rto is None else f"RTO {duration(rto)}"
    over = rto is not None and took > rto
    text.append("took: ", style=theme.NOTE).append(f"{duration(took)}, {against}{', MISSED' if over else ''}\n")
    for value in state.still_halted:
        text.append("still halted: ", style=theme.WARN).append(f"{clean(value.what, 300)}\n")
    if not state.still_halted:
        text.append("nothing is left halted\n")
    window, _ = window_now(state, state.last_at)
    if window is not None:
        text.append("data lost\n", style=theme.BAD)
        text.append_text(loss_block(window, state.loss_accepted_by)).append("\n")
    if state.reopened_at is not None:
        text.append("writes go on since: ", style=theme.NOTE).append(f"{utc(state.reopened_at)}\n")
    for posted in state.posted:
        word = f"posted to {clean(posted.where, 100) or 'unnamed place'}" if posted.posted else "NOT posted"
        text.append("status: ", style=theme.NOTE).append(f"{utc_time(posted.at)} {clean(posted.phase, 40)} {word}\n")
    for line in state.plan.post_incident:
        text.append("after the incident: ", style=theme.NOTE).append(f"{line}\n")
    text.rstrip()
    return text
