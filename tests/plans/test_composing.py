"""What is written with includes and branches becomes one plan that says the same, and what is wrong names its place."""

from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.plans.catalogue import find_plans, load_plan, read_plan
from cockpit.plans.expressions import ExpressionError, evaluate, resolve
from cockpit.plans.renaming import Renaming, as_expression, both
from cockpit.plans.schema import Plan

HEAD = """\
id: shop/restart
title: Restart the shop
source:
  - {document: S0, title: Shop, lines: "1-9"}
severity: low
trigger: {words: The shop hangs.}
expected_behaviour: It comes back.
objectives: {}
authorization: {words: Anybody.}
inputs:
  cluster: Cluster
  service: {title: Service, default: web}
targets: [the service]
communications: {texts: []}
steps:
"""

PIECE = """\
piece: halt
title: Halt a fleet
inputs:
  cluster: Cluster
  service: Service
  size: {title: Size, default: 0}
locks: ["service {{ inputs.service }}"]
preflight:
  - id: there
    title: It is there
    read: ecs:DescribeServices
    params: {cluster: "{{ inputs.cluster }}", services: ["{{ inputs.service }}"]}
    expect: answer.services[0]
    otherwise: Not there.
    capture: {desired: "answer.services[0].desiredCount"}
steps:
  - id: look
    title: Look
    why: To know.
    source: [E-03]
    effect: read
    aws:
      call: ecs:DescribeServices
      params: {cluster: "{{ inputs.cluster }}", services: ["{{ inputs.service }}"]}
      capture: {running: "answer.services[0].runningCount"}
  - id: stop
    title: Stop it
    why: It hangs.
    when: steps.look.running
    source: []
    effect: mutate
    halts:
      - {name: count, what: "{{ inputs.service }} is stopped", value: preflight.there.desired}
    aws:
      call: ecs:UpdateService
      params: {cluster: "{{ inputs.cluster }}", service: "the-{{ inputs.service }}", desiredCount: "{{ inputs.size }}"}
    verify:
      read: ecs:DescribeServices
      params: {cluster: "{{ inputs.cluster }}", services: ["{{ inputs.service }}"]}
      until: answer.services[0].runningCount == inputs.size
deviations:
  - {id: E-03, source_says: a, plan_does: b, why: c}
"""

INCLUDE = """\
  - include: halt
    id: fleet
    when: inputs.service
    source: ["S0:1"]
    with: {cluster: "{{ inputs.cluster }}", service: "{{ inputs.service }}-{{ scope.region }}"}
    restored_by: {count: back}
    adapt:
      stop: {title: Stop the shop, source: ["S0:2"]}
  - id: back
    title: Start it
    why: Stopped shops sell nothing.
    source: ["S0:1"]
    effect: mutate
    aws:
      call: ecs:UpdateService
      params: {cluster: "{{ inputs.cluster }}", service: web, desiredCount: "{{ run.halted.fleet_count }}"}
"""

STEP = """\
- id: {id}
  title: {id}
  why: Because.
  source: ["S0:1"]
  effect: read
  notify: {{to: somebody, text: something}}
"""


def write(folder: Path, steps: str, pieces: dict[str, str] | None = None) -> Path:
    """Write a plan folder with one plan and return the plan's path."""
    path = folder / "shop" / "restart.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(HEAD + steps)
    (folder / "pieces").mkdir(exist_ok=True)
    for name, text in (pieces or {"halt": PIECE}).items():
        (folder / "pieces" / f"{name}.yaml").write_text(text)
    return path


def plan_of(folder: Path, steps: str, pieces: dict[str, str] | None = None) -> Plan:
    return load_plan(write(folder, steps, pieces))


def steps(*ids: str, indent: int = 2) -> str:
    return "".join("".join(f"{' ' * indent}{line}\n" for line in STEP.format(id=each).splitlines()) for each in ids)


