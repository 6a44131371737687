"""Expressions give exactly what they name, or an error that names them."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.plans.expressions import (
    ExpressionError,
    bare,
    evaluate,
    expressions_in,
    fill_text,
    look_into,
    resolve,
    resolve_condition,
    segments,
)

scalars = st.text(min_size=1).filter(str.strip) | st.integers() | st.booleans()
values = st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8)


@given(values)
def test_a_whole_expression_keeps_its_type(value):
    """A text that is one expression becomes the very value, whatever its type."""
    assert resolve("{{ inputs.x }}", {"inputs": {"x": value}}) == value


@given(st.text(min_size=1).filter(str.strip))
def test_a_value_is_never_read_as_an_expression(value):
    """What a value contains is not expanded again and cannot end the expression: it stays one word."""
    context = {"inputs": {"x": value}}
    assert resolve(["prog", "--table={{ inputs.x }}", "{{ inputs.x }}"], context) == ["prog", f"--table={value}", value]


@given(st.text())
def test_a_quoted_brace_does_not_end_an_expression(text):
    """Literals inside an expression may hold braces, quotes and back-ticks."""
    literal = json.dumps(text).replace("`", "\\`")
    assert evaluate(f"{{{{ `{literal}` }}}}", {}) == text


@pytest.mark.parametrize("missing", [None, "", "  "])
def test_a_missing_or_empty_value_is_an_error(missing):
    """An empty value never becomes part of a call (RQ-24)."""
    for template in ("{{ inputs.table }}", "{{ inputs.table }}-restored"):
        with pytest.raises(ExpressionError, match=r"inputs\.table") as caught:
            resolve(template, {"inputs": {"table": missing}})
        assert caught.value.expression == "inputs.table"


@pytest.mark.parametrize(
    "source", ["to_string(gone)", "to_number(gone)", "value_at(@, 'gone')", "where(l, 'n', gone)[0]"]
)
def test_functions_do_not_turn_nothing_into_something(source):
    """What is absent stays absent through functions, so that it cannot reach a call as the text "null"."""
    with pytest.raises(ExpressionError, match="has no value"):
        resolve(f"{{{{ {source} }}}}", {"l": [{"n": None}]})


def test_a_list_does_not_land_inside_a_text():
    """A list or a map inside a text is a mistake, not its Python form."""
    with pytest.raises(ExpressionError, match="list or a map"):
        resolve("tables: {{ inputs.x }}", {"inputs": {"x": ["a"]}})


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("inputs.flag", False),
        ("!(inputs.flag)", True),
        ("inputs.zero == `0`", True),
        ("inputs.empty", False),
        ("{{ inputs.table }}", True),
        ("inputs.gone.deeper == 'x'", False),
    ],
)
def test_conditions_may_look_at_what_is_absent(condition, expected):
    """Absent, empty and false are no; that is how a plan asks whether something is set."""
    assert resolve_condition(condition, {"inputs": {"zero": 0, "empty": "", "table": "t"}}) is expected


@pytest.mark.parametrize("template", ["{{ a", "{{ }}", "{{ a..b }}", "x {{ 'a }} y", "{{ a[ }}"])
def test_malformed_templates_are_errors(template):
    """An unclosed or senseless expression is refused, never sent as text."""
    with pytest.raises(ExpressionError):
        segments(template)


def test_gaps_are_visible_and_listed():
    """A status text shows what is not known yet as a named gap."""
    filled = fill_text(
        "From {{ utc_words(run.loss.start) }}: {{ steps.a.lost_writes }}, {{ plan.id }}.", {"plan": {"id": "x"}}
    )
    assert filled.text == "From [restore point: not yet known]: [lost writes: not yet known], x."
    assert filled.gaps == ("restore point", "lost writes")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("compact_utc('2026-11-21T04:15:02+01:00')", "20261121T031502Z"),
        ("utc_words('2026-11-21T03:15:02Z')", "2026-11-21 03:15:02 UTC"),
        ("seconds_before('2026-11-21T00:00:01Z', `2`)", "2026-11-20T23:59:59Z"),
        ("next_minute('2026-11-21T23:59:00Z')", "2026-11-22T00:00:00Z"),
        ("epoch('1970-01-01T00:01:00Z')", 60),
        ("epoch_millis('1970-01-01T00:00:01.5Z')", 1500),
        ("time_of_millis(`1500`)", "1970-01-01T00:00:01.500000Z"),
        ("duration_words(`2467`)", "41 min 07 s"),
        ("where(l, 'n', 'b')[0].v", 2),
        ("where(l, 'n', `null`)", []),
        ("where_contains(l, 'n', 'a')[].v", [1]),
        ("value_at(m, 'k')", 1),
        ("with_key(m, 'j', 'z')", {"k": 1, "j": "z"}),
        ("parse_json(to_json_string(m)).k", 1),
        ("from_base64('eyJhIjogMX0=')", '{"a": 1}'),
        ("after_last('arn:aws:ecs:r:1:task-definition/w:7', '/')", "w:7"),
        (
            "arns_in('TaskDefinition: \"arn:aws:ecs:eu-west-1:1:task-definition/w:7\"')",
            ["arn:aws:ecs:eu-west-1:1:task-definition/w:7"],
        ),
    ],
)
def test_functions(source, expected):
    """The functions give what the documentation says."""
    assert evaluate(source, {"l": [{"n": "a", "v": 1}, {"n": "b", "v": 2}, "no map"], "m": {"k": 1}}) == expected


@pytest.mark.parametrize(
    "source",
    [
        "utc_words('2026-11-21T03:15:02')",
        "utc_words('yesterday')",
        "parse_json('{')",
        "from_base64('###')",
        "epoch(gone)",
        "contains('text', gone)",
        "with_key(@, 'k', gone)",
        "to_json_string(gone)",
        "unknown(a)",
        "duration_words(`1e300`)",
    ],
)
def test_functions_refuse_what_they_cannot_use(source):
    """A wrong argument is an error that names the expression, never a guess."""
    with pytest.raises(ExpressionError):
        evaluate(source, {})


def test_the_fence_keeps_other_statements_and_is_put_up_once():
    """The write fence adds one statement to a policy, and replaces its own if it is there already."""
    old = {"Version": "2012-10-17", "Id": "ours", "Statement": {"Sid": "Own", "Effect": "Allow"}}
    once = json.loads(str(evaluate("with_write_fence(p, 'arn:t')", {"p": old})))
    twice = json.loads(str(evaluate("with_write_fence(p, 'arn:t')", {"p": once})))
    assert once == twice
    assert once["Id"] == "ours"
    assert [statement["Sid"] for statement in once["Statement"]] == ["Own", "CockpitWriteFence"]
    assert once["Statement"][1]["Effect"] == "Deny"
    assert "dynamodb:PutItem" in once["Statement"][1]["Action"]


@pytest.mark.parametrize(
    ("source", "rooted", "inside"),
    [
        ("steps.a.b[0].c", {("steps", "a", "b")}, set()),
        ("where(answer.I, 'n', inputs.x)[0].Id", {("answer", "I"), ("inputs", "x")}, set()),
        ("answer.I[?n == inputs.x].v", {("answer", "I")}, {("n",), ("inputs", "x"), ("v",)}),
        ("max_by(answer.I[:3], &steps.y) | [0]", {("answer", "I")}, {("steps", "y")}),
        ("{a: run.id, b: [plan.id, 'x']}", {("run", "id"), ("plan", "id")}, set()),
    ],
)
def test_the_names_in_an_expression_are_found(source, rooted, inside):
    """The checks see what an expression looks at, and what only an element can give."""
    found = look_into(source)
    assert set(found.rooted) == rooted
    assert inside <= set(found.inside)


def test_expressions_are_found_however_deep():
    """Expressions inside lists and maps are listed in order."""
    assert list(expressions_in({"a": ["{{ x }}", {"b": "1 {{ y }} 2 {{ z }}"}], "c": 5})) == ["x", "y", "z"]


def test_a_function_that_there_is_not_is_found_before_anything_runs():
    """A misspelt function would fail in the middle of a recovery."""
    with pytest.raises(ExpressionError, match="no function not_nul; did you mean not_null"):
        bare("not_nul(steps.a.b, 'x')")
    with pytest.raises(ExpressionError, match="no function sums"):
        segments("{{ items[?sums(@) > `1`] }} of them")
