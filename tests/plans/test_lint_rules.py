"""Each rule of `plans check` finds what it is there for, at its line, and leaves a sound plan alone."""

from pathlib import Path

import pytest
from small_plan import SEEDS, SMALL_PLAN

from cockpit.aws.catalogue import shared_catalogue
from cockpit.plans.catalogue import read_plan
from cockpit.plans.document import Problem
from cockpit.plans.lint import check_plan


def check(folder: Path, text: str, *, seeds: bool = True) -> tuple[Problem, ...]:
    path = folder / "shop" / "restart.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return check_plan(read_plan(path), shared_catalogue(), SEEDS if seeds else None)


STOP = SMALL_PLAN[SMALL_PLAN.index("effect: mutate") : SMALL_PLAN.index("      call: ecs:UpdateService")]
TELL = "effect: read\n    post_status: {phase: done}"
UNDO = '{words: back, aws: {call: ecs:UpdateService, params: {service: "{{ inputs.service }}", desiredCount: 1}}}'


def shell(argv, more=""):
    """Return a reading step's action that runs a program."""
    return f"effect: read\n    shell: {{argv: {argv}, cwd: /srv, timeout: PT1M{', ' if more else ''}{more}}}"


def ask(more):
    """Return a reading step's action that asks for a text."""
    return f"effect: read\n    ask: {{question: What?, {more}}}"


def test_a_sound_plan_has_no_problems(tmp_path):
    """Rules do not cry wolf."""
    assert check(tmp_path, SMALL_PLAN) == ()


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('inputs.service }}", desiredCount: 0', 'inputs.servise }}", desiredCount: 0', "the plan has no input servise"),
        ('service: "{{ inputs.service }}", desired', 'service: "{{ inputs.service ", desired', "closing }} is missing"),
        ("value: preflight.service.desired", "value: preflight.service.count", "preflight service captures no count"),
        ("value: preflight.service.desired", "value: steps.start.ended_at", "step start has not run by then"),
        ("value: preflight.service.desired", "value: steps.stop.arn", "step stop has not run by then"),
        ('steps.stop.arn }}"]}\n        done', 'steps.stop.url }}"]}\n        done', "step stop captures no url"),
        ('steps.stop.arn }}"]}\n        done', 'steps.halt.arn }}"]}\n        done', "the plan has no step halt"),
        ("{{ run.halted.desired }}", "{{ run.halted.count }}", "no step before halts count"),
        ("== run.halted.desired", "== run.desired", "run has only"),
        ("expect: answer.services[0]", "expect: steps.stop.arn", "not known here"),
        ("expect: answer.services[0]", "expect: preflight.service.desired", "has not been made by then"),
        (
            "expect: answer.services[0]",
            "expect: answer.services[?name == inputs.service]",
            "a filter sees only the elements",
        ),
        ("{{ scope.names.shop.cluster }}", "{{ inputs.service }}", "not known here"),
        ("{{ scope.names.shop.cluster }}", "{{ scope.nams.shop }}", "scope has only"),
        (
            "service: {title: Service, default: web}",
            "service: {title: S}\n  extra: {title: E}",
            "nothing uses this input",
        ),
        (
            "call: ecs:UpdateService\n      params: {",
            "call: ecs:UpdateServis\n      params: {",
            "no operation ecs:UpdateServis",
        ),
        (
            "read: ecs:DescribeServices\n    params",
            "read: eks:DescribeServices\n    params",
            "no operation eks:DescribeServices",
        ),
        ("desiredCount: 0}", "desiredCount: none}", "desiredCount"),
        ("desiredCount: 0}", "desireCount: 0}", "desireCount"),
        ('service: "{{ inputs.service }}", desiredCount: 0}', "desiredCount: 0}", "service"),
        (
            "read: ecs:DescribeServices\n    params",
            "read: ecs:UpdateService\n    params",
            "not on the guard's read list",
        ),
        ("effect: mutate\n    halts", "effect: read\n    halts", "a step that only reads halts nothing"),
        ("effect: mutate\n    halts", "effect: read\n    halts", "ecs:UpdateService is not on the guard's read list"),
        ("effect: read\n    post", "effect: mutate\n    post", "post_status changes nothing by itself"),
        (
            "call: ecs:UpdateService\n      params:\n",
            "call: ecs:DescribeServices\n      params:\n",
            "the step's effect must be read",
        ),
        ("id: tell", "id: stop", "stop is used twice"),
        ("id: shop/restart", "id: shop/start", "the file's place says shop/restart"),
        ("objectives: {}", "objectives: {recovered_by: [begin]}", "the plan has no step begin"),
        (STOP, "effect: destructive\n    aws:\n      repeatable: nobody minds\n", "must not be sent a second time"),
        (
            "      reconcile:\n        how: declared",
            "      repeatable: nobody minds\n      reconcile:\n        how: declared",
            "either reconcile finds out what happened, or repeatable says that it does not matter",
        ),
        ("restored_by: start", "restored_by: begin", "the plan has no step begin"),
        (", restored_by: start", "", "desired is never put back"),
        ("restored_by: start", "restored_by: stop", "step stop does not come after the halt"),
        ("{phase: done}", "{phase: over}", "there is no text for over"),
        ("{phase: done}", "{phase: over}", "no step posts the text done"),
        ("The shop is open.", "The shop is  open.", "is marked verbatim, but is not in S0:2"),
        ('source: ["S0:2"]}', 'source: ["RQ-01"]}', "must cite its lines"),
        ('source: ["S0:1"]\n', 'source: ["S0:3"]\n', "S0:3 is no line with text"),
        ('source: ["S0:1"]\n', 'source: ["S9:1"]\n', "expected a source"),
        ("deviations:\n  - {id: E-03", "deviations:\n  - {id: E-04", "E-03 is cited, but not explained"),
        ("deviations:\n  - {id: E-03", "deviations:\n  - {id: RQ-03", "RQ-03 is no correction"),
        ("deviations:\n", "may_stay_halted: [nothing]\ndeviations:\n", "no step halts nothing"),
        (
            "    effect: read\n    post_status: {phase: done}",
            "    effect: read\n    prove_halt: {table: t}",
            "no step before is marked stops_writes",
        ),
        ("    verify:\n", "    verifi:\n", "is not a field of this part; did you mean verify?"),
        ("    verify:\n", "    soak: {}\n    verify:\n", "is not a field of this part"),
        ("    aws:\n", "    awss:\n", "did you mean aws?"),
        ("    aws:\n", "    awss:\n", "an action is missing; one of: aws, wait"),
        ("      capture: {arn", "      captures: {arn", "did you mean capture?"),
        ("        how: declared", "        how: guessed", "expected 'name', 'listed' or 'declared', not 'guessed'"),
        ("until: answer.services[0].runningCount == `0`", "until: answer.services[0", "is not a JMESPath expression"),
        ('lines: "1-2"}', 'lines: "1-2, 7"}', "S0:7 is no line with text"),
        ('text: "The shop is open.", source: ["S0:2"]', 'text: Open, source: ["S0:9"]', "S0:9 is no line with text"),
        ("    verify:\n", f"    undo: {UNDO}\n    verify:\n", "how to see that it is taken back"),
        (TELL, ask("pattern: '['"), "is no regular expression"),
        (TELL, shell("[ls]", "expect_output: '('"), "is no regular expression"),
        (TELL, shell("[sh, -c, 'ls {{ inputs.service }}']"), "a value would become part of the code"),
        (TELL, shell("[sudo, /bin/bash, -lc, 'ls {{ inputs.service }}']"), "a value would become part of the code"),
        (TELL, shell('[psql, "--command=select {{ inputs.service }}"]'), "a value would become part of the code"),
        (TELL, shell("[rm, x]"), "rm changes something"),
        (TELL, shell("[pm2, --silent, restart, all]"), "pm2 restart changes something"),
        (TELL, shell("[aws, s3, sync, dist/, bucket]"), "aws s3 sync changes something"),
        (TELL, shell("[git, -C, x, checkout, v1]"), "git checkout changes something"),
    ],
)
def test_a_broken_plan_is_found_out(tmp_path, old, new, words):
    """One fault put into a sound plan is reported, on the line where it stands or where its part begins."""
    assert old in SMALL_PLAN
    text = SMALL_PLAN.replace(old, new, 1)
    found = [problem for problem in check(tmp_path, text) if words in problem.message]
    assert found, check(tmp_path, text)
    assert all(1 <= problem.line <= text.count("\n") + 1 for problem in found)


