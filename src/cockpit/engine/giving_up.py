"""How a step ends in whose middle the run is given up. Pure."""

from cockpit.engine.state import StepState
from cockpit.model.effect import Outcome


def given_up(step: StepState, how: str) -> tuple[Outcome, str]:
    """Return how the attempt in hand ends, and why in words; `how` the run was given up: ``aborted``."""
    if step.is_unknown:
        return Outcome.UNKNOWN, f"The run was {how}; nobody knows whether the last call took effect."
    if any(call.took_effect for call in step.calls if call.intent.attempt == step.attempt):
        return Outcome.FAILED, f"The run was {how} after a call took effect and before it was proven."
    return Outcome.SKIPPED, f"The run was {how}; the step changed nothing."