def test_included_steps_say_what_the_piece_says_of_what_is_given(tmp_path):
    """A piece's names get the include's prefix, its inputs the given values; everything else stays as it is written."""
    plan = plan_of(tmp_path, INCLUDE)
    look, stop, back = plan.steps
    assert [step.id for step in plan.steps] == ["fleet_look", "fleet_stop", "back"]
    assert look.action.params == {
        "cluster": "{{ inputs.cluster }}",
        "services": ["{{ inputs.service }}-{{ scope.region }}"],
    }
    assert stop.title == "Stop the shop"
    assert stop.source == ("S0:1", "S0:2")
    assert stop.when == "(inputs.service) && (steps.fleet_look.running)"
    assert stop.action.params["service"] == "the-{{ inputs.service }}-{{ scope.region }}"
    assert stop.action.params["desiredCount"] == 0
    assert stop.verify.until == "answer.services[0].runningCount == `0`"
    assert stop.part == ("Halt a fleet",)
    assert back.part == ()
    (halt,) = stop.halts
    assert (halt.name, halt.restored_by, halt.value) == ("fleet_count", "back", "preflight.fleet_there.desired")
    assert [check.id for check in plan.preflight] == ["fleet_there"]
    assert plan.locks == ("service {{ inputs.service }}-{{ scope.region }}",)
    assert [deviation.id for deviation in plan.deviations] == ["E-03"]


def test_input_in_short_is_a_title_and_takes_the_name_of_the_configuration(tmp_path):
    """A plain text is the input's title, and its value is looked up under the plan's system and the input's name."""
    plan = plan_of(tmp_path, INCLUDE)
    assert plan.inputs["cluster"].title == "Cluster"
    assert plan.inputs["cluster"].default == "{{ scope.names.shop.cluster }}"
    assert plan.inputs["service"].default == "web"


def test_a_piece_may_include_another(tmp_path):
    """Prefixes add up, and a value is handed through both."""
    outer = dedent("""\
        piece: outer
        title: Outer
        inputs: {where: Cluster}
        steps:
          - include: halt
            id: inner
            with: {cluster: "{{ inputs.where }}", service: api}
        """)
    plan = plan_of(
        tmp_path,
        '  - {include: outer, id: one, with: {where: "{{ inputs.cluster }}"}, adapt: {inner_stop: {title: Now}}}\n',
        {"halt": PIECE, "outer": outer},
    )
    assert [step.id for step in plan.steps] == ["one_inner_look", "one_inner_stop"]
    assert plan.steps[1].when == "steps.one_inner_look.running"
    assert plan.steps[1].title == "Now"
    assert plan.steps[1].part == ("Outer", "Halt a fleet")
    assert plan.steps[0].action.params == {"cluster": "{{ inputs.cluster }}", "services": ["api"]}


def test_a_whole_plan_is_included_by_its_id(tmp_path):
    """Inputs of an included plan that get no value become inputs of the plan that includes it."""
    write(tmp_path, INCLUDE)
    other = tmp_path / "mall" / "recover.yaml"
    other.parent.mkdir()
    other.write_text(
        HEAD.replace("shop/restart", "mall/recover").replace("  cluster: Cluster\n", "")
        + "  - {include: shop/restart, id: shop, with: {service: shop-7}, without: [fleet_look], title: The shop}\n"
    )
    plan = load_plan(other)
    assert [step.id for step in plan.steps] == ["shop_fleet_stop", "shop_back"]
    assert plan.inputs["shop_cluster"].default == "{{ scope.names.shop.cluster }}"
    assert plan.steps[1].action.params["cluster"] == "{{ inputs.shop_cluster }}"
    assert plan.steps[1].action.params["desiredCount"] == "{{ run.halted.shop_fleet_count }}"
    assert plan.steps[0].halts[0].restored_by == "shop_back"


def test_steps_that_begin_alike_are_left_out_together(tmp_path):
    """A whole part of an included procedure is left out by one name; nothing else goes with it."""
    adapt, _ = INCLUDE[INCLUDE.index("    adapt") :].split("  - id: back")
    plan = plan_of(tmp_path, INCLUDE.replace(adapt, "    without: ['lo*']\n"))
    assert [step.id for step in plan.steps] == ["fleet_stop", "back"]