@pytest.mark.parametrize(
    "argv",
    [
        "[git, -c, versionsort.suffix=-, tag, --list]",
        "[aws, sts, get-caller-identity]",
        "[aws, s3, ls, bucket]",
        "[pm2, jlist]",
        "[terraform, plan, -input=false]",
        """[psql, -v, "name={{ inputs.service }}", --file=-]""",
        """[sh, -c, 'ls "$1"', sh, "{{ inputs.service }}"]""",
    ],
)
def test_programs_that_only_read_pass(tmp_path, argv):
    """An honest plan would be refused, and its author would say that it changes something only to be left in peace."""
    found = check(tmp_path, SMALL_PLAN.replace(TELL, shell(argv)))
    assert [problem.message for problem in found] == ["no step posts the text done"]


def test_a_mutation_nobody_could_see_is_refused(tmp_path):
    """A call without token, verify and reconcile could never be resolved after a lost answer."""
    start, end = SMALL_PLAN.index("    verify:"), SMALL_PLAN.index("  - id: start")
    found = check(tmp_path, SMALL_PLAN[:start] + SMALL_PLAN[end:])
    assert ["has no idempotency token" in problem.message for problem in found] == [True]


def test_the_documentation_s_example_passes(tmp_path):
    """Whoever copies the example of docs/writing-plans.md starts from a sound plan."""
    page = (Path(__file__).parents[2] / "docs" / "writing-plans.md").read_text()
    example = page.partition("```yaml\n")[2].partition("```")[0]
    assert check(tmp_path, example, seeds=False) == ()


def test_texts_are_compared_only_with_seeds(tmp_path):
    """Without the source documents nothing is said about their words."""
    assert check(tmp_path, SMALL_PLAN.replace("The shop is open.", "Open!"), seeds=False) == ()


def test_a_problem_stands_at_its_line(tmp_path):
    """The line of a finding is the line of the field, also under an action's own key."""
    text = SMALL_PLAN.replace("{{ run.halted.desired }}", "{{ run.halted.count }}")
    line = next(number for number, content in enumerate(text.splitlines(), 1) if "run.halted.count" in content)
    assert [(problem.line, problem.field) for problem in check(tmp_path, text)] == [
        (line, "steps[1].aws.params.desiredCount")
    ]
