"""The operator's judgement of trouble: looks at the endpoint's log, as one would at CloudTrail."""

from collections.abc import Sequence

from cockpit.engine import commands as c
from cockpit.engine.answers import StepAnswer
from cockpit.engine.prompts import TroublePrompt
from cockpit.engine.records import Acked, Answered, Entry, Intent, Prompted, Reconciled
from crash.chains import ELSEWHERE
from crash.endpoint import Endpoint

_PATIENCE = 3  # troubles of one step that nobody foresaw; more is a run that does not get on
NOT_SENT = "Sending it again needs a new confirmation."
OVERTAKEN = ("DeploymentIsNotInReadyStateException", "DeploymentAlreadyCompletedException")
"""AWS's words for a deployment that has come to its end by itself meanwhile: the step is skipped."""


def is_unknown(prompt: TroublePrompt) -> bool:
    """Tell whether nobody knows what became of a call."""
    return prompt.outcome == "unknown"


def is_of_the_kill(prompt: TroublePrompt) -> bool:
    """Tell whether a kill alone explains this trouble."""
    words = (prompt.message, *prompt.evidence)
    return is_unknown(prompt) or NOT_SENT in prompt.message or any(o in word for o in OVERTAKEN for word in words)


def way_out(
    asked: Prompted, given: StepAnswer, entries: Sequence[Entry], endpoint: Endpoint
) -> c.SolveTrouble | c.Abort:
    """Return what a careful operator does about trouble. What the plan's answers foresee comes in its turn."""
    prompt = asked.prompt
    if not isinstance(prompt, TroublePrompt):
        raise TypeError(prompt.kind)
    words = (prompt.message, *prompt.evidence)
    if is_unknown(prompt):
        intent = _latest_intent(asked.step, entries)
        happened = _took_effect(intent, entries, endpoint)
        way = "happened" if happened else "not_happened"
        return c.SolveTrouble(asked.step, asked.attempt, way, "the log of the endpoint shows it")
    if NOT_SENT in prompt.message:
        return c.SolveTrouble(asked.step, asked.attempt, "retry")
    if any(overtaken in word for overtaken in OVERTAKEN for word in words):
        return c.SolveTrouble(asked.step, asked.attempt, "skip", "the deployment has come to its end by itself")
    taken = met(asked.step, entries)
    if given.trouble:  # killed over its trouble, a step meets it once more
        way = given.trouble[min(taken, len(given.trouble) - 1)]
    else:
        way = "retry" if taken < _PATIENCE else "leave"
    if way == "undo":
        return c.Abort("undo", given.reason)
    if way == "leave":
        return c.SolveTrouble(asked.step, asked.attempt, "abort", given.reason)
    return c.SolveTrouble(asked.step, asked.attempt, way, given.reason)


def troubles_of(entries: Sequence[Entry]) -> list[Prompted]:
    """Return every trouble that a run met, in order."""
    records = (entry.record for entry in entries)
    return [record for record in records if isinstance(record, Prompted) and isinstance(record.prompt, TroublePrompt)]


def met(step: str, entries: Sequence[Entry]) -> int:
    """Count the answered troubles of a step that no kill explains."""
    latest: TroublePrompt | None = None
    counted = 0
    for record in (entry.record for entry in entries):
        if isinstance(record, Prompted) and record.step == step:
            latest = record.prompt if isinstance(record.prompt, TroublePrompt) else None
        elif isinstance(record, Answered) and record.step == step and latest is not None:
            counted += not is_of_the_kill(latest)
            latest = None
    return counted


def _latest_intent(step: str, entries: Sequence[Entry]) -> Intent:
    return next(
        entry.record for entry in reversed(entries) if isinstance(entry.record, Intent) and entry.record.step == step
    )


def known_to_have_happened(entries: Sequence[Entry]) -> dict[tuple[str, str], int]:
    """Count, by service and operation, the calls that a journal knows to have taken effect."""
    intents: dict[tuple[str, int, int], tuple[str, str]] = {}
    found: dict[tuple[str, str], int] = {}
    for record in (entry.record for entry in entries):
        if isinstance(record, Intent):
            intents[record.step, record.attempt, record.call] = (record.service, record.operation)
        elif isinstance(record, Acked) or (isinstance(record, Reconciled) and record.verdict == "happened"):
            operation = intents[record.step, record.attempt, record.call]
            if operation[0] not in ELSEWHERE:
                found[operation] = found.get(operation, 0) + 1
    return found


def _took_effect(intent: Intent, entries: Sequence[Entry], endpoint: Endpoint) -> bool:
    """Tell whether the endpoint carried out more calls of the operation than the journal knows to have happened."""
    known = known_to_have_happened(entries).get((intent.service, intent.operation), 0)
    return endpoint.carried_out(intent.service, intent.operation) > known
