"""Walks over a plan: every expression with what it may look at, and every call."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel, JsonValue
from pydantic.fields import FieldInfo

from cockpit.plans.actions.ask import Among, Discovered
from cockpit.plans.actions.aws import AwsSpec
from cockpit.plans.actions.checklist import ChecklistSpec
from cockpit.plans.actions.decide import DecideSpec
from cockpit.plans.actions.http import HttpSpec
from cockpit.plans.actions.shell import ShellSpec
from cockpit.plans.base import is_expression_field
from cockpit.plans.expressions import ExpressionError, bare, segments
from cockpit.plans.lint.findings import FieldPath
from cockpit.plans.probe import AlarmWatch, Probe, Read, Reconcile
from cockpit.plans.schema import Plan, Preflight, Step

Part = TypeVar("Part", bound=BaseModel)

RUN = frozenset({"inputs", "steps", "scope", "run", "plan", "preflight"})

# What the fields of a part may look at beside the run: the part, its fields, the further names. First match counts.
_EXTRA: tuple[tuple[type[BaseModel], frozenset[str], frozenset[str]], ...] = (
    (Reconcile, frozenset({"detail"}), frozenset({"answer", "before", "intent"})),
    (
        Reconcile,
        frozenset({"done_when", "unchanged_when", "capture"}),
        frozenset({"answer", "detail", "before", "intent"}),
    ),
    (Discovered, frozenset({"items"}), frozenset({"answer"})),
    (Discovered, frozenset({"detail"}), frozenset({"answer", "item"})),
    (Discovered, frozenset({"value", "label", "refuse_when", "why_not"}), frozenset({"answer", "item", "detail"})),
    (Among, frozenset({"value", "label", "refuse_when", "why_not"}), frozenset({"item"})),
    (Probe, frozenset({"until", "fail_when", "show", "capture"}), frozenset({"answer"})),
    (Preflight, frozenset({"expect", "capture"}), frozenset({"answer"})),
    (AwsSpec, frozenset({"capture"}), frozenset({"answer"})),
    (HttpSpec, frozenset({"expect_json", "capture"}), frozenset({"answer"})),
    (ShellSpec, frozenset({"expect", "otherwise", "capture"}), frozenset({"answer"})),
    (ChecklistSpec, frozenset({"items"}), frozenset({"reads"})),
    (DecideSpec, frozenset({"question", "options", "recommend", "because"}), frozenset({"reads"})),
)


@dataclass(frozen=True, slots=True)
class Used:
    """One expression of a plan.

    Attributes:
        names: the roots it may look at.
        step: index of the step it belongs to; None outside the steps.
        own: it may look at what its own step captured (verify and undo come after the action).
        preflight: index of the preflight it belongs to; None elsewhere.
    """

    path: FieldPath
    source: str
    names: frozenset[str]
    step: int | None = None
    own: bool = False
    preflight: int | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """One operation named in a plan. `read` tells whether it stands where only reads may stand."""

    path: FieldPath
    name: str
    params: Mapping[str, JsonValue]
    read: bool
    step: Step | None = None
    undo: bool = False
    region: str | None = None

    @property
    def service(self) -> str:
        """Return the service."""
        return self.name.partition(":")[0]

    @property
    def operation(self) -> str:
        """Return the operation."""
        return self.name.partition(":")[2]


def expressions(plan: Plan) -> Iterator[Used | tuple[FieldPath, ExpressionError]]:
    """Yield every expression of the plan; a malformed template as its error."""
    for path, text, is_expression, names in _texts(plan, (), frozenset()):
        step = path[1] if path[0] == "steps" and len(path) > 1 and isinstance(path[1], int) else None
        check = path[1] if path[0] == "preflight" and isinstance(path[1], int) else None
        own = step is not None and len(path) > 2 and path[2] in ("verify", "undo")  # noqa: PLR2004 - steps[n].verify
        try:
            sources = [bare(text)] if is_expression else [part.text for part in segments(text) if part.is_expression]
        except ExpressionError as error:
            yield path, error
            continue
        for source in sources:
            yield Used(path, source, _roots(path) | names, step, own, check)


def calls(plan: Plan) -> Iterator[Call]:
    """Yield every operation the plan names, reads and mutations."""
    for path, part, step in _parts(plan, (), None):
        undo = "undo" in path
        if isinstance(part, Read):
            yield Call(path, part.read, part.params, read=True, step=step, undo=undo, region=part.region)
        elif isinstance(part, AlarmWatch):
            yield Call(path, "cloudwatch:DescribeAlarms", {}, read=True, step=step, undo=undo)
        elif isinstance(part, AwsSpec):
            effect_reads = step is not None and step.effect.value == "read" and not undo
            yield Call(path, part.call, part.params, read=effect_reads, step=step, undo=undo, region=part.region)


def parts_of(plan: Plan, kind: type[Part]) -> Iterator[tuple[FieldPath, Part, Step | None]]:
    """Yield every part of the plan of that kind, with the step it belongs to; ways back are parts of their step."""
    for path, part, step in _parts(plan, (), None):
        if isinstance(part, kind):
            yield path, part, step


def written(part: BaseModel, name: str) -> tuple[str, ...]:
    """Return how a field is written in the file: ``action`` stands under its own kind."""
    if name == "action" and isinstance(kind := getattr(getattr(part, name), "kind", None), str):
        return (kind,)
    return (name,)


def _roots(path: FieldPath) -> frozenset[str]:
    if path[0] in ("inputs", "trigger"):
        return frozenset({"scope"})
    if path[0] == "locks":
        return frozenset({"inputs", "scope"})
    return RUN - {"steps"} if path[0] == "preflight" else RUN


def _parts(part: Any, path: FieldPath, step: Step | None) -> Iterator[tuple[FieldPath, BaseModel, Step | None]]:
    if isinstance(part, Step):
        step = part
    if isinstance(part, BaseModel):
        yield path, part, step
        for name in type(part).model_fields:
            yield from _parts(getattr(part, name), (*path, *written(part, name)), step)
    elif isinstance(part, Mapping):
        for key, value in part.items():
            yield from _parts(value, (*path, str(key)), step)
    elif isinstance(part, Sequence) and not isinstance(part, str):
        for index, value in enumerate(part):
            yield from _parts(value, (*path, index), step)


def _texts(
    part: BaseModel, path: FieldPath, names: frozenset[str]
) -> Iterator[tuple[FieldPath, str, bool, frozenset[str]]]:
    """Yield every text of a part that holds expressions: path, text, whether it is a bare expression, further names."""
    for name, info in type(part).model_fields.items():
        further = names | _further(part, name)
        yield from _values(getattr(part, name), (*path, *written(part, name)), info, further)


def _values(
    value: Any, path: FieldPath, info: FieldInfo, names: frozenset[str]
) -> Iterator[tuple[FieldPath, str, bool, frozenset[str]]]:
    if isinstance(value, BaseModel):
        yield from _texts(value, path, names)
    elif isinstance(value, str):
        kind = is_expression_field(info.annotation, info.metadata)
        if kind is not None:
            yield path, value, kind, names
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _values(item, (*path, str(key)), info, names)
    elif isinstance(value, Sequence):
        for index, item in enumerate(value):
            yield from _values(item, (*path, index), info, names)


def _further(part: BaseModel, name: str) -> frozenset[str]:
    return next((extra for kind, fields, extra in _EXTRA if isinstance(part, kind) and name in fields), frozenset())
