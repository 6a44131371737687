"""Repeating a probe until the world is as wanted. The only loop that waits for AWS: waits and verifies both use it."""

from collections.abc import Callable, Mapping
from datetime import datetime

from pydantic import JsonValue

from cockpit.aws.port import ReadFailed
from cockpit.engine.actions.base import Result
from cockpit.engine.pace import pause
from cockpit.engine.run_core import RunCore
from cockpit.model.effect import Outcome
from cockpit.model.text import clean, duration
from cockpit.plans.expressions import evaluate, fill_text, resolve_condition
from cockpit.plans.probe import Probe

Observe = Callable[[str, bool | None], None]


async def run_probe(
    core: RunCore, probe: Probe, observe: Observe, extra: Mapping[str, JsonValue] | None = None
) -> Result:
    """Repeat the probe until `until` has held for `hold`, `fail_when` holds, or `timeout` has passed.

    A read that fails decides nothing: it is observed, breaks a soak, and is waited for. In a dry run one read is made
    and shown, and nothing is waited for.

    Args:
        core: the run.
        probe: what to read, and what its answer means.
        observe: called with a line about each reading and whether it is as wanted (None: could not be read).
        extra: further names for the expressions.

    Returns:
        DONE with what was captured, or FAILED with the reason.

    Raises:
        ExpressionError: an expression of the probe cannot be evaluated.
        ReadFailed: no answer, in a dry run only.
    """
    began = core.clock.now()
    held_since: datetime | None = None
    last = "nothing was read"
    while True:
        seen = core.context(extra)
        try:
            answer = await core.read_once(probe, extra)
        except ReadFailed as failure:
            if core.dry:
                raise
            last, held_since = _unreadable(failure), None
            observe(last, None)
        else:
            seen["answer"] = answer
            wanted = resolve_condition(probe.until, seen)
            last = _shown(probe, seen, wanted=wanted)
            observe(last, wanted)
            if wanted or core.dry:
                held_since = held_since or core.clock.now()
                if core.dry or core.clock.now() - held_since >= probe.hold:
                    return Result(captured={key: evaluate(text, seen) for key, text in probe.capture.items()})
            else:
                held_since = None
                if probe.fail_when and resolve_condition(probe.fail_when, seen):
                    return Result(Outcome.FAILED, reason=f"It will not become so any more: {last}")
        if core.clock.now() - began >= probe.timeout:
            return Result(Outcome.FAILED, reason=f"Not so after {duration(probe.timeout)}. Last seen: {last}")
        await pause(core.clock, probe.every.total_seconds())


def _unreadable(failure: ReadFailed) -> str:
    remedy = f" {failure.fault.remedy}" if failure.fault.remedy else ""
    return clean(f"could not be read: {failure.fault.message}{remedy}")


def _shown(probe: Probe, seen: Mapping[str, JsonValue], *, wanted: bool) -> str:
    if probe.show:
        return clean(fill_text(probe.show, seen).text)
    return "it is so" if wanted else "it is not so yet"
