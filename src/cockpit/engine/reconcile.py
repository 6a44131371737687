"""Finding out what became of a call whose answer was lost, by reading (AWS-FACTS 1). Never repeats anything."""

from collections.abc import Mapping
from datetime import datetime

from pydantic import JsonValue

from cockpit.aws.port import ReadFailed
from cockpit.engine.actions.base import StepContext, Verdict
from cockpit.engine.context import iso
from cockpit.engine.pace import pause
from cockpit.engine.records import Intent
from cockpit.model.reading import FaultKind
from cockpit.model.text import clean, utc
from cockpit.plans.expressions import ExpressionError, evaluate, resolve_condition
from cockpit.plans.probe import Read, Reconcile

CONSISTENCY = 60.0
"""Seconds of the run's clock after the answer was given up before "not seen" can mean "did not happen".

Not after the intent: a call may take effect at any moment until its answer is given up, and shows a while later.
"""

_FIRST_PAUSE, _LONGEST_PAUSE = 2.0, 15.0


async def reconcile(context: StepContext, spec: Reconcile, intent: Intent) -> Verdict:
    """Read until the call is seen, or has not been seen for the services' consistency delay.

    The expressions see ``answer``, ``before`` (the journaled values) and ``intent`` (``params``, ``token``, ``at``).

    Returns:
        ``happened`` with what `spec.capture` gives, ``not_happened``, or ``conflict``: something is there that is
        neither what was wanted nor what was there before.

    Raises:
        ReadFailed: AWS could not be read; nothing is known.
        ExpressionError: an expression cannot be evaluated over the answer.
    """
    sent_at, given_up = _times(context, intent)
    extra = _seen_by_expressions(intent, sent_at)
    wait = _FIRST_PAUSE
    while True:
        looked_at = context.clock.now()
        answer = await _look(context, spec, extra)
        seen = f"read {spec.read} at {utc(looked_at)}"
        if answer is not None:
            names = {**extra, **answer}
            if _holds(context, spec.done_when, names):
                return Verdict("happened", (f"{seen}: it took effect",), _captured(context, spec, names))
            if not _is_unchanged(context, spec, names):
                return Verdict("conflict", (f"{seen}: neither what was wanted nor what was there before",))
        waited = (looked_at - given_up).total_seconds()
        if waited >= CONSISTENCY:
            return Verdict("not_happened", (f"{seen}: not there {waited:.0f} s after its answer was given up",))
        context.observe("reconcile", clean(f"{seen}: not seen yet, looking again"))
        await pause(context.clock, wait)
        wait = min(wait * 2, _LONGEST_PAUSE)


async def read_values(context: StepContext, spec: Reconcile, intent: Intent) -> dict[str, JsonValue]:
    """Return the values of a call that an operator knows to have taken effect, as far as AWS shows them; {} if not."""
    extra = _seen_by_expressions(intent, _times(context, intent)[0])
    try:
        answer = await _look(context, spec, extra)
        return {} if answer is None else _captured(context, spec, {**extra, **answer})
    except (ReadFailed, ExpressionError):
        return {}


def lost_at(context: StepContext, intent: Intent) -> datetime:
    """Return when the answer of a call was given up: from then on `CONSISTENCY` counts."""
    return _times(context, intent)[1]


def _times(context: StepContext, intent: Intent) -> tuple[datetime, datetime]:
    """Return when the call was sent, and when its answer was given up."""
    state = context.state()
    call = next((call for call in reversed(state.steps[intent.step].calls) if call.intent == intent), None)
    sent_at = call.at if call is not None else state.last_at
    return sent_at, (call.end_at if call is not None else None) or sent_at


def _seen_by_expressions(intent: Intent, sent_at: datetime) -> dict[str, JsonValue]:
    return {
        "before": dict(intent.before),
        "intent": {"params": dict(intent.params), "token": intent.token, "at": iso(sent_at)},
    }


async def look_by_name(context: StepContext, spec: Reconcile, params: Mapping[str, JsonValue]) -> Verdict | None:
    """Look, before a call is made, whether what it would make is there by name; None if it is not.

    A run that is taken up again adopts what it made before; what somebody else made is a conflict.

    Raises:
        ReadFailed: AWS could not be read.
        ExpressionError: an expression cannot be evaluated over the answer.
    """
    extra: dict[str, JsonValue] = {"before": {}, "intent": {"params": dict(params), "token": "", "at": None}}
    answer = await _look(context, spec, extra)
    if not answer:
        return None
    names = {**extra, **answer}
    if _holds(context, spec.done_when, names):
        evidence = f"read {spec.read}: it is there already and ours"
        context.observe("found", evidence, ok=True)
        return Verdict("happened", (evidence,), _captured(context, spec, names))
    return Verdict("conflict", (f"read {spec.read}: it is there already and not ours",))


async def _look(context: StepContext, spec: Reconcile, extra: Mapping[str, JsonValue]) -> dict[str, JsonValue] | None:
    """Return ``answer`` and ``detail``; None if AWS says that there is no such thing."""
    try:
        answer = await context.read(spec, extra)
    except ReadFailed as failure:
        if failure.fault.kind is FaultKind.NOT_FOUND:
            return None
        raise
    if not answer and spec.how == "name":
        return None
    found: dict[str, JsonValue] = {"answer": answer}
    if spec.detail is not None:
        found["detail"] = await _detail(context, spec.detail, {**extra, **found})
    return found


async def _detail(context: StepContext, detail: Read, extra: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    # An empty list gives nothing to ask for: that is no detail, not a fault.
    params = context.resolve(dict(detail.params), extra)
    if isinstance(params, dict) and any(value == [] for value in params.values()):
        return {}
    return await context.read(detail, extra)


def _captured(context: StepContext, spec: Reconcile, names: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    return {key: evaluate(text, context.names(names)) for key, text in spec.capture.items()}


def _is_unchanged(context: StepContext, spec: Reconcile, names: Mapping[str, JsonValue]) -> bool:
    if spec.unchanged_when is not None:
        return _holds(context, spec.unchanged_when, names)
    # A target that exists under our name but is not as we made it is somebody else's; a list without ours is not.
    return spec.how != "name"


def _holds(context: StepContext, expression: str, names: Mapping[str, JsonValue]) -> bool:
    return resolve_condition(expression, context.names(names))
