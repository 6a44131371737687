"""What is not one step: the checks before the first, and the end of the run. Pure."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from rich.text import Text

from cockpit.engine.branches import branch_states
from cockpit.engine.forecast import forecast
from cockpit.engine.records import Entry, PreflightChecked, StepStarted
from cockpit.engine.state import RunState
from cockpit.model.text import clean, duration, utc, utc_time
from cockpit.plans.sections import Heading
from cockpit.report.branch_words import branch_words, time_in_hand, waiting_words, who_is_in_hand
from cockpit.ui import theme
from cockpit.ui.run.loss_view import loss_block, window_now
from cockpit.ui.run.step_words import number_of, progress
from cockpit.ui.words import coarse

_MOST_OTHERS = 3
_OTHER = {
    "waits for a person": ("for you", theme.WARN),
    "asks next": ("asks next", theme.WARN),
    "call under way": ("also calling", theme.NOTE),
    "waits": ("also waiting", theme.NOTE),
}
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


def heading_view(state: RunState, heading: Heading, now: datetime) -> Text:
    """Return a branch or an included part: where it stands against its budget, and each of its steps."""
    text = Text.assemble((f"{clean(heading.title, 200)}\n", theme.BOLD))
    branch = next((each for each in branch_states(state) if each.branch == heading.branch), None)
    if branch is None:
        text.append("a part of the plan\n", style=theme.DIM)
    else:
        beside = [each.title for each in state.plan.branches if each.group == branch.branch.group]
        text.append(
            f"one of {len(beside)} branches that run side by side: {clean(', '.join(beside), 300)}\n", theme.DIM
        )
        late = branch.over(now) is not None
        text.append("stands: ", theme.NOTE)
        text.append(f"{branch_words(state, branch, now, coarse)}\n", theme.BAD if late else theme.PLAIN)
        if branch.branch.budget is None:
            text.append("budget: ", theme.NOTE).append("not stated in source\n")
        if branch.branch.source:
            text.append("source: ", theme.NOTE).append(f"{', '.join(branch.branch.source)}\n")
    for step in heading.steps:
        mark = progress(state, step.id).value
        text.append(f"{number_of(state, step.id):>3} ", theme.DIM).append(f"{mark.glyph} {mark.word:<8}", mark.style)
        text.append(f"{clean(step.title, 200)}\n")
    text.append("f shows or folds the steps of what is over or to come", theme.DIM)
    return text


def in_hand_view(state: RunState, shown: str, now: datetime) -> Text:
    """Return one line for each step in hand but the one shown, if the plan has branches; at most three."""
    others = [key for key in state.in_hand if key != shown] if state.plan.branches else []
    text = Text()
    for key in others[:_MOST_OTHERS]:
        word, style = _OTHER[waiting_words(state, key)]
        text.append("\n" if text.plain else "").append(word, style)
        text.append(f", {time_in_hand(state, key, now, coarse)}: {who_is_in_hand(state, key)}")
    if len(others) > _MOST_OTHERS:
        text.append(f", and {len(others) - _MOST_OTHERS} more", theme.DIM)
    return text


def end_view(state: RunState) -> Text:
    """Return how the run ended: result, time, loss, what is still halted, what was posted, what comes after."""
    text = Text.assemble((f"ENDED: {state.ended.replace('_', ' ')}\n", theme.BOLD))
    text.append(f"{_RESULTS.get(state.ended, '')}\n")
    if state.ended_reason:
        text.append(f"{clean(state.ended_reason, 1000)}\n")
    text.append("took: ", style=theme.NOTE).append(f"{_took(state)}\n")
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


def _took(state: RunState) -> str:
    """Return how long the run took, and its recovery against the documented objective."""
    times = forecast(state, state.last_at)
    whole = duration(max(state.last_at - state.opened_at, timedelta(0)))
    if times.recovered_at is not None:
        whole += f"; the service was back after {duration(times.elapsed)}, at {utc_time(times.recovered_at)}"
    if times.rto is None:
        return f"{whole}, RTO not stated in source"
    return f"{whole}, RTO {duration(times.rto)}{', MISSED' if times.elapsed > times.rto else ''}"