def test_branches_stand_in_order_and_know_what_has_run(tmp_path):
    """Steps of branches come flat, and a step sees those of branches it waits for, not those beside it."""
    text = dedent("""\
          - parallel: rebuild
            branches:
              - id: database
                title: Database
                budget: PT1H
                steps:
        {db}
              - id: logins
                title: Logins
                after: [database]
                steps:
        {logins}
              - id: pictures
                title: Pictures
                steps:
        {pictures}
        """).format(db=steps("restore", indent=8), logins=steps("sign_in", indent=8), pictures=steps("copy", indent=8))
    plan = plan_of(tmp_path, steps("first") + text + steps("last"))
    assert [(step.id, step.branch) for step in plan.steps] == [
        ("first", None),
        ("restore", "database"),
        ("sign_in", "logins"),
        ("copy", "pictures"),
        ("last", None),
    ]
    assert [branch.group for branch in plan.branches] == ["rebuild"] * 3
    seen = {
        (plan.steps[a].id, plan.steps[b].id) for a in range(5) for b in range(5) if a != b and plan.has_run_before(a, b)
    }
    assert ("restore", "sign_in") in seen
    assert not {("restore", "copy"), ("sign_in", "copy"), ("copy", "sign_in")} & seen
    assert {("first", "copy"), ("copy", "last"), ("first", "last")} <= seen


@pytest.mark.parametrize(
    ("old", "new", "where", "words"),
    [
        ("include: halt", "include: hold", "restart.yaml:16", "no piece or plan hold"),
        ("include: halt", "include: Halt!", "restart.yaml:16", "expected"),
        ('cluster: "{{ inputs.cluster }}", service', "service", "restart.yaml:20", "needs cluster: Cluster"),
        ("with: {", "with: {colour: red, ", "restart.yaml:20", "has no input colour; it has cluster, service, size"),
        ("with: {", "with: {size: '', ", "restart.yaml:20", "is empty"),
        ("{count: back}", "{sum: back}", "restart.yaml:21", "halts no sum; it halts count"),
        ("stop: {title", "halt: {title", "restart.yaml:22", "has no step halt; it has look, stop"),
        ("{title: Stop the shop", "{name: Stop the shop", "restart.yaml:23", "is not a field of this part"),
        ("id: fleet\n", "id: fleet\n    without: [go]\n", "restart.yaml:18", "has no step go"),
        (
            "id: fleet\n",
            "id: fleet\n    without: ['*p']\n",
            "restart.yaml:18",
            "its beginning and a star",
        ),
        ("id: fleet", f"id: {'f' * 58}", "halt.yaml", "longer than 60"),
        ("title: Start it", "title: Start it\n    branch: b", "restart.yaml:24", "follow from where a step stands"),
    ],
)
def test_what_does_not_fit_is_named_where_it_is_written(tmp_path, old, new, where, words):
    """Every mistake of an include is told with the file and line of that include."""
    assert old in INCLUDE
    loaded = read_plan(write(tmp_path, INCLUDE.replace(old, new, 1)))
    assert loaded.plan is None
    assert any(where in str(problem) and words in problem.message for problem in loaded.problems), loaded.problems


def test_a_broken_piece_is_named_by_its_own_file_and_line(tmp_path):
    """What is wrong in a piece is not told of the plan that includes it."""
    loaded = read_plan(write(tmp_path, INCLUDE, {"halt": PIECE.replace("effect: mutate", "effect: mutated")}))
    (problem,) = loaded.problems
    assert problem.file.endswith("pieces/halt.yaml")
    assert PIECE.splitlines()[problem.line - 1].strip() == "effect: mutate"


def test_a_procedure_that_includes_itself_is_refused(tmp_path):
    """Two pieces that include each other are a mistake that ends in words, not in a hanging loader."""
    loop = "piece: {0}\ntitle: Loop\nsteps:\n  - {{include: {1}, id: again}}\n"
    path = write(
        tmp_path, "  - {include: one, id: a}\n", {"one": loop.format("one", "two"), "two": loop.format("two", "one")}
    )
    (problem,) = read_plan(path).problems
    assert "one includes itself: one > two > one" in problem.message


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("id: two\n", "id: one\n", "two branches are called one"),
        ("after: [one]", "after: [three]", "comes after three, which is no branch written before it"),
        (
            "    - id: two\n      title: T\n      after: [one]\n      steps: [{include: halt, id: b}]\n",
            "",
            "at least 2",
        ),
    ],
)
def test_branches_that_cannot_be_are_refused(tmp_path, old, new, words):
    """A group has two branches and more, each with its own name, each after branches that stand before it."""
    text = (
        "  - parallel: both\n    branches:\n"
        "    - id: one\n      title: O\n      steps: [{include: halt, id: a}]\n"
        "    - id: two\n      title: T\n      after: [one]\n      steps: [{include: halt, id: b}]\n"
    )
    assert old in text
    loaded = read_plan(write(tmp_path, text.replace(old, new)))
    assert any(words in problem.message for problem in loaded.problems), loaded.problems


