"""One step in full: why, what it waits for, the exact calls, what is read, what it took (DESIGN 9). Pure."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from pydantic import JsonValue
from rich.style import Style
from rich.text import Text

from cockpit.engine.context import run_context
from cockpit.engine.lenient import resolve_known
from cockpit.engine.prompts import ConfirmPrompt, PlannedCall, Prompt
from cockpit.engine.records import Acked, CallFailed, CallUnknown, Entry, Prompted, Reconciled
from cockpit.engine.state import CallState, RunState, StepState
from cockpit.model.effect import Effect
from cockpit.model.text import clean, duration, utc_time
from cockpit.plans.expressions import ExpressionError
from cockpit.plans.schema import Plan, Step
from cockpit.report.branch_words import branch_name
from cockpit.report.record_words import VERDICTS, short_json
from cockpit.ui import theme
from cockpit.ui.run.step_words import actual, number_of, overran, progress

_EFFECTS = {
    Effect.READ: "reads only",
    Effect.MUTATE: "CHANGES something",
    Effect.DESTRUCTIVE: "DESTRUCTIVE: not all of it comes back",
}
_WAITS = {
    "confirm": "you: confirm the call",
    "choice": "you: choose",
    "text": "you: type a value",
    "checklist": "you: tick off the list",
    "approve": "you: type the approval",
    "restore_point": "you: choose the restore point",
    "status": "you: post the status text",
    "notify": "you: tell somebody",
    "trouble": "you: decide how to go on",
}

_ANSWERING = {"shell": "the program: its end", "http": "the HTTP answer: reading until it is as wanted"}
_ACKS = {"shell": "the program ended as it has to", "http": "it was answered"}
_OF_PEOPLE = frozenset({"approve", "ask", "checklist", "decide", "notify", "post_status", "restore_point"})


def step_view(state: RunState, step_id: str, shown: ConfirmPrompt | None) -> Text:
    """Return everything about one step. `shown` is its latest confirmation, which knows the exact calls."""
    step = next((each for each in state.plan.steps if each.id == step_id), None)
    if step is None:
        return Text("No step is in hand." if not step_id else f"The plan has no step {step_id}.")
    at = state.steps.get(step_id)
    view = _title(state, step)
    _field(view, "why", step.why)
    _waits(view, step, at)
    _readings(view, at)
    _calls(view, state, step, shown)
    _expected(view, step)
    _costs(view, step, shown)
    _deviations(view, state.plan, step)
    if at is not None and at.captured:
        _field(view, "kept", ", ".join(f"{name}={short_json(value, 60)}" for name, value in at.captured.items()))
    _field(view, "source", ", ".join(step.source))
    view.rstrip()
    return view


def _title(state: RunState, step: Step) -> Text:
    mark = progress(state, step.id).value
    view = Text.assemble((f"{number_of(state, step.id)}/{len(state.plan.steps)} {clean(step.title)}\n", theme.BOLD))
    view.append(f"{mark.glyph} {mark.word or 'to come'}", style=mark.style)
    view.append(f"  {_EFFECTS[step.effect]}", style=theme.WARN if step.effect is not Effect.READ else theme.DIM)
    if step.point_of_no_return:
        view.append("  POINT OF NO RETURN", style=theme.BAD)
    view.append("\n")
    place = (branch_name(state.plan, step.id), *(clean(title, 60) for title in step.part))
    _field(view, "in", " \u203a ".join(words for words in place if words))
    return view


def _field(view: Text, name: str, words: str, style: Style = theme.PLAIN) -> None:
    if words:
        view.append(f"{name}: ", style=theme.NOTE).append(f"{clean(words)}\n", style=style)


def _waits(view: Text, step: Step, at: StepState | None) -> None:
    if at is None:
        return
    if at.prompt is not None:
        _field(view, "waits for", f"{_WAITS[at.prompt.kind]}  (Enter opens it)", theme.WARN)
    elif at.queued:
        _field(view, "waits for", "its turn to ask: another question is open")
    elif at.outcome is not None:
        _field(view, "ended", f"{at.outcome.upper()}{': ' + clean(at.reason, 500) if at.reason else ''}")
    elif any(call.end is None for call in at.calls):
        _field(view, "waits for", _ANSWERING.get(step.action.kind, "AWS: the answer to the call"))
    elif at.started_at is not None and step.action.kind not in _OF_PEOPLE:
        _field(view, "waits for", _ANSWERING.get(step.action.kind, "AWS: reading until it is as wanted"))


def time_line(state: RunState, step_id: str, now: datetime) -> Text:
    """Return a step's actual time beside the documented one; empty for what is no step. The one line that ticks."""
    step = next((each for each in state.plan.steps if each.id == step_id), None)
    if step is None:
        return Text()
    at = state.steps.get(step_id)
    took = actual(at, now)
    documented = "not stated" if step.documented is None else duration(step.documented)
    view = Text.assemble(("time: ", theme.NOTE), f"{duration(took)}, documented {documented}")
    if overran(step, took) and took is not None and step.documented is not None:
        view.append(f"  OVER by {duration(took - step.documented)}", style=theme.BAD)
    if at is not None and at.attempt > 1:
        view.append(f"  attempt {at.attempt}", style=theme.WARN)
    return view


