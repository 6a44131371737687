"""Rules on calls: operations exist, their parameters fit, reads read and mutations are confessed."""

from collections.abc import Iterator
from itertools import count

from pydantic import JsonValue

from cockpit.model.effect import Effect
from cockpit.plans.actions.aws import AwsSpec
from cockpit.plans.expressions import ExpressionError, segments
from cockpit.plans.lint.findings import Finding, Subject
from cockpit.plans.lint.walk import calls

_MAY_CHANGE = frozenset({"aws", "carry_settings", "shell"})
_READING = frozenset({"Read", "List"})
_MARK = "cockpit-unfilled-expression-of-a-plan"  # no AWS value looks like it, and it is long enough for any minimum


def exist(subject: Subject) -> Iterator[Finding]:
    """Every operation exists in botocore's service model."""
    for call in calls(subject.plan):
        if not subject.catalogue.exists(call.service, call.operation):
            yield Finding(call.path, f"AWS has no operation {call.name} (botocore's service models)")


def parameters(subject: Subject) -> Iterator[Finding]:
    """Parameters are of the operation's shape, as far as they do not hang on expressions."""
    for call in calls(subject.plan):
        if not subject.catalogue.exists(call.service, call.operation):
            continue
        marks = count()
        sample = {key: _sample(value, marks) for key, value in call.params.items()}
        for message in subject.catalogue.validate(call.service, call.operation, sample):
            if _MARK not in message:
                yield Finding((*call.path, "params"), f"{call.name}: {message}")


def effects(subject: Subject) -> Iterator[Finding]:
    """A step that only reads makes no mutation, and a step that is said to change something does."""
    for call in calls(subject.plan):
        is_read = subject.catalogue.is_read(call.service, call.operation)
        level = subject.catalogue.access_level(call.service, call.operation)
        if call.read and not is_read:
            words = f"{call.name} is not on the guard's read list" + (f" (IAM access level {level})" if level else "")
            yield Finding(call.path, f"{words}: it may not stand where only reads may")
        elif call.read and level is not None and level not in _READING:
            yield Finding(call.path, f"{call.name} has IAM access level {level}: it may not stand where only reads may")
        elif not call.read and not call.undo and (is_read or level in _READING):
            yield Finding(call.path, f"{call.name} changes nothing: the step's effect must be read")


def kinds(subject: Subject) -> Iterator[Finding]:
    """Only actions that can change something stand in steps that do."""
    for index, step in enumerate(subject.plan.steps):
        if step.effect is not Effect.READ and step.action.kind not in _MAY_CHANGE:
            yield Finding(("steps", index, "effect"), f"{step.action.kind} changes nothing by itself: effect is read")
        if step.effect is Effect.READ and step.action.kind == "carry_settings":
            yield Finding(("steps", index, "effect"), "carry_settings changes the restored table: effect is mutate")
        if step.effect is Effect.READ and step.halts:
            yield Finding(("steps", index, "halts"), "a step that only reads halts nothing")


def proven(subject: Subject) -> Iterator[Finding]:
    """Every mutation can be seen to have happened: by verify, by reconcile, or by an idempotency token."""
    for index, step in enumerate(subject.plan.steps):
        spec = step.action
        if step.effect is Effect.READ or not isinstance(spec, AwsSpec):
            continue
        service, _, operation = spec.call.partition(":")
        if step.verify or spec.reconcile or spec.repeatable or subject.catalogue.token_member(service, operation):
            continue
        words = f"{spec.call} has no idempotency token: say with verify or reconcile how to see that it took effect"
        yield Finding(("steps", index, "aws"), words)


def repeated(subject: Subject) -> Iterator[Finding]:
    """What destroys is never called repeatable, whatever the reason."""
    for index, step in enumerate(subject.plan.steps):
        if step.effect is Effect.DESTRUCTIVE and isinstance(step.action, AwsSpec) and step.action.repeatable:
            yield Finding(("steps", index, "aws", "repeatable"), "what destroys must not be sent a second time unseen")


def undone(subject: Subject) -> Iterator[Finding]:
    """Every way back can be seen to have been gone, too."""
    for index, step in enumerate(subject.plan.steps):
        spec = step.undo.action if step.undo else None
        if step.undo is None or not isinstance(spec, AwsSpec) or step.undo.verify or spec.reconcile or spec.repeatable:
            continue
        service, _, operation = spec.call.partition(":")
        if not subject.catalogue.is_read(service, operation) and not subject.catalogue.token_member(service, operation):
            words = (
                f"{spec.call} has no idempotency token: say with verify or reconcile how to see that it is taken back"
            )
            yield Finding(("steps", index, "undo"), words)


def _sample(value: JsonValue, marks: Iterator[int]) -> JsonValue:
    """Replace what hangs on expressions by marked text, so that complaints about it can be told from others."""
    if isinstance(value, str):
        return f"{_MARK}-{next(marks)}" if _has_expression(value) else value
    if isinstance(value, list):
        return [_sample(item, marks) for item in value]
    if isinstance(value, dict):
        return {key: _sample(item, marks) for key, item in value.items()}
    return value


def _has_expression(text: str) -> bool:
    try:
        return any(segment.is_expression for segment in segments(text))
    except ExpressionError:
        return True