def test_pieces_are_no_plans_and_an_earlier_folder_replaces_them(tmp_path):
    """A team's own piece takes the place of the one that comes with the cockpit, for the team's plans."""
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    ours.mkdir()
    theirs.mkdir()
    write(ours, INCLUDE, {"other": PIECE.replace("piece: halt", "piece: other")})
    write(theirs, INCLUDE)
    found = find_plans([ours, theirs])
    assert [loaded.plan.id for loaded in found] == ["shop/restart"]
    (ours / "pieces" / "halt.yaml").write_text(PIECE.replace("title: Look", "title: Look twice"))
    assert find_plans([ours, theirs])[0].plan.steps[0].title == "Look twice"


NAMES = st.sampled_from(["a", "b", "count"])
WORDS = st.text(alphabet="ab'\\`\" {é", max_size=6)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | WORDS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(NAMES, inner, max_size=2),
    max_leaves=4,
)
PATHS = st.builds(
    lambda root, name, rest: ".".join((root, name, *rest)),
    st.sampled_from(["steps", "inputs"]),
    NAMES,
    st.lists(NAMES, max_size=1),
)
EXPRESSIONS = st.recursive(
    PATHS | st.just("`1`") | st.just("'steps.a'"),
    lambda inner: (
        st.builds("({}) && ({})".format, inner, inner)
        | st.builds("[{}, {}]".format, inner, inner)
        | st.builds("{{a: {}, steps: {}}}".format, inner, inner)
        | st.builds("({})[?a == 'x'] | [0]".format, inner)
        | st.builds("!({})".format, inner)
        | st.builds("not_null({}, {})".format, inner, inner)
    ),
    max_leaves=5,
)


@given(EXPRESSIONS, st.dictionaries(NAMES, VALUES), st.dictionaries(NAMES, VALUES))
def test_a_renamed_expression_gives_what_it_gave(source, captured, inputs):
    """Whatever an expression looks at, after renaming it finds the same values under the new names."""
    before = {"steps": captured, "inputs": inputs}
    renamed = Renaming("fleet_", {name: f"{{{{ inputs.our_{name} }}}}" for name in ("a", "b", "count")})
    after = {
        "steps": {f"fleet_{name}": value for name, value in captured.items()},
        "inputs": {f"our_{name}": value for name, value in inputs.items()},
    }
    assert evaluate(renamed.expression(source), after) == evaluate(source, before)


@given(VALUES.filter(lambda value: value is not None))
def test_a_given_value_is_kept_as_it_is(value):
    """A plain value, whatever quotes and braces it holds, is the same inside an expression."""
    if "{{" not in repr(value):
        assert evaluate(as_expression(value), {}) == value


def test_a_given_text_with_a_gap_is_an_error_and_never_empty():
    """A text joined from a value that is absent must not become a shorter text (RQ-24)."""
    source = as_expression("table-{{ inputs.name }}")
    assert evaluate(source, {"inputs": {"name": "x"}}) == "table-x"
    with pytest.raises(ExpressionError):
        evaluate(source, {"inputs": {}})


def test_conditions_add_up():
    """A step runs only if its own condition and the include's both hold."""
    assert both(None, "a") == "a"
    assert both("a", None) == "a"
    assert both("a || b", "c") == "(a || b) && (c)"


def test_value_that_may_be_absent_leaves_its_parameter_out():
    """``{{? … }}`` without value is not sent at all: neither null nor an empty text."""
    params = {
        "Key": "{{? inputs.key }}",
        "Spec": "{{? inputs.key && {Key: inputs.key} }}",
        "Names": ["{{? inputs.key }}", "x"],
    }
    assert resolve(params, {"inputs": {}}) == {"Names": ["x"]}
    assert resolve(params, {"inputs": {"key": "k"}}) == {"Key": "k", "Spec": {"Key": "k"}, "Names": ["k", "x"]}
    given_input = Renaming("x_", {"key": "{{ inputs.ours }}"}).value(params)
    assert resolve(given_input, {"inputs": {}}) == {"Names": ["x"]}
