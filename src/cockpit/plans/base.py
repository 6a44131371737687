"""What every part of a plan file shares: strictness, names, references to calls."""

from collections.abc import Iterable
from typing import Annotated, Any, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, JsonValue, StringConstraints

from cockpit.plans.expressions import ExpressionError, bare, segments


def _check_expression(source: str) -> str:
    try:
        bare(source)
    except ExpressionError as error:
        raise ValueError(str(error)) from None
    return source


def _check_template(text: str) -> str:
    try:
        segments(text)
    except ExpressionError as error:
        raise ValueError(str(error)) from None
    return text


Expression = Annotated[str, AfterValidator(_check_expression)]
"""One bare JMESPath expression (``answer.State == 'COMPLETE'``): `expressions.evaluate`, `resolve_condition`."""

Template = Annotated[str, AfterValidator(_check_template)]
"""Text in which ``{{ … }}`` holds an expression: `expressions.resolve`, or `fill_text` where gaps may show."""

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
"""An identifier that JMESPath reads without quotes: step ids, inputs, captured values."""

CallName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+:[A-Z][A-Za-z0-9]+$")]
"""A service operation as botocore names it: ``dynamodb:RestoreTableToPointInTime``, ``application-autoscaling:…``."""

SourceRef = Annotated[str, StringConstraints(pattern=r"^(S[0-4]:\d+(-\d+)?|\+\d+|E-\d+|RQ-\d+|docs?: .+)$")]
"""Where a line comes from: seed line ``S0:117``, ledger addition ``+1``, error ``E-03``, requirement ``RQ-09``."""


def is_expression_field(annotation: Any, metadata: Iterable[Any] = ()) -> bool | None:
    """Tell whether texts of a field so annotated are bare expressions (True), templates (False) or neither (None).

    Free JSON (parameters, defaults) holds templates.
    """
    for note in metadata:
        if isinstance(note, AfterValidator) and note.func in (_check_expression, _check_template):
            return note.func is _check_expression
    if annotation is JsonValue:
        return False
    for inner in get_args(annotation):
        found = is_expression_field(inner, getattr(inner, "__metadata__", ()))
        if found is not None:
            return found
    return None


class PlanModel(BaseModel):
    """Base of everything in a plan: frozen, and a misspelt key is an error rather than a silent no-op."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)
