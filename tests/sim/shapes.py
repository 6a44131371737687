"""Holds parsed answers against botocore's output shapes: members, types, required members, enums."""

from datetime import datetime
from functools import cache
from typing import Any

import botocore.session

_SCALARS: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "character": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float),
    "double": (int, float),
    "timestamp": (datetime,),
    "blob": (bytes,),
}


@cache
def _operation(service: str, operation: str) -> Any:
    return botocore.session.get_session().get_service_model(service).operation_model(operation)


def assert_matches_shape(service: str, operation: str, parsed: dict[str, Any]) -> None:
    """Fail unless an answer, as a botocore client parsed it, fits the operation's output shape, enums included.

    A botocore client drops members it does not know, so only what it kept can be checked; emptiness cannot hide,
    since a shape with required members must have them.
    """
    answer = {name: value for name, value in parsed.items() if name != "ResponseMetadata"}
    shape = _operation(service, operation).output_shape
    if shape is None:
        assert not answer, f"{service} {operation} answers nothing, got {sorted(answer)}"
        return
    _check(shape, answer, f"{service}.{operation}")


def _check(shape: Any, value: Any, where: str) -> None:
    kind = shape.type_name
    if kind == "structure":
        assert isinstance(value, dict), f"{where}: expected a structure, got {value!r}"
        missing = set(shape.required_members) - set(value)
        assert not missing, f"{where}: required members are missing: {sorted(missing)}"
        for name, member in value.items():
            assert name in shape.members, f"{where}: no member {name!r} in the model"
            _check(shape.members[name], member, f"{where}.{name}")
    elif kind == "list":
        assert isinstance(value, list), f"{where}: expected a list, got {value!r}"
        for index, member in enumerate(value):
            _check(shape.member, member, f"{where}[{index}]")
    elif kind == "map":
        assert isinstance(value, dict), f"{where}: expected a map, got {value!r}"
        for name, member in value.items():
            _check(shape.value, member, f"{where}[{name!r}]")
    else:
        _check_scalar(shape, value, where)


def _check_scalar(shape: Any, value: Any, where: str) -> None:
    expected = _SCALARS[shape.type_name]
    assert isinstance(value, expected), f"{where}: expected {shape.type_name}, got {value!r}"
    if shape.type_name in ("integer", "long"):
        assert not isinstance(value, bool), f"{where}: expected a number, got {value!r}"
    enum = getattr(shape, "enum", None)
    if enum:
        assert value in enum, f"{where}: {value!r} is none of {enum}"
    if shape.type_name == "timestamp":
        assert value.tzinfo is not None, f"{where}: a time without a zone"
