"""A short plan of programs and one call between them: what dies with the cockpit, what goes on, what began twice."""

from pathlib import Path

from cockpit.engine.state import RunState
from support.halting_plan import Workers
from support.place import Place

_PLAN = """\
id: rehearsal/programs
title: Programs of its own
source:
  - {{document: S0, title: Rehearsal, lines: "1-9"}}
severity: low
trigger: {{words: A rehearsal.}}
expected_behaviour: They run.
objectives: {{rto: PT1H}}
authorization: {{words: Anybody.}}
inputs: {{}}
targets: [this machine]
communications: {{texts: []}}
steps:
  - id: look
    title: Look around
    why: A program that changes nothing may run again.
    source: ["S0:1"]
    effect: read
    shell: {{argv: [ls, .], cwd: "{folder}", timeout: PT1M, capture_output: true}}
  - id: count
    title: Count
    why: It takes its time, and leaves marks.
    source: ["S0:2"]
    effect: mutate
    stops_writes: true
    shell:
      argv: [sh, -c, "echo count >> marks; for n in 1 2 3 4 5; do echo $n; sleep 0.5; done; echo counted >> marks"]
      cwd: "{folder}"
      timeout: PT1M
  - id: stop
    title: Stop the workers
    why: A call between two programs.
    source: ["S0:3"]
    effect: mutate
    aws:
      call: ecs:UpdateService
      params: {{cluster: syncwell, service: syncwell-worker, desiredCount: 0}}
      reconcile:
        how: declared
        read: ecs:DescribeServices
        params: {{cluster: syncwell, services: [syncwell-worker]}}
        done_when: answer.services[0].desiredCount == `0`
        unchanged_when: answer.services[0].desiredCount == `4`
  - id: swap
    title: Swap
    why: It is over before anybody looks.
    source: ["S0:4"]
    effect: destructive
    shell:
      argv: [sh, -c, "echo swapped >> marks; echo done"]
      cwd: "{folder}"
      timeout: PT1M
      expect_output: done
      capture_output: true
  - id: tell
    title: Look at it
    why: Somebody has to.
    source: ["S0:5"]
    effect: read
    checklist: {{items: [{{id: seen, text: "It says {{{{ steps.swap.output }}}}"}}]}}
"""
MARKS = ["count", "counted", "swapped"]


def plan(place: Place) -> Path:
    """Write the plan into the place."""
    path = place.folder / "programs.yaml"
    path.write_text(_PLAN.format(folder=place.folder))
    return path


def world(place: Place, _state: RunState) -> None:
    """Check that every program has run once, from its beginning to its end, and the call was made."""
    marks = (place.folder / "marks").read_text().split()
    if marks != MARKS:
        raise AssertionError(f"the programs left {marks}")
    if Workers(place.simulator).now()[0] != 0:
        raise AssertionError("the workers run")
