"""Repeating a probe until the world is as wanted. The only loop that waits for AWS: waits and verifies both use it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pydantic import JsonValue

from cockpit.aws.port import ReadFailed
from cockpit.engine.actions.base import Result
from cockpit.engine.alarm_watch import Changes, NothingWatched, look_at_alarms
from cockpit.engine.pace import pause
from cockpit.engine.run_core import RunCore
from cockpit.model.effect import Outcome
from cockpit.model.text import clean, duration
from cockpit.plans.expressions import evaluate, fill_text, resolve_condition
from cockpit.plans.probe import Probe

Observe = Callable[[str, bool | None], None]
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class _Look:
    """One look at the world.

    Attributes:
        wanted: whether it is as wanted; None: it could not be read.
        words: what was seen.
        seen: what expressions see, the answer included.
        hopeless: why it never will be as wanted; empty if it may.
        changes: when the watched alarms last changed their state.
    """

    wanted: bool | None
    words: str
    seen: Mapping[str, JsonValue]
    hopeless: str = ""
    changes: Changes = field(default_factory=dict)


async def run_probe(
    core: RunCore, probe: Probe, observe: Observe, extra: Mapping[str, JsonValue] | None = None
) -> Result:
    """Repeat the probe until it has held for `hold`, `fail_when` holds, a hold breaks, or `timeout` has passed.

    A read that fails decides nothing: it is observed, a soak begins anew after it, and it is waited for. In a dry run
    one look is made and shown, and nothing is waited for.

    Args:
        core: the run.
        probe: what to read, and what its answer means.
        observe: called with a line about each look and whether it is as wanted (None: could not be read).
        extra: further names for the expressions.

    Returns:
        DONE with what was captured, or FAILED with the reason.

    Raises:
        ExpressionError: an expression of the probe cannot be evaluated.
        ReadFailed: no answer, in a dry run only.
    """
    began = core.clock.now()
    held_since: datetime | None = None
    changes: Changes = {}
    while True:
        look = await _look(core, probe, changes if held_since else {}, extra)
        now = core.clock.now()
        broke_after = now - held_since if held_since and look.wanted is False else None
        if held_since is None:
            changes = look.changes
        held_since = (held_since or now) if look.wanted or core.dry else None
        words = look.words + _held_words(probe, None if held_since is None else now - held_since, broke_after)
        observe(words, look.wanted)
        if held_since is not None and (core.dry or now - held_since >= probe.hold):
            return Result(captured={key: evaluate(text, look.seen) for key, text in probe.capture.items()})
        if look.hopeless:
            return Result(Outcome.FAILED, reason=look.hopeless)
        if broke_after is not None and probe.on_break == "fail":
            return Result(Outcome.FAILED, reason=f"It was so for {duration(broke_after)} only. Now: {look.words}")
        if now - began >= probe.timeout:
            return Result(Outcome.FAILED, reason=f"Not so after {duration(probe.timeout)}. Last seen: {words}")
        await pause(core.clock, probe.every.total_seconds())


async def _look(core: RunCore, probe: Probe, before: Changes, extra: Mapping[str, JsonValue] | None) -> _Look:
    seen = core.context(extra)
    try:
        seen["answer"] = await core.read_once(probe, extra)
        alarms = await look_at_alarms(core, probe.watch, before, extra) if probe.watch else None
    except ReadFailed as failure:
        if core.dry:
            raise
        return _Look(None, _unreadable(failure), seen)
    except NothingWatched as nothing:
        return _Look(False, str(nothing), seen, hopeless=str(nothing))
    so = resolve_condition(probe.until, seen)
    words = _shown(probe, seen, so=so)
    hopeless = ""
    if not so and probe.fail_when and resolve_condition(probe.fail_when, seen):
        hopeless = f"It will not become so any more: {words}"
    if alarms is None:
        return _Look(so, words, seen, hopeless)
    return _Look(so and alarms.quiet, f"{words}; {alarms.words}", seen, hopeless, alarms.changes)


def _unreadable(failure: ReadFailed) -> str:
    remedy = f" {failure.fault.remedy}" if failure.fault.remedy else ""
    return clean(f"could not be read: {failure.fault.message}{remedy}")


def _shown(probe: Probe, seen: Mapping[str, JsonValue], *, so: bool) -> str:
    if probe.show:
        return clean(fill_text(probe.show, seen).text)
    return "it is so" if so else "it is not so yet"


def _held_words(probe: Probe, held: timedelta | None, broke_after: timedelta | None) -> str:
    """Say how long it has held; in whole minutes, so that a soak does not fill the journal."""
    if not probe.hold:
        return ""
    if held is not None:
        shown = held - held % _MINUTE if probe.hold >= 2 * _MINUTE else held
        return f"; held for {duration(shown)} of {duration(probe.hold)}"
    if broke_after is not None:
        return f"; broke after {duration(broke_after)} of {duration(probe.hold)}"
    return f"; must then hold for {duration(probe.hold)}"