def _readings(view: Text, at: StepState | None) -> None:
    if at is None or not at.observed:
        return
    view.append("readings:\n", style=theme.NOTE)
    for what, (text, ok) in at.observed.items():
        glyph, style = {True: ("✓", theme.GOOD), False: ("✗", theme.WARN), None: ("·", theme.PLAIN)}[ok]
        words = {True: "", False: " (not yet as wanted)", None: ""}[ok]
        view.append(f" {glyph} ", style=style).append(f"{clean(what, 80)}: ").append(clean(text, 300), style=style)
        view.append(f"{words}\n", style=theme.DIM)


def _calls(view: Text, state: RunState, step: Step, shown: ConfirmPrompt | None) -> None:
    at = state.steps.get(step.id)
    if shown is not None:
        for call in shown.calls:
            append_call(view, call)
    else:
        spec = step.action
        name = getattr(spec, "call", None) or getattr(spec, "read", None)
        if isinstance(name, str):
            _field(view, "call" if step.effect is not Effect.READ else "reads", name.replace(":", " "))
            params = _known(getattr(spec, "params", {}), state)
            if params:
                view.append(f"  {short_json(params, 1500)}\n", style=theme.DIM)
        else:
            _field(view, "does", spec.kind.replace("_", " "))
    for made in at.calls if at else ():
        view.append_text(call_fate(made)).append("\n")


def _known(params: dict[str, JsonValue], state: RunState) -> JsonValue:
    """Return parameters as they would be sent now; what is not known yet stays in angle brackets."""
    try:
        return resolve_known(params, run_context(state, state.last_at)).value
    except ExpressionError:
        return params


def append_call(view: Text, call: PlannedCall) -> None:
    """Append one planned call: target, operation and place, and the ``aws`` command that would do the same."""
    view.append("call: ", style=theme.NOTE)
    view.append(f"{call.service} {call.operation}", style=theme.BOLD)
    view.append(f" on {clean(call.target, 300)}\n")
    view.append(f"  account {call.account}, {call.region}\n", style=theme.DIM)
    view.append(f"  $ {clean(call.command, 20_000)}\n")


def call_fate(call: CallState) -> Text:
    """Return what is known of a call that was sent, in one line of words."""
    intent = call.intent
    line = Text(f" {utc_time(call.at)} INTENT on disk: {intent.service} {intent.operation}")
    if call.end is None:
        return line.append("  sent, no answer yet", style=theme.WARN)
    line.append(f"\n {utc_time(call.end_at)} ")
    match call.end:
        case Acked():
            said = _ACKS.get(intent.service, f"request id {clean(call.end.request_id, 80) or 'not given'}")
            line.append("ACK ", style=theme.GOOD).append(said)
        case CallFailed():
            line.append("FAILED", style=theme.BAD)
            line.append(f" {clean(call.end.code, 100)}: {clean(call.end.message, 1000)}")
        case CallUnknown():
            line.append("UNKNOWN whether it took effect", style=theme.WARN)
            line.append("".join(f"\n   {clean(each, 500)}" for each in call.end.evidence))
        case Reconciled():
            line.append(f"reconciled by {call.end.by}: it {VERDICTS[call.end.verdict]}", style=theme.BOLD)
            line.append("".join(f"\n   {clean(each, 500)}" for each in call.end.evidence))
    return line


def _expected(view: Text, step: Step) -> None:
    probe = step.verify
    if probe is None and step.action.kind == "wait":
        probe = step.action
    if probe is None:
        return
    hold = f", held for {duration(probe.hold)}" if probe.hold > timedelta(0) else ""
    watched = f"; quiet alarms {clean(', '.join(probe.watch.alarms), 200)}" if probe.watch else ""
    limit = f"gives up after {duration(probe.timeout)}"
    _field(view, "expected", f"{clean(probe.until, 400)}{watched}{hold}; {limit}")


def _costs(view: Text, step: Step, shown: ConfirmPrompt | None) -> None:
    cost = step.cost
    _field(view, "data", shown.data_cost if shown else (cost.data if cost else ""))
    _field(view, "costs time", shown.time_cost if shown else (cost.time if cost else ""))
    _field(view, "undo", shown.undo if shown else (step.undo.words if step.undo else (cost.undo if cost else "")))


def _deviations(view: Text, plan: Plan, step: Step) -> None:
    for deviation in plan.deviations:
        if deviation.id in step.source:
            _field(view, f"differs from source ({deviation.id})", f"{deviation.plan_does.rstrip('.')}. {deviation.why}")


def latest_confirmation(entries: Iterable[Entry], step_id: str) -> ConfirmPrompt | None:
    """Return the last confirmation a step asked for: the only place that knows its calls to the letter."""
    found: Prompt | None = None
    for entry in entries:
        record = entry.record
        if isinstance(record, Prompted) and record.step == step_id and isinstance(record.prompt, ConfirmPrompt):
            found = record.prompt
    return found if isinstance(found, ConfirmPrompt) else None
