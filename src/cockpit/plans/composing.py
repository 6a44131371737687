"""Makes a plan of what is written: includes spelled out, branches laid in order, defaults filled in. Pure.

Whatever is wrong is told with the file and line in which it was written.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Any, Protocol

from pydantic import BaseModel, JsonValue, ValidationError

from cockpit.plans.document import Document, DocumentError, Path_, Problem
from cockpit.plans.renaming import Renaming, both
from cockpit.plans.schema import (
    Branch,
    Deviation,
    Halt,
    Plan,
    PlanHead,
    PlanInput,
    Preflight,
    StatusText,
    Step,
)
from cockpit.plans.validation_words import expected_words
from cockpit.plans.written import Adapted, Element, Include, Parallel, Piece, PlanFile

_ADAPTABLE = (
    "title",
    "why",
    "documented",
    "cost",
    "skippable",
    "point_of_no_return",
    "stops_writes",
    "reopens_writes",
)
_DEEPEST = 8  # procedures within procedures; more is a mistake


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a part of a composed plan is written."""

    document: Document
    path: Path_


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """One sound file: a plan or a piece, and where its lines are."""

    content: PlanFile | Piece
    document: Document


class Library(Protocol):
    """Finds what an include names."""

    def find(self, name: str) -> WrittenFile | None:
        """Return the piece or plan of that name; None if there is none.

        Raises:
            DocumentError: there is one, but it is broken.
        """


@dataclass(frozen=True, slots=True)
class Origins:
    """Where the parts of a composed plan are written, by the beginning of their path in the plan."""

    document: Document
    moved: Mapping[Path_, Origin]

    def problem(self, path: Path_, message: str) -> Problem:
        """Return a problem of the composed plan at the file and line that its field was written in."""
        for length in range(len(path), 0, -1):
            origin = self.moved.get(path[:length])
            if origin is not None:
                return origin.document.problem((*origin.path, *path[length:]), message)
        return self.document.problem(path, message)


@dataclass(slots=True)
class _Parts:
    """What one procedure brings into a plan, each with where it is written."""

    inputs: dict[str, tuple[PlanInput, Origin]] = field(default_factory=dict)
    preflight: list[tuple[Preflight, Origin]] = field(default_factory=list)
    texts: list[tuple[StatusText, Origin]] = field(default_factory=list)
    steps: list[tuple[Step, Origin]] = field(default_factory=list)
    deviations: list[tuple[Deviation, Origin]] = field(default_factory=list)
    branches: list[Branch] = field(default_factory=list)
    targets: list[str] = field(default_factory=list)
    locks: list[str] = field(default_factory=list)
    may_stay_halted: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Inclusion:
    """One include, with what is known of it where it stands."""

    include: Include
    title: str
    branch: str
    given: Mapping[str, JsonValue]


def compose(file: WrittenFile, library: Library) -> tuple[Plan, Origins]:
    """Return the plan that a plan file stands for, and where its parts are written.

    Raises:
        DocumentError: an include names nothing, or does not fit what it includes.
    """
    if not isinstance(file.content, PlanFile):
        raise DocumentError((file.document.problem((), "is a piece, which only runs within a plan"),))
    parts = _Composer(library).parts(file, ())
    written = {name: getattr(file.content, name) for name in PlanHead.model_fields}
    moved = dict(_moved(parts))
    origins = Origins(file.document, moved)
    composed = {
        **written,
        "inputs": {name: each for name, (each, _) in parts.inputs.items()},
        "preflight": tuple(each for each, _ in parts.preflight),
        "communications": file.content.communications.model_copy(update={"texts": tuple(t for t, _ in parts.texts)}),
        "steps": tuple(each for each, _ in parts.steps),
        "branches": tuple(parts.branches),
        "deviations": tuple(each for each, _ in parts.deviations),
        "targets": tuple(dict.fromkeys(parts.targets)),
        "locks": tuple(dict.fromkeys(parts.locks)),
        "may_stay_halted": tuple(dict.fromkeys(parts.may_stay_halted)),
    }
    return _checked(composed, origins), origins


def _checked(composed: Mapping[str, Any], origins: Origins) -> Plan:
    """Validate the whole once more: rewritten names may have become too long, a given value of the wrong type."""
    plain = {name: _plain(value) for name, value in composed.items()}
    try:
        return Plan.model_validate(plain)
    except ValidationError as error:
        found = (origins.problem(detail["loc"], expected_words(detail)) for detail in error.errors(include_url=False))
        raise DocumentError(tuple(dict.fromkeys(found))) from None


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


