"""Filling what is known and showing the rest as not known yet: for dry runs, where earlier steps gave nothing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from cockpit.plans.expressions import ExpressionError, is_left_out, resolve, segments


@dataclass(frozen=True, slots=True)
class Known:
    """A value with placeholders where something is not known before the run. `gaps` names them."""

    value: JsonValue
    gaps: tuple[str, ...] = ()


def resolve_known(value: JsonValue, context: Mapping[str, JsonValue]) -> Known:
    """Fill a value as `resolve` does; what has no value yet stays as its expression: ``<steps.restore.table>``.

    Raises:
        ExpressionError: a template is malformed.
    """
    if isinstance(value, str):
        try:
            return Known(resolve(value, context))
        except ExpressionError:
            return _partly(value, context)
    if isinstance(value, list):
        items = [resolve_known(item, context) for item in value if not is_left_out(item, context)]
        return Known([item.value for item in items], _all_gaps(items))
    if isinstance(value, dict):
        pairs = {key: resolve_known(item, context) for key, item in value.items() if not is_left_out(item, context)}
        return Known({key: item.value for key, item in pairs.items()}, _all_gaps(list(pairs.values())))
    return Known(value)


def stand_ins(step_id: str, names: Iterable[str]) -> dict[str, JsonValue]:
    """Return what stands, in a dry run, for values that a step would have captured: ``<steps.restore.table>``."""
    return {name: f"<steps.{step_id}.{name}>" for name in names}


def _partly(template: str, context: Mapping[str, JsonValue]) -> Known:
    pieces: list[str] = []
    gaps: list[str] = []
    for segment in segments(template):
        piece = "{{ " + segment.text + " }}" if segment.is_expression else segment.text
        try:
            pieces.append(str(resolve(piece, context)) if segment.is_expression else piece)
        except ExpressionError:
            gaps.append(segment.text)
            pieces.append(f"<{segment.text}>")
    return Known("".join(pieces), tuple(dict.fromkeys(gaps)))


def _all_gaps(parts: list[Known]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(gap for part in parts for gap in part.gaps))
