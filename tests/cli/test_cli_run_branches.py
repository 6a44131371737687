"""`cockpit run` of a plan with parallel branches as a program, through pipes, against the simulated AWS."""

import re

import boto3
import pytest

from cockpit.sim.process import start_simulator
from cockpit.sim.scenario import load_scenario
from support.halting_plan import Workers
from support.line_operator import LineOperator

pytestmark = pytest.mark.simulator

SCENARIO = "syncwell-bad-release"
PLAN = """\
id: rehearsal/side-by-side
title: Two things at once
source:
  - {document: S0, title: Rehearsal, lines: "1-9"}
severity: low
trigger: {words: A rehearsal.}
expected_behaviour: Both come to their end.
objectives: {}
authorization: {words: Anybody.}
targets: [the workers]
communications: {texts: []}
steps:
  - parallel: both
    branches:
      - id: fleet
        title: Fleet
        budget: PT1H
        steps:
          - id: grown
            title: Wait until somebody has scaled the workers
            why: Only somebody else does.
            source: ["S0:1"]
            effect: read
            wait:
              read: ecs:DescribeServices
              params: {cluster: syncwell, services: [syncwell-worker]}
              until: answer.services[0].desiredCount == `7`
              every: PT5S
              timeout: PT90M
          - id: shrink
            title: Scale them down
            why: To see a call.
            source: ["S0:2"]
            effect: mutate
            aws:
              call: ecs:UpdateService
              params: {cluster: syncwell, service: syncwell-worker, desiredCount: 2}
              reconcile:
                how: declared
                read: ecs:DescribeServices
                params: {cluster: syncwell, services: [syncwell-worker]}
                done_when: answer.services[0].desiredCount == `2`
                unchanged_when: answer.services[0].desiredCount == `7`
      - id: words
        title: Words
        steps:
          - id: name
            title: Ask for a name
            why: Somebody knows it.
            source: ["S0:3"]
            effect: read
            ask: {question: Who is it?}
  - id: over
    title: Look at both
    why: They belong together.
    source: ["S0:4"]
    effect: read
    checklist: {items: [{id: both, text: Both are done}]}
"""


@pytest.fixture(scope="module")
def simulator():
    with start_simulator(SCENARIO, 240.0) as running:
        yield running


@pytest.fixture
def place(tmp_path, simulator):
    """Return a folder with the plan, and the environment variables to run it there."""
    environment = load_scenario(SCENARIO).environment
    (tmp_path / "plan.yaml").write_text(PLAN)
    (tmp_path / "cockpit.toml").write_text(
        f'[environments.rehearsal]\nkind = "demo"\naccount = "{environment.account}"\nregions = ["us-east-1"]\n'
    )
    return tmp_path, {**simulator.environ, "COCKPIT_STATE_DIR": str(tmp_path / "state")}


def said_by(place, *words, rules=()):
    folder, environ = place
    operator = LineOperator([*words], environ, folder, rules)
    assert operator.run(timeout=60) == 0, operator.tail()
    return "\n".join(operator.transcript)


def test_one_branch_is_answered_while_the_other_waits(place, simulator):
    """Through a pipe a wait of one branch would hold up the other, or nobody could tell their lines apart."""
    keys = {"aws_access_key_id": "x", "aws_secret_access_key": "x", "region_name": "us-east-1"}
    ecs = boto3.client("ecs", endpoint_url=simulator.endpoint, **keys)

    def scaled_meanwhile(_recent):
        Workers(simulator).put_back()  # and nobody scales them any more but us
        ecs.update_service(cluster="syncwell", service="syncwell-worker", desiredCount=7)
        return "Ada"

    config = ["--config", "cockpit.toml"]
    said = said_by(place, "run", "plan.yaml", *config, rules=[(r"\? Value", scaled_meanwhile)])
    assert "run ended: finished" in said
    assert "? [Words] Value" in said
    assert "? [Fleet] Type yes to send it" in said
    assert re.search(r"^ *\d+  \S+Z  \[Fleet\] INTENT ecs UpdateService", said, re.MULTILINE)
    assert said.index("[Words] Ask for a name") < said.index("[Fleet] step grown DONE")
    run_id = re.search(r"^Run (\S+):", said, re.MULTILINE)[1]
    shown = said_by(place, "runs", "show", run_id, "--journal")
    assert re.search(r"\[Fleet\] ended, .* of 1 h", shown)
    assert "[Words] step name DONE" in shown
    assert "[Words] step name DONE" in said_by(place, "runs", "follow", run_id)


def test_dry_run_says_what_runs_side_by_side(place):
    """The outline would read as if one thing came after the other."""
    said = said_by(place, "run", "plan.yaml", "--config", "cockpit.toml", "--dry-run")
    assert "==== Branch Fleet, side by side with Words" in said
    assert "documented budget: 1 h" in said