def _moved(parts: _Parts) -> Iterator[tuple[Path_, Origin]]:
    for name, (_, origin) in parts.inputs.items():
        yield ("inputs", name), origin
    for index, (_, origin) in enumerate(parts.preflight):
        yield ("preflight", index), origin
    for index, (_, origin) in enumerate(parts.texts):
        yield ("communications", "texts", index), origin
    for index, (_, origin) in enumerate(parts.steps):
        yield ("steps", index), origin
    for index, (_, origin) in enumerate(parts.deviations):
        yield ("deviations", index), origin


class _Composer:
    def __init__(self, library: Library) -> None:
        self._library = library

    def parts(self, file: WrittenFile, within: tuple[str, ...]) -> _Parts:
        """Return what a file brings, with what it includes, named as in the file itself."""
        content, document = file.content, file.document
        is_plan = isinstance(content, PlanFile)
        system = content.id.partition("/")[0] if isinstance(content, PlanFile) else ""
        texts = content.communications.texts if isinstance(content, PlanFile) else content.texts
        text_path: Path_ = ("communications", "texts") if is_plan else ("texts",)
        parts = _Parts(
            inputs={
                name: (_with_default(each, system, name), Origin(document, ("inputs", name)))
                for name, each in content.inputs.items()
            },
            preflight=[(each, Origin(document, ("preflight", n))) for n, each in enumerate(content.preflight)],
            texts=[(each, Origin(document, (*text_path, n))) for n, each in enumerate(texts)],
            deviations=[(each, Origin(document, ("deviations", n))) for n, each in enumerate(content.deviations)],
            targets=list(content.targets),
            locks=list(content.locks),
            may_stay_halted=list(content.may_stay_halted),
        )
        self._add_steps(parts, content.steps, Origin(document, ("steps",)), within)
        return parts

    def _add_steps(
        self, parts: _Parts, elements: tuple[Element, ...], place: Origin, within: tuple[str, ...], branch: str = ""
    ) -> None:
        for number, element in enumerate(elements):
            origin = Origin(place.document, (*place.path, number))
            if isinstance(element, Parallel):
                self._add_branches(parts, element, origin, within)
            elif isinstance(element, Include):
                self._include(parts, element, origin, within, branch)
            else:
                if element.part or element.branch:
                    raise _error(origin, "part and branch follow from where a step stands; leave them out")
                parts.steps.append((_in_branch(element, branch), origin))

    def _add_branches(self, parts: _Parts, group: Parallel, origin: Origin, within: tuple[str, ...]) -> None:
        for number, written in enumerate(group.branches):
            if any(branch.id == written.id for branch in parts.branches):
                raise _error(origin, f"two branches are called {written.id}")
            fields = {name: getattr(written, name) for name in ("id", "title", "after", "budget", "source")}
            parts.branches.append(Branch(group=group.parallel, **fields))
            place = Origin(origin.document, (*origin.path, "branches", number, "steps"))
            self._add_steps(parts, written.steps, place, within, written.id)

    def _include(self, parts: _Parts, include: Include, origin: Origin, within: tuple[str, ...], branch: str) -> None:
        if include.include in within or len(within) >= _DEEPEST:
            raise _error(origin, f"{include.include} includes itself: {' > '.join((*within, include.include))}")
        file = self._library.find(include.include)
        if file is None:
            raise _error(_at(origin, "include"), f"there is no piece or plan {include.include}")
        inner = self.parts(file, (*within, include.include))
        if inner.branches:
            raise _error(_at(origin, "include"), f"{include.include} has parallel branches and cannot be included")
        given = _given(include, inner, origin, must_be_given=isinstance(file.content, Piece))
        _refuse_unknown_names(include, inner, origin)
        _merge(parts, inner, _Inclusion(include, include.title or file.content.title, branch, given))


def _given(include: Include, inner: _Parts, origin: Origin, *, must_be_given: bool) -> dict[str, JsonValue]:
    """Return the values of the included procedure's inputs. A plan's that are left out become the includer's inputs."""
    for name in include.given:
        if name not in inner.inputs:
            known = ", ".join(inner.inputs) or "none"
            raise _error(_at(origin, "with", name), f"{include.include} has no input {name}; it has {known}")
        if include.given[name] == "":
            raise _error(_at(origin, "with", name), "is empty")
    given = dict(include.given)
    for name, (wanted, _) in inner.inputs.items():
        if name in given or not must_be_given:
            continue
        if wanted.required and wanted.default is None:
            raise _error(_at(origin, "with"), f"{include.include} needs {name}: {wanted.title}")
        given[name] = wanted.default
    return given


