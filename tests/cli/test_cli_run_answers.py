"""`cockpit run --answers` as a program: a run that nobody sits at."""

import os
import subprocess
import sys

import pytest
from click.testing import CliRunner

from cockpit.cli.main import main
from cockpit.sim.process import start_simulator
from support.place import Place
from support.rehearsal import ANSWERS

PLAN = "syncwell/plan-f-canary-auto-rollback"

SHORT_PLAN = """
id: shop/look
title: Look at the shop
source: [{document: S0, title: Shop operations, lines: "1-9"}]
severity: low
trigger: {words: Somebody asks.}
expected_behaviour: Nothing changes.
objectives: {}
authorization: {words: Anybody.}
inputs:
  service: {title: Service, default: worker}
targets: [nothing]
communications: {texts: []}
steps:
  - id: which
    title: Which way
    why: There are two.
    source: ["S0:1"]
    effect: read
    decide:
      question: Which way?
      options:
        - {value: left, label: Left, consequence: on}
        - {value: right, label: Right, consequence: on}
  - id: never
    title: Wait for what never comes
    why: It fails.
    source: ["S0:2"]
    effect: read
    skippable: true
    wait:
      read: ecs:ListClusters
      params: {}
      until: answer.clusterArns[0] == 'nothing'
      every: PT1S
      timeout: PT2S
  - id: right_way
    title: Only on the right
    why: It is there.
    source: ["S0:3"]
    effect: read
    when: steps.which.answer == 'right'
    ask: {question: "What is there?", default: "{{ inputs.service }}"}
  - id: agree
    title: Two agree
    why: Two see more.
    source: ["S0:4"]
    effect: read
    approve: {statement: Agreed., phrase: yes it is, second_person: true}
"""
FITTING = 'second_person: R. Second\nanswers: {never: {trouble: skip, reason: "drill {{ run.id }}"}}\n'


def bad(text, tmp_path, *, kind="drill", answers="answers.yaml"):
    """Run the short plan with these answers where nothing can be reached; return exit code and what is said."""
    (tmp_path / "look.yaml").write_text(SHORT_PLAN)
    (tmp_path / "answers.yaml").write_text(text)
    config = tmp_path / "cockpit.toml"
    config.write_text(f'[environments.here]\nkind = "{kind}"\naccount = "123456789012"\nregions = ["us-east-1"]\n')
    words = ["run", str(tmp_path / "look.yaml"), "--config", str(config), "--answers", str(tmp_path / answers)]
    result = CliRunner().invoke(main, words)
    return result.exit_code, result.output


def test_a_production_environment_is_refused_before_anything_is_read(tmp_path):
    """Nobody would sit at a run that can do harm."""
    code, said = bad("not: [sound", tmp_path, kind="production", answers="not there.yaml")
    assert (code, said.count("\n")) == (2, 1)
    assert "here is a production environment: there a person answers every prompt." in said


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("answers: {nowhere: {answer: x}}", "answers.yaml:1:11: answers.nowhere: shop/look has no step nowhere"),
        (
            "second_person: R\nanswers:\n  which: {option: up}",
            ":3:11: answers.which.option: is none of the options left",
        ),
        (
            "second_person: R\nanswers:\n  which: {at: now}",
            ":3:11: answers.which.at: answers nothing at a step with decide",
        ),
        ("answers: {}", "second_person: is missing: agree wants a second person"),
        ("inputs: {servcie: x}", "answers.yaml:1:10: inputs.servcie: shop/look has no input servcie"),
        ("plan: shop/other", "plan: these answers are for shop/other, the plan is shop/look"),
        ("answers: {which: {optoin: left}}", "did you mean option?"),
        ("answers: {preflight: {answer: x}}", "the preflight asks nothing but what to do about trouble"),
        ("answers: {never: {trouble: pray}}", "answers.never.trouble"),
    ],
    ids=lambda value: str(value).split("\n", maxsplit=1)[0][:30].replace(" ", "_"),
)
def test_answers_that_do_not_fit_the_plan_start_nothing(tmp_path, text, words):
    """A misspelt step would be found in the middle of a drill, or never."""
    code, said = bad(text, tmp_path)
    assert code == 2
    assert words in said
    assert not (tmp_path / "state").exists()


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    with start_simulator("syncwell-bad-canary", 240) as simulator:
        made = Place(tmp_path_factory.mktemp("place"), simulator, "syncwell-bad-canary")
        (made.folder / "look.yaml").write_text(SHORT_PLAN)
        yield made


def run(place, plan, answers):
    """Run a plan unattended as a program with a closed standard input; return exit code and what it said."""
    path = place.folder / "answers.yaml"
    path.write_text(answers)
    done = subprocess.run(
        [sys.executable, "-m", "cockpit", "run", plan, "--config", "cockpit.toml", "--answers", str(path)],
        cwd=place.folder,
        env={**os.environ, **place.environ},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout


@pytest.mark.simulator
def test_a_whole_plan_runs_without_a_person(place):
    """Drills and tests could not run a plan by themselves, or would not show what was asked and answered."""
    code, said = run(place, PLAN, (ANSWERS / f"{PLAN}.yaml").read_text())
    assert code == 0, said
    assert "Armed by --answers: nobody sits at this run on rehearsal." in said
    assert "TELL the on-call engineer:" in said
    assert "notify_on_call answered by Answer" in said
    assert "unattended run" in said


@pytest.mark.simulator
@pytest.mark.parametrize(
    ("answers", "code", "words"),
    [
        (FITTING, 0, "SKIPPED - drill 2"),
        ("second_person: R. Second", 1, "UNATTENDED: never: "),
        (FITTING.replace("skip", "[retry, skip]"), 0, "answered by SolveTrouble: way=retry"),
        (FITTING.replace("{never", "{right_way: {answer: x}, never"), 1, "answer for right_way was never used"),
        (FITTING.replace("{never", "{which: {option: right}, right_way: {answer: x}, never"), 0, "value=x"),
        (
            FITTING.replace("{never", "{which: {option: right}, right_way: {answer: '{{ inputs.no }}'}, never"),
            1,
            "no value",
        ),
        (FITTING.replace("{never", "{which: {abort: stop, reason: enough}, never"), 1, "enough"),
    ],
    ids=["trouble skipped", "trouble left", "trouble in turn", "unused", "used", "no value", "abort"],
)
def test_what_the_file_says_is_done_and_nothing_else(place, answers, code, words):
    """Trouble nobody foresaw would be passed over, or an answer that is never used would go unnoticed."""
    ended, said = run(place, "look.yaml", answers)
    assert (ended, words in said) == (code, True), said
