"""Expressions of plans: ``{{ … }}`` around one JMESPath expression over the run's context (docs/writing-plans.md).

Two kinds of fields hold them. A *template* is text with ``{{ … }}`` in it (parameters, texts, questions): `resolve`,
`fill_text`. An *expression* field (``when``, ``until``, ``capture`` …) is one bare JMESPath expression: `evaluate`,
`resolve_condition`; these take a lone ``{{ … }}`` as well. ``{{? … }}``, standing alone, is a value that may be absent:
the parameter, element or field that it fills is then left out.

No code is evaluated; JMESPath has no loops or recursion of its own, and its functions here are pure.
"""

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import cast

import jmespath
from jmespath.exceptions import JMESPathError
from jmespath.parser import ParsedResult
from pydantic import JsonValue

from cockpit.plans.functions import PlanFunctions

Context = Mapping[str, JsonValue]
_OPTIONS = jmespath.Options(custom_functions=PlanFunctions())
_FUNCTIONS = frozenset(str(name) for name in PlanFunctions().FUNCTION_TABLE)
_OPEN, _CLOSE, _MAY_BE_ABSENT = "{{", "}}", "?"

# Words for gaps in texts; any other path is named by its last part.
_GAP_WORDS = {
    ("run", "loss", "start"): "restore point",
    ("run", "loss", "end"): "end of writes",
    ("run", "loss", "duration"): "length of the data-loss window",
    ("run", "loss", "at_least"): "number of lost writes",
    ("run", "loss", "at_most"): "number of lost writes",
    ("run", "halted_at"): "time when writes stopped",
}


