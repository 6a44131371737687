"""Runs whose changes get no answer: looked for, never repeated blindly."""

import pytest

from cockpit.engine import commands as c
from cockpit.engine import prompts as p
from support.engine_rig import ended, prompt_of, records
from support.fault_rig import answered, creating

pytestmark = pytest.mark.simulator


def sent(run, faults, before):
    """Return the statuses with which the calls of this test reached the endpoint, and how many intents there are."""
    return faults.calls("CreateTable")[before:], len(records(run, "intent"))


@pytest.mark.parametrize("kind", ["reset", "server_error", "cut_short"])
def test_a_lost_answer_is_found_although_it_shows_late(faults, runs, table, kind):
    """What was made cannot be seen for a minute: issuing it again would make it twice, or fail over its own name."""
    before = len(faults.calls("CreateTable"))
    faults.add("invisible", "dynamodb", "CreateTable", seconds=60)
    faults.add(kind, "dynamodb", "CreateTable", takes_effect=True)
    run = runs.start([creating("make", table)])
    answered(run, p.ConfirmPrompt, c.Confirm)
    assert ended(run).ended == "finished"
    assert sent(run, faults, before) == ([200], 1)
    assert len(records(run, "call_unknown")) == 1
    assert [(found.verdict, found.by) for found in records(run, "reconciled")] == [("happened", "aws")]


def test_a_slow_call_is_looked_for_after_its_answer_was_given_up(faults, runs, table):
    """It may take effect long after it was sent: a minute from the sending would be over before it can be seen."""
    before = len(faults.calls("CreateTable"))
    faults.add("invisible", "dynamodb", "CreateTable", seconds=60)
    faults.add("reset", "dynamodb", "CreateTable", takes_effect=True, delay=1.2)
    run = runs.start([creating("make", table)])
    answered(run, p.ConfirmPrompt, c.Confirm)
    assert ended(run).ended == "finished"
    assert sent(run, faults, before) == ([200], 1)


@pytest.mark.parametrize("kind", ["reset", "server_error"])
def test_a_call_that_never_happened_is_sent_again_only_after_a_new_confirmation(faults, runs, table, kind):
    """Nobody confirmed a second call by confirming the first."""
    before = len(faults.calls("CreateTable"))
    faults.add(kind, "dynamodb", "CreateTable", count=1)
    run = runs.start([creating("make", table)])
    answered(run, p.ConfirmPrompt, c.Confirm)
    trouble = answered(run, p.TroublePrompt, c.SolveTrouble, way="retry")
    assert "did not take effect" in trouble.message
    answered(run, p.ConfirmPrompt, c.Confirm)
    assert ended(run).ended == "finished"
    statuses, intents = sent(run, faults, before)
    assert (statuses[1:], intents) == ([200], 2)
    assert [found.verdict for found in records(run, "reconciled")] == ["not_happened"]


WORDS = "nobody counts these values"
METRIC = {"Namespace": "Shop", "MetricData": [{"MetricName": "Note", "Value": 1.0}]}
REPEATABLE = {"call": "cloudwatch:PutMetricData", "params": METRIC, "repeatable": WORDS}


def test_a_repeatable_call_is_called_so_and_not_taken_for_known(faults, runs):
    """A guess would be journaled as knowledge: nobody can see whether such a call took effect, it only does no harm."""
    faults.add("reset", "cloudwatch", "PutMetricData", takes_effect=True, count=1)
    run = runs.start([{"id": "note", "effect": "mutate", "aws": REPEATABLE}])
    answered(run, p.ConfirmPrompt, c.Confirm)
    trouble = answered(run, p.TroublePrompt, c.SolveTrouble, way="retry")
    assert "Nobody knows whether the call took effect" in trouble.message
    assert WORDS in trouble.message
    answered(run, p.ConfirmPrompt, c.Confirm)
    assert ended(run).ended == "finished"
    assert [(found.verdict, found.by) for found in records(run, "reconciled")] == [("repeatable", "plan")]
    assert len(records(run, "intent")) == 2


def test_a_repeatable_call_that_is_not_repeated_stays_unknown(faults, runs):
    """A run given up then would say that the step changed nothing, although its call may have arrived."""
    faults.add("reset", "cloudwatch", "PutMetricData", takes_effect=True, count=1)
    run = runs.start([{"id": "note", "effect": "mutate", "aws": REPEATABLE}])
    answered(run, p.ConfirmPrompt, c.Confirm)
    answered(run, p.TroublePrompt, c.SolveTrouble, way="retry")
    prompt_of(run, p.ConfirmPrompt)
    run.send(c.Abort("leave", "not again"))
    assert ended(run).steps["note"].outcome == "unknown"


@pytest.mark.parametrize("kind", ["denied", "garbage"])
def test_what_cannot_be_looked_up_stays_unknown(faults, runs, table, kind):
    """A fault of the look is no answer to the question: the call would be repeated, or taken for done."""
    before = len(faults.calls("CreateTable"))
    run = runs.start([creating("make", table)])
    prompt_of(run, p.ConfirmPrompt)
    faults.add("reset", "dynamodb", "CreateTable", takes_effect=True)
    faults.add(kind, "dynamodb", "DescribeTable")
    answered(run, p.ConfirmPrompt, c.Confirm)
    trouble = prompt_of(run, p.TroublePrompt)
    assert trouble.outcome == "unknown"
    assert "retry" not in trouble.ways
    assert any("could not be read" in line for line in trouble.evidence)
    assert records(run, "reconciled") == []
    faults.clear()
    answered(run, p.TroublePrompt, c.SolveTrouble, way="reconcile")
    assert ended(run).ended == "finished"
    assert sent(run, faults, before) == ([200], 1)
