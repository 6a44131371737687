"""What the operator is shown when a step fails or its outcome is unknown, and which ways are open then (DESIGN 6)."""

from typing import Literal

from cockpit.aws.port import CallRejected, GuardRefused, ReadFailed
from cockpit.engine.prompts import TroublePrompt
from cockpit.engine.records import Reconciled
from cockpit.engine.state import CallState
from cockpit.model.text import clean, utc
from cockpit.plans.expressions import ExpressionError
from cockpit.plans.schema import Step

Way = Literal["retry", "skip", "reconcile", "happened", "not_happened", "abort"]


def failed(step: Step, error: Exception, *, undo: bool) -> TroublePrompt:
    """Return the prompt for an attempt that surely did not do what it should."""
    remedy = ""
    if isinstance(error, CallRejected):
        message = f"AWS refused the call; it did not take effect: {error.fault.message}"
        remedy = error.fault.remedy
    elif isinstance(error, ReadFailed):
        message = f"AWS could not be read, so the step was not done: {error.fault.message}"
        remedy = error.fault.remedy
    elif isinstance(error, GuardRefused):
        message = f"The guard refused the call; nothing was sent: {error}"
    elif isinstance(error, ExpressionError):
        message = f"A value that the step needs is not known: {error}"
    else:
        message = f"The cockpit itself failed in this step: {type(error).__name__}: {error}"
        remedy = "The journal tells what was sent. Report this fault."
    return failed_because(step, message, remedy=remedy, undo=undo)


def failed_because(
    step: Step, message: str, *, remedy: str = "", look_again: bool = False, undo: bool
) -> TroublePrompt:
    """Return the prompt for a failed attempt. `look_again`: the calls took effect, only the proof is missing."""
    ways: list[Way] = ["reconcile"] if look_again else []
    ways.append("retry")
    if step.skippable or undo:
        ways.append("skip")
    ways.append("abort")
    return TroublePrompt(outcome="failed", message=clean(message), remedy=clean(remedy), ways=tuple(ways))


def not_sent(call: CallState) -> str:
    """Return what is said of a settled call that has to be sent again."""
    again = "Sending it again needs a new confirmation."
    if isinstance(call.end, Reconciled) and call.is_repeatable:
        return f"Nobody knows whether the call took effect. {' '.join(call.end.evidence)}. {again}"
    return f"The call did not take effect. {again}"


def unknown(call: CallState, evidence: tuple[str, ...], *, can_look: bool) -> TroublePrompt:
    """Return the prompt for a call of which nobody knows whether it took effect. Never offers to repeat it."""
    intent = call.intent
    ways: list[Way] = ["reconcile"] if can_look else []
    remedy = "Look it up in AWS. Say what you found: it decides whether the call is sent again."
    return TroublePrompt(
        outcome="unknown",
        message=f"Nobody knows whether {intent.service}:{intent.operation} took effect. It was not repeated.",
        remedy=remedy,
        evidence=(f"sent at {utc(call.at)} in {intent.region}", *(clean(line) for line in evidence)),
        ways=(*ways, "happened", "not_happened", "abort"),
    )