def _refuse_unknown_names(include: Include, inner: _Parts, origin: Origin) -> None:
    ids = [step.id for step, _ in inner.steps]
    for key, names in (("without", include.without), ("adapt", tuple(include.adapt))):
        for name in names:
            if not any(fnmatchcase(step, name) for step in ids):
                raise _error(_at(origin, key), f"{include.include} has no step {name}; it has {', '.join(ids)}")
    halts = [halt.name for step, _ in inner.steps for halt in step.halts]
    for name in include.restored_by:
        if name not in halts:
            words = f"{include.include} halts no {name}; it halts {', '.join(halts) or 'nothing'}"
            raise _error(_at(origin, "restored_by"), words)


def _merge(parts: _Parts, inner: _Parts, inclusion: _Inclusion) -> None:
    """Add what an included procedure brings, renamed, to the procedure that includes it."""
    renaming = Renaming(f"{inclusion.include.id}_", inclusion.given)
    for name, entry in inner.inputs.items():
        if name not in inclusion.given:
            parts.inputs[renaming.name(name)] = entry
    without = inclusion.include.without
    kept = [(step, place) for step, place in inner.steps if not any(fnmatchcase(step.id, name) for name in without)]
    parts.steps += [(_included_step(step, renaming, inclusion), place) for step, place in kept]
    parts.preflight += [(_renamed(each, renaming, "id"), place) for each, place in inner.preflight]
    posted = {step.action.phase for step, _ in kept if step.action.kind == "post_status"}
    parts.texts += [(_renamed(each, renaming, "phase"), place) for each, place in inner.texts if each.phase in posted]
    known = {deviation.id for deviation, _ in parts.deviations}
    parts.deviations += [(each, place) for each, place in inner.deviations if each.id not in known]
    parts.targets += inner.targets
    parts.locks += [renaming.template(lock) for lock in inner.locks]
    parts.may_stay_halted += [renaming.name(halt) for halt in inner.may_stay_halted]


def _included_step(step: Step, renaming: Renaming, inclusion: _Inclusion) -> Step:
    include = inclusion.include
    adapted = _adapted(_renamed_step(step, renaming, include), include, include.adapt.get(step.id, Adapted()))
    headed = adapted.model_copy(update={"part": (inclusion.title, *adapted.part)})
    return _in_branch(headed, inclusion.branch)


def _renamed_step(step: Step, renaming: Renaming, include: Include) -> Step:
    renamed = renaming.model(step)
    changes: dict[str, Any] = {
        "id": renaming.name(step.id),
        "halts": tuple(_renamed_halt(halt, renaming, include) for halt in renamed.halts),
    }
    if renamed.action.kind == "post_status":
        changes["action"] = renamed.action.model_copy(update={"phase": renaming.name(renamed.action.phase)})
    return renamed.model_copy(update=changes)


def _renamed_halt(halt: Halt, renaming: Renaming, include: Include) -> Halt:
    by = include.restored_by.get(halt.name) or (renaming.name(halt.restored_by) if halt.restored_by else None)
    return halt.model_copy(update={"name": renaming.name(halt.name), "restored_by": by})


def _renamed(part: Any, renaming: Renaming, key: str) -> Any:
    return renaming.model(part).model_copy(update={key: renaming.name(getattr(part, key))})


def _adapted(step: Step, include: Include, adapted: Adapted) -> Step:
    changes: dict[str, Any] = {name: value for name in _ADAPTABLE if (value := getattr(adapted, name)) is not None}
    changes["source"] = tuple(dict.fromkeys((*include.source, *adapted.source, *step.source)))
    changes["halts"] = (*step.halts, *adapted.halts)
    changes["when"] = both(both(include.when, adapted.when), step.when)
    return step.model_copy(update=changes)


def _in_branch(step: Step, branch: str) -> Step:
    return step.model_copy(update={"branch": branch}) if branch else step


def _with_default(wanted: PlanInput, system: str, name: str) -> PlanInput:
    if not system or "default" in wanted.model_fields_set:
        return wanted
    return wanted.model_copy(update={"default": f"{{{{ scope.names.{system}.{name} }}}}"})


def _at(origin: Origin, *path: str | int) -> Origin:
    return replace(origin, path=(*origin.path, *path))


def _error(origin: Origin, message: str) -> DocumentError:
    return DocumentError((origin.document.problem(origin.path, message),))