class ExpressionError(Exception):
    """An expression gave no usable value. `expression` is its source, `reason` says what is wrong."""

    def __init__(self, expression: str, reason: str) -> None:
        super().__init__(f"{{{{ {expression} }}}}: {reason}")
        self.expression = expression
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a template: literal text, or the source of one expression, which may be allowed to have no value."""

    text: str
    is_expression: bool
    optional: bool = False


@dataclass(frozen=True, slots=True)
class FilledText:
    """A text with its expressions filled. `gaps` names what is not known yet, in the order of the text."""

    text: str
    gaps: tuple[str, ...] = ()


@lru_cache(maxsize=4096)
def segments(template: str) -> tuple[Segment, ...]:
    """Split a template into literal text and expressions.

    Raises:
        ExpressionError: a ``{{`` is never closed, or holds no JMESPath expression.
    """
    found: list[Segment] = []
    position = 0
    while (start := template.find(_OPEN, position)) >= 0:
        if start > position:
            found.append(Segment(template[position:start], is_expression=False))
        end = _end_of_expression(template, start + len(_OPEN))
        inner = template[start + len(_OPEN) : end]
        source = inner.removeprefix(_MAY_BE_ABSENT).strip()
        compiled(source)
        found.append(Segment(source, is_expression=True, optional=inner.startswith(_MAY_BE_ABSENT)))
        position = end + len(_CLOSE)
    if position < len(template):
        found.append(Segment(template[position:], is_expression=False))
    if len(found) > 1 and any(segment.optional for segment in found):
        raise ExpressionError(template.strip()[:80], "a value that may be absent stands alone, without text around it")
    return tuple(found)


@lru_cache(maxsize=4096)
def compiled(source: str) -> ParsedResult:
    """Parse one JMESPath expression.

    Raises:
        ExpressionError: it is empty, not JMESPath, or calls a function that there is not.
    """
    if not source:
        raise ExpressionError(source, "the expression is empty")
    try:
        parsed = jmespath.compile(source)
        unknown = sorted(set(_functions(parsed.parsed)) - _FUNCTIONS)
    except (JMESPathError, RecursionError) as error:
        reason = "is nested too deeply" if isinstance(error, RecursionError) else str(error).splitlines()[0]
        raise ExpressionError(source, f"is not a JMESPath expression: {reason}") from None
    if unknown:
        near = difflib.get_close_matches(unknown[0], _FUNCTIONS, n=1)
        meant = f"; did you mean {near[0]}?" if near else ""
        raise ExpressionError(source, f"there is no function {unknown[0]}{meant}")
    return parsed


def bare(source: str) -> str:
    """Return the JMESPath source of an expression field, which may stand in one ``{{ … }}``.

    Raises:
        ExpressionError: it is not an expression.
    """
    stripped = source.strip()
    if stripped.startswith(_OPEN):
        pieces = segments(stripped)
        if len(pieces) == 1:
            return pieces[0].text
        raise ExpressionError(stripped, "one expression is expected here, without text around it")
    compiled(stripped)
    return stripped


def evaluate(source: str, context: Context) -> JsonValue:
    """Return the value of an expression field; None if what it names is absent.

    Raises:
        ExpressionError: it is not JMESPath, or a function was given a value it cannot use.
    """
    return _search(bare(source), context)


def resolve_condition(source: str, context: Context) -> bool:
    """Tell whether a condition holds. Absent, empty and false count as no, as in JMESPath itself.

    This is the way to test for absence: ``when: inputs.maintenance_parameter`` or ``when: "!(steps.x.policy)"``.

    Raises:
        ExpressionError: it is not JMESPath, or a function was given a value it cannot use.
    """
    value = evaluate(source, context)
    return not (value is None or value is False or value in ("", [], {}))


def resolve(value: JsonValue, context: Context) -> JsonValue:
    """Fill the templates in a value: a text that is one whole expression keeps that expression's type.

    A lone ``{{? … }}`` without value leaves out the entry it stands for; as the whole value it gives None.

    Raises:
        ExpressionError: a value is absent or an empty text (RQ-24), or a list or map would land inside a text.
    """
    if isinstance(value, str):
        return _resolve_text(value, context)
    if isinstance(value, list):
        return [resolve(item, context) for item in value if not is_left_out(item, context)]
    if isinstance(value, dict):
        return {key: resolve(item, context) for key, item in value.items() if not is_left_out(item, context)}
    return value


def is_left_out(value: JsonValue, context: Context) -> bool:
    """Tell whether a value is a lone ``{{? … }}`` that gives nothing.

    Raises:
        ExpressionError: it is malformed, or a function was given a value it cannot use.
    """
    if not isinstance(value, str):
        return False
    pieces = segments(value)
    return len(pieces) == 1 and pieces[0].optional and _search(pieces[0].text, context) in (None, "")


def fill_text(text: str, context: Context) -> FilledText:
    """Fill a text for people. What is not known becomes a visible gap, is listed, and is never an error.

    Raises:
        ExpressionError: the text itself is malformed (`plans check` finds this before any run).
    """
    pieces: list[str] = []
    gaps: list[str] = []
    for segment in segments(text):
        if not segment.is_expression:
            pieces.append(segment.text)
            continue
        if segment.optional and is_left_out(text, context):
            continue
        try:
            pieces.append(_as_text(segment.text, _required(segment.text, context)))
        except ExpressionError:
            name = gap_name(segment.text)
            gaps.append(name)
            pieces.append(f"[{name}: not yet known]")
    return FilledText("".join(pieces), tuple(dict.fromkeys(gaps)))


def expressions_in(value: JsonValue) -> Iterator[str]:
    """Yield the source of every ``{{ … }}`` in a value, however deep.

    Raises:
        ExpressionError: a template is malformed.
    """
    if isinstance(value, str):
        yield from (segment.text for segment in segments(value) if segment.is_expression)
    elif isinstance(value, list):
        for item in value:
            yield from expressions_in(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from expressions_in(item)


@dataclass(frozen=True, slots=True)
class Paths:
    """The names in an expression, each path as far as it is plain: ``("steps", "x", "y")``.

    Attributes:
        rooted: paths that start from the context.
        inside: paths inside filters, projections and ``&`` references: they start from an element.
    """

    rooted: tuple[tuple[str, ...], ...]
    inside: tuple[tuple[str, ...], ...]


def look_into(source: str) -> Paths:
    """Return the names an expression looks at.

    Raises:
        ExpressionError: it is not an expression.
    """
    rooted: list[tuple[str, ...]] = []
    inside: list[tuple[str, ...]] = []
    _collect(compiled(bare(source)).parsed, rooted, inside)
    return Paths(tuple(dict.fromkeys(rooted)), tuple(dict.fromkeys(inside)))


def gap_name(source: str) -> str:
    """Return words for what an expression would have given."""
    paths = look_into(source).rooted
    if not paths:
        return "value"
    return _GAP_WORDS.get(paths[0], paths[0][-1].replace("_", " "))


def _end_of_expression(template: str, position: int) -> int:
    """Return where the closing braces stand, past quotes, back-ticks and the braces of multi-select hashes."""
    depth = 0
    start = position
    while position < len(template):
        char = template[position]
        if char in "'\"`":
            position = _end_of_quote(template, position)
        elif char == "{":
            depth += 1
        elif char == "}" and depth:
            depth -= 1
        elif template.startswith(_CLOSE, position):
            return position
        position += 1
    raise ExpressionError(template[start : start + 80].strip(), "the closing }} is missing")


def _end_of_quote(template: str, position: int) -> int:
    quote = template[position]
    position += 1
    while position < len(template) and template[position] != quote:
        position += 2 if template[position] == "\\" else 1
    return position


def _search(source: str, context: Context) -> JsonValue:
    try:
        return cast("JsonValue", compiled(source).search(context, options=_OPTIONS))
    except (JMESPathError, RecursionError, ArithmeticError, TypeError, ValueError, LookupError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ExpressionError(source, reason) from None


def _required(source: str, context: Context) -> JsonValue:
    value = _search(source, context)
    if value is None:
        raise ExpressionError(source, "has no value")
    if isinstance(value, str) and not value.strip():
        raise ExpressionError(source, "is empty")
    return value


def _as_text(source: str, value: JsonValue) -> str:
    if isinstance(value, list | dict):
        raise ExpressionError(source, "is a list or a map and cannot stand inside a text")
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _resolve_text(text: str, context: Context) -> JsonValue:
    pieces = segments(text)
    if len(pieces) == 1 and pieces[0].is_expression:
        return None if is_left_out(text, context) else _required(pieces[0].text, context)
    return "".join(
        _as_text(piece.text, _required(piece.text, context)) if piece.is_expression else piece.text for piece in pieces
    )


_Ast = Mapping[str, object]
_PROJECTIONS = frozenset({"projection", "value_projection", "filter_projection"})
_ROOTED_LEFT = frozenset({"subexpression", "index_expression", "pipe"}) | _PROJECTIONS


def _children(node: _Ast) -> list[_Ast]:
    # A slice has numbers for children.
    return [child for child in cast("list[_Ast]", node.get("children") or []) if isinstance(child, Mapping)]


def _functions(node: _Ast) -> Iterator[str]:
    """Yield the names of the functions that a node calls, however deep."""
    if node["type"] == "function_expression":
        yield str(node["value"])
    for child in _children(node):
        yield from _functions(child)


def _leading(node: _Ast) -> tuple[tuple[str, ...], bool]:
    """Return the names a node starts with, and whether the node is nothing but names joined by dots."""
    if node["type"] == "field":
        return (str(node["value"]),), True
    if node["type"] == "subexpression":
        names: tuple[str, ...] = ()
        for child in _children(node):
            more, whole = _leading(child)
            names += more
            if not whole:
                return names, False
        return names, True
    if node["type"] == "index_expression" or node["type"] in _PROJECTIONS:
        return _leading(_children(node)[0])[0], False
    return (), False


def _collect(node: _Ast, rooted: list[tuple[str, ...]], inside: list[tuple[str, ...]]) -> None:
    """Sort the paths of a node by where they start. Inside an element's expression everything is `inside`."""
    path, whole = _leading(node)
    if path:
        rooted.append(path)
    if whole:
        return
    children = _children(node)
    if node["type"] == "expref":
        first, rest = [], children
    elif node["type"] in _ROOTED_LEFT:
        # Right-hand sides of dots, indexes, pipes and projections look at the left-hand side's value.
        first, rest = children[:1], children[1:]
    else:
        first, rest = children, []
    for child in first:
        _collect(child, [] if path else rooted, inside)
    for child in rest:
        _collect(child, inside, inside)
