"""Rewrites what an included procedure's expressions name, so that they fit the procedure that includes it. Pure.

``steps.stop.x`` becomes ``steps.fleet_stop.x``, ``inputs.cluster`` the value given for it, and so on. The text of an
expression is kept but for these names: what is checked, shown and journaled is what runs.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast, get_args

from jmespath.lexer import Lexer
from pydantic import BaseModel, JsonValue
from pydantic.fields import FieldInfo

from cockpit.plans.base import is_expression_field
from cockpit.plans.expressions import Segment, bare, expressions_in, segments

M = TypeVar("M", bound=BaseModel)
OWN_CHECKS = frozenset({"identity", "clock"})
"""Preflight checks that every run makes; they belong to no procedure."""

_NAME = "unquoted_identifier"


@dataclass(frozen=True, slots=True)
class Renaming:
    """What the names of one included procedure become.

    Attributes:
        prefix: goes before the ids of steps, preflights, halts and phases; with its underscore.
        given: the values of its inputs, seen from the including procedure.
    """

    prefix: str
    given: Mapping[str, JsonValue] = field(default_factory=dict)

    def name(self, local: str) -> str:
        """Return what an id of the included procedure becomes."""
        return self.prefix + local

    def expression(self, source: str) -> str:
        """Return an expression with its names rewritten."""
        return _rewritten(bare(source), self._path)

    def template(self, text: str) -> str:
        """Return a text with the names in its expressions rewritten."""
        value = self.value(text)
        return value if isinstance(value, str) else _braced(_literal(value))

    def value(self, value: JsonValue) -> JsonValue:
        """Return free JSON with the names in its expressions rewritten; a lone input may become a list or a map."""
        if isinstance(value, list):
            return [self.value(item) for item in value]
        if isinstance(value, dict):
            return {key: self.value(item) for key, item in value.items()}
        if not isinstance(value, str):
            return value
        pieces = segments(value)
        if len(pieces) == 1 and pieces[0].is_expression and (lone := self._lone(pieces[0])) is not None:
            return lone
        return "".join(self._piece(piece) if piece.is_expression else piece.text for piece in pieces)

    def model(self, part: M) -> M:
        """Return a part of a procedure with every expression in it rewritten."""
        changes = {name: self._field(getattr(part, name), info) for name, info in type(part).model_fields.items()}
        return part.model_copy(update=changes)

    def _field(self, value: Any, info: FieldInfo) -> Any:
        if isinstance(value, BaseModel):
            return self.model(value)
        if isinstance(value, Mapping):
            return {key: self._field(item, info) for key, item in value.items()}
        if isinstance(value, tuple | list):
            return type(value)(self._field(item, info) for item in value)
        return self._text(value, info) if isinstance(value, str) else value

    def _text(self, text: str, info: FieldInfo) -> JsonValue:
        is_expression = is_expression_field(info.annotation, info.metadata)
        if is_expression is None:
            return text
        if is_expression:
            return self.expression(text)
        return self.value(text) if _is_free_json(info.annotation) else self.template(text)

    def _lone(self, piece: Segment) -> JsonValue:
        """Return the given value that an expression consists of; None if it is more than a given input."""
        names = piece.text.split(".")
        is_input = len(names) == 2 and names[0] == "inputs"  # noqa: PLR2004 - inputs.<name>
        value = self.given.get(names[1]) if is_input else None
        if not piece.optional or not isinstance(value, str):
            return value
        inner = segments(value)
        is_lone = len(inner) == 1 and inner[0].is_expression
        return _braced(inner[0].text, optional=True) if is_lone else value

    def _piece(self, piece: Segment) -> str:
        lone = self._lone(piece)
        if isinstance(lone, str):
            return lone
        return _braced(self.expression(piece.text), optional=piece.optional)

    def _path(self, names: Sequence[str]) -> tuple[int, str] | None:
        """Return how many of the names at the start of a path are replaced, and by what; None if they stay."""
        match list(names[:3]):
            case ["steps", step, *_]:
                return 2, f"steps.{self.name(step)}"
            case ["preflight", check, *_] if check not in OWN_CHECKS:
                return 2, f"preflight.{self.name(check)}"
            case ["run", "halted", halt]:
                return 3, f"run.halted.{self.name(halt)}"
            case ["inputs", name, *_] if name in self.given:
                return 2, as_expression(self.given[name])
            case ["inputs", name, *_]:
                return 2, f"inputs.{self.name(name)}"
        return None


def as_expression(value: JsonValue) -> str:
    """Return a value with templates in it as one JMESPath expression.

    A text around expressions is joined strictly: a part without a value is an error, never an empty text (RQ-24).
    """
    if not any(True for _ in expressions_in(value)):
        return _literal(value)
    if isinstance(value, str):
        pieces = segments(value)
        if len(pieces) == 1:
            return pieces[0].text if _is_path(pieces[0].text) else f"({pieces[0].text})"
        parts = ", ".join(piece.text if piece.is_expression else _literal(piece.text) for piece in pieces)
        return f"join('', [{parts}])"
    if isinstance(value, list):
        return f"[{', '.join(as_expression(item) for item in value)}]"
    entries = cast("dict[str, JsonValue]", value).items()
    return "{" + ", ".join(f"{json.dumps(key)}: {as_expression(item)}" for key, item in entries) + "}"


def both(first: str | None, second: str | None) -> str | None:
    """Return the condition that holds if both do; None stands for one that always does."""
    if first is None or second is None:
        return first or second
    return f"({bare(first)}) && ({bare(second)})"


def _literal(value: JsonValue) -> str:
    if isinstance(value, str) and "\\" not in value:
        return "'" + value.replace("'", "\\'") + "'"
    return "`" + json.dumps(value).replace("`", "\\`") + "`"


def _braced(expression: str, *, optional: bool = False) -> str:
    return ("{{? " if optional else "{{ ") + expression + " }}"


def _is_path(source: str) -> bool:
    return all(token["type"] in (_NAME, "dot", "eof") for token in Lexer().tokenize(source))


def _rewritten(source: str, change: Callable[[Sequence[str]], tuple[int, str] | None]) -> str:
    """Replace the beginnings of paths in an expression, as `change` says."""
    tokens = [(str(token["type"]), token["value"], int(token["start"])) for token in Lexer().tokenize(source)]
    result, copied, position = "", 0, 0
    while position < len(tokens):
        path = _path_at(tokens, position)
        replaced = change(path) if path else None
        if replaced is None:
            position += max(1, 2 * len(path) - 1)
            continue
        count, words = replaced
        last = position + 2 * count - 2
        result += source[copied : tokens[position][2]] + words
        copied = tokens[last][2] + len(str(tokens[last][1]))
        position += max(1, 2 * len(path) - 1)
    return result + source[copied:]


def _path_at(tokens: Sequence[tuple[str, Any, int]], position: int) -> list[str]:
    """Return the names joined by dots that begin there; nothing if they continue something else."""
    if tokens[position][0] != _NAME or (position and tokens[position - 1][0] == "dot"):
        return []
    names = [str(tokens[position][1])]
    while tokens[position + 1][0] == "dot" and tokens[position + 2][0] == _NAME:
        position += 2
        names.append(str(tokens[position][1]))
    return names


def _is_free_json(annotation: Any) -> bool:
    return annotation is JsonValue or any(_is_free_json(inner) for inner in get_args(annotation))
