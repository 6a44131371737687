"""What pydantic found, said in the words of somebody who writes a plan."""

from collections.abc import Callable, Mapping
from typing import Any

from pydantic_core import ErrorDetails

from cockpit.plans.actions import ACTION_KEYS

LONGEST_QUOTE = 60  # characters of a wrong value that a message repeats

PATTERN_WORDS = {
    r"^[a-z][a-z0-9_]*\*?$": "a step's id, or its beginning and a star",
    r"^[a-z][a-z0-9_]*$": "lower-case letters, digits and underscores, starting with a letter",
    r"^[a-z0-9-]+:[A-Z][A-Za-z0-9]+$": "service:Operation as botocore names them, like dynamodb:DescribeTable",
    r"^(S[0-4]:\d+(-\d+)?|\+\d+|E-\d+|RQ-\d+|docs?: .+)$": (
        'a source: "S0:117", "S0:117-119", "+1", "E-03", "RQ-09" or "doc: …"'
    ),
    r"^[a-z0-9-]+/[a-z0-9-]+$": "system/name in lower-case letters, digits and hyphens",
}


def _missing(detail: ErrorDetails, _context: Mapping[str, Any]) -> str:
    if detail["loc"] and detail["loc"][-1] == "action":
        return f"an action is missing; one of: {', '.join(ACTION_KEYS)}"
    return "is missing"


def _pattern(detail: ErrorDetails, context: Mapping[str, Any]) -> str:
    pattern = str(context.get("pattern", ""))
    return f"expected {PATTERN_WORDS.get(pattern, f'text that matches {pattern}')}, not {_given(detail)}"


_WORDS: dict[str, Callable[[ErrorDetails, Mapping[str, Any]], str]] = {
    "missing": _missing,
    "extra_forbidden": lambda _d, _c: "is not a field of this part",
    "string_type": lambda d, _c: f"expected text, not {_given(d)}; put quotes around it if it is text",
    "string_pattern_mismatch": _pattern,
    "string_too_short": lambda _d, _c: "must not be empty",
    "string_too_long": lambda _d, c: f"longer than {c.get('max_length')} characters",
    "int_type": lambda d, _c: f"expected a whole number, not {_given(d)}",
    "int_parsing": lambda d, _c: f"expected a whole number, not {_given(d)}",
    "float_type": lambda d, _c: f"expected a number, not {_given(d)}",
    "float_parsing": lambda d, _c: f"expected a number, not {_given(d)}",
    "bool_type": lambda d, _c: f"expected true or false, not {_given(d)}",
    "bool_parsing": lambda d, _c: f"expected true or false, not {_given(d)}",
    "dict_type": lambda d, _c: f"expected a map (key: value lines), not {_given(d)}",
    "model_type": lambda d, _c: f"expected a map (key: value lines), not {_given(d)}",
    "list_type": lambda d, _c: f"expected a list (lines that start with a hyphen), not {_given(d)}",
    "tuple_type": lambda d, _c: f"expected a list (lines that start with a hyphen), not {_given(d)}",
    "too_short": lambda _d, c: f"expected at least {c.get('min_length')} entries, not {c.get('actual_length')}",
    "too_long": lambda _d, c: f"expected at most {c.get('max_length')} entries, not {c.get('actual_length')}",
    "literal_error": lambda d, c: f"expected {c.get('expected')}, not {_given(d)}",
    "enum": lambda d, c: f"expected {c.get('expected')}, not {_given(d)}",
    "time_delta_type": lambda d, _c: f"expected a duration like PT30S, PT5M or PT4H, not {_given(d)}",
    "time_delta_parsing": lambda d, _c: f"expected a duration like PT30S, PT5M or PT4H, not {_given(d)}",
    "datetime_parsing": lambda d, _c: f"expected a time like 2026-01-31T03:00:00Z, not {_given(d)}",
    "timezone_aware": lambda d, _c: f"expected a time with an offset or Z, not {_given(d)}",
    "value_error": lambda _d, c: str(c.get("error", "is not allowed")),
}


def expected_words(detail: ErrorDetails) -> str:
    """Return what is wrong and what was expected, for one error of pydantic."""
    words = _WORDS.get(detail["type"])
    return words(detail, detail.get("ctx", {})) if words else f"{detail['msg']}, not {_given(detail)}"


def _given(detail: ErrorDetails) -> str:
    """Return what stood there instead, short."""
    given = detail.get("input")
    if given is None:
        return "nothing"
    if isinstance(given, dict):
        return "a map"
    if isinstance(given, list):
        return "a list"
    if isinstance(given, bool):
        return str(given).lower()
    text = str(given)
    return repr(text if len(text) <= LONGEST_QUOTE else text[: LONGEST_QUOTE - 1] + "…")
