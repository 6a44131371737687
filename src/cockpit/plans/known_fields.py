"""Which fields a model has at a place in a document: for "did you mean" in error messages."""

import difflib
from collections.abc import Iterator
from typing import Any, get_args

from pydantic import BaseModel

from cockpit.plans.actions import ACTION_KEYS

_MOST_LISTED = 12


def instead_of(model: type[BaseModel], loc: tuple[int | str, ...]) -> str:
    """Return what the last key of `loc`, which is unknown, was probably meant to be: the nearest field, or a list."""
    owner = _model_at(model, loc[:-1])
    if owner is None:
        return ""
    known = [name for name in owner.model_fields if name not in ("kind", "action")]
    if "action" in owner.model_fields:
        known += ACTION_KEYS
    near = difflib.get_close_matches(str(loc[-1]), known, n=1)
    if near:
        return f"; did you mean {near[0]}?"
    return f"; it has {', '.join(known)}" if len(known) <= _MOST_LISTED else ""


def _model_at(model: type[BaseModel], loc: tuple[int | str, ...]) -> type[BaseModel] | None:
    """Follow pydantic's location through fields, elements and tags of unions; None if it leads to no single model."""
    here: list[type[BaseModel]] = [model]
    for part in loc:
        tagged = [each for each in here if part in _tags(each)] if len(here) > 1 else []
        if tagged:
            here = tagged
        elif not isinstance(part, int):
            fields = [each.model_fields[part].annotation for each in here if part in each.model_fields]
            here = [found for annotation in fields for found in _models_in(annotation)] if fields else here
    return here[0] if len(here) == 1 else None


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    else:
        for inner in get_args(annotation):
            yield from _models_in(inner)


def _tags(model: type[BaseModel]) -> tuple[object, ...]:
    """Return what pydantic's location may call a member of a union: its ``kind``, or its own name."""
    return (*((model.model_fields["kind"].default,) if "kind" in model.model_fields else ()), model.__name__)
