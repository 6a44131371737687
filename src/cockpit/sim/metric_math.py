"""Metric math, as far as alarms on rates need it: + - * / over other queries, numbers and brackets."""

import ast
import operator
from collections.abc import Callable

from cockpit.sim.errors import AwsError

Points = dict[int, float]
_OPERATORS: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def evaluate(expression: str, queries: dict[str, Points]) -> Points:
    """Return the points of an expression; a time at which an operand has no point, or a divisor is 0, has none.

    Raises:
        AwsError: the expression uses more than is simulated, or names an unknown query.
    """
    try:
        tree = ast.parse(expression, mode="eval").body
    except SyntaxError:
        raise _refused(expression) from None
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    if not names or not names <= set(queries):
        raise _refused(expression)
    times = set.intersection(*(set(queries[name]) for name in names))
    points: Points = {}
    for at in sorted(times):
        try:
            points[at] = _value(tree, {name: queries[name][at] for name in names}, expression)
        except ZeroDivisionError:
            continue
    return points


def _value(node: ast.expr, values: dict[str, float], expression: str) -> float:
    match node:
        case ast.Name(id=name):
            return values[name]
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            return float(number)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_value(operand, values, expression)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            return _OPERATORS[type(op)](_value(left, values, expression), _value(right, values, expression))
    raise _refused(expression)


def _refused(expression: str) -> AwsError:
    return AwsError("ValidationError", f"Metric math beyond + - * / is not simulated: {expression!r}.")
