"""Everything that is looked at before a run may change anything (DESIGN 6)."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from pydantic import JsonValue

from cockpit.aws.port import AwsFailure, AwsPort, ReadFailed
from cockpit.config.schema import Host
from cockpit.engine.one_read import make_read
from cockpit.engine.preflight_permissions import check_permissions
from cockpit.engine.preflight_programs import check_programs, needed_programs
from cockpit.engine.records import PreflightChecked
from cockpit.model.scope import Scope
from cockpit.model.text import clean, duration
from cockpit.plans.expressions import ExpressionError, evaluate, resolve, resolve_condition
from cockpit.plans.schema import Plan, Preflight

SKEW_WARNS = 30.0  # seconds: deployments, alarms and halts are compared by their times
SKEW_BLOCKS = 300.0  # seconds: AWS refuses signatures that are further off (SigV4, AWS documentation)


Answer = dict[str, JsonValue]


async def at_once(read: Callable[[], Awaitable[Answer]]) -> Answer:
    """Make a read without patience."""
    return await read()


@dataclass(frozen=True, slots=True)
class PreflightSubject:
    """What is checked.

    Attributes:
        scope: where the run acts, as STS reported it when the run was opened.
        context: gives the expression context of the run as it is now (captures of earlier checks included).
        expected_account: account of the environment in the configuration; None if it names none.
        held_locks: locks of other runs that have not ended: lock to words for who holds it.
        dry: the run changes nothing: permissions to change, locks and the account's being named are not demanded, and
            no host is asked for programs.
        hosts: the environment's hosts, on which the plan's programs are looked for.
        folder: new folder for what is run on this machine to look for programs; its name serves on other hosts. None:
            they are not looked for.
        patiently: makes one of the plan's reads, again while its fault is one that passes (`RunCore.patiently`).
    """

    plan: Plan
    scope: Scope
    port: AwsPort
    context: Callable[[], Mapping[str, JsonValue]]
    expected_account: str | None
    held_locks: Mapping[str, str] = field(default_factory=dict)
    dry: bool = False
    hosts: Mapping[str, Host] = field(default_factory=dict)
    folder: Path | None = None
    patiently: Callable[[Callable[[], Awaitable[Answer]]], Awaitable[Answer]] = at_once


async def check_all(subject: PreflightSubject) -> AsyncIterator[PreflightChecked]:
    """Make every check, one after another, and yield each result as it is known.

    A failed or unreadable identity ends the checks: nothing that follows would mean anything. The run may go on only
    if no yielded check is ``blocking`` with an `ok` other than True. No failure is raised: it is a result.
    """
    identity = await check_identity(subject)
    yield identity
    if identity.ok is not True and identity.blocking:
        return
    yield await check_clock(subject)
    for lock in subject.plan.locks:
        yield check_lock(subject, lock)
    for probe in subject.plan.preflight:
        yield await check_probe(subject, probe)
    if not subject.dry and subject.folder is not None:
        for programs in await check_programs(
            needed_programs(subject.plan, subject.context()), subject.hosts, subject.folder
        ):
            yield programs
    if not subject.dry:  # last, because what the probes captured names the resources
        for permission in await check_permissions(subject.plan, subject.scope, subject.port, subject.context()):
            yield permission


async def check_identity(subject: PreflightSubject) -> PreflightChecked:
    """Check that STS still reports the run's account, and that it is the environment's (blocking)."""
    result = _Check("identity", "The credentials belong to this environment's account")
    try:
        identity = await subject.port.identity(subject.scope.region)
    except AwsFailure as failure:
        return result.unreadable(failure, blocking=True)
    captured: dict[str, JsonValue] = {"account": clean(identity.account), "arn": clean(identity.arn)}
    who, environment = f"{clean(identity.arn)} in account {clean(identity.account)}", subject.scope.environment
    if subject.expected_account is None and not subject.dry:
        words = f"{who}, but environment {environment} names no account in cockpit.toml: set it first"
        return result.ended(words, ok=False, captured=captured)
    for wanted in (subject.expected_account or subject.scope.account, subject.scope.account):
        if identity.account != wanted:
            words = f"{who}, but environment {environment} is account {wanted}: nothing is sent there"
            return result.ended(words, ok=False, captured=captured)
    return result.ended(who, ok=True, captured=captured)


async def check_clock(subject: PreflightSubject) -> PreflightChecked:
    """Check that this machine's clock agrees with AWS's: off by minutes, signatures fail and times mislead."""
    result = _Check("clock", "This machine's clock agrees with AWS")
    try:
        skew = await subject.port.clock_skew(subject.scope.region)
    except AwsFailure as failure:
        return result.unreadable(failure, blocking=False)
    words = f"{duration(timedelta(seconds=abs(skew)))} {'behind' if skew > 0 else 'ahead of'} AWS"
    words = words if abs(skew) >= 1 else "within a second of AWS"
    captured: dict[str, JsonValue] = {"skew_seconds": round(skew, 3)}
    if abs(skew) > SKEW_BLOCKS:
        return result.ended(f"{words}: AWS refuses its signatures; set the clock", ok=False, captured=captured)
    if abs(skew) > SKEW_WARNS:
        words += ": times of deployments, alarms and halts do not compare to the second; set the clock"
        return result.ended(words, ok=False, blocking=False, captured=captured)
    return result.ended(words, ok=True, captured=captured)


def check_lock(subject: PreflightSubject, lock: str) -> PreflightChecked:
    """Check that no other run on this machine that has not ended holds the lock."""
    result = _Check("lock", f"No other run works on {clean(lock)}")
    try:
        name = clean(resolve(lock, subject.context()))
    except ExpressionError as error:
        return result.ended(str(error), ok=False)
    result = _Check(f"lock:{name}", f"No other run works on {name}")
    holder = subject.held_locks.get(name)
    if holder is None:
        return result.ended("free among the runs of this machine", ok=True)
    words = f"{holder} has not ended and works on it: resume that run, or abort it, before this one"
    return result.ended(words, ok=False, blocking=not subject.dry)


async def check_probe(subject: PreflightSubject, probe: Preflight) -> PreflightChecked:
    """Make one of the plan's own checks: read, compare with `expect`, capture."""
    result = _Check(probe.id, probe.title)
    try:
        context = subject.context()
        answer = await subject.patiently(lambda: make_read(subject.port, probe, context, subject.scope.region))
        seen: dict[str, JsonValue] = {**context, "answer": answer}
        ok = resolve_condition(probe.expect, seen)
        captured = {name: evaluate(source, seen) for name, source in probe.capture.items()}
    except ReadFailed as failure:
        return result.unreadable(failure, blocking=probe.blocking)
    except AwsFailure as failure:
        return result.ended(str(failure), ok=None, blocking=probe.blocking)
    except ExpressionError as error:
        return result.ended(str(error), ok=False, blocking=probe.blocking)
    return result.ended("" if ok else probe.otherwise, ok=ok, blocking=probe.blocking, captured=captured)


@dataclass(frozen=True, slots=True)
class _Check:
    """A check by name, from which its record is made."""

    id: str
    title: str

    def ended(
        self, detail: str, *, ok: bool | None, blocking: bool = True, captured: dict[str, JsonValue] | None = None
    ) -> PreflightChecked:
        return PreflightChecked(
            id=self.id, title=self.title, ok=ok, blocking=blocking, detail=clean(detail), captured=captured or {}
        )

    def unreadable(self, failure: AwsFailure, *, blocking: bool) -> PreflightChecked:
        remedy = failure.fault.remedy if isinstance(failure, ReadFailed) else ""
        return self.ended(f"could not be checked: {failure}. {remedy}".strip(), ok=None, blocking=blocking)
