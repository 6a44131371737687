"""Giving a run up, in each of the three ways, wherever it stands."""

import pytest

from cockpit.engine import commands as c
from cockpit.engine import prompts as p
from cockpit.engine.journal_reading import JOURNAL, read_journal
from cockpit.model.effect import Outcome
from support.engine_rig import (
    CONFIRM,
    HALTS,
    TROUBLE,
    Rig,
    answer,
    ended,
    lost,
    make_plan,
    prompt_of,
    rejected,
    until,
)

LAST = {"id": "last", "checklist": {"items": [{"id": "seen", "text": "Seen?"}]}}
STOP_TABLE = {"call": "dynamodb:DeleteTable", "params": {"TableName": "Orders"}}
NEVER = {"read": "ecs:DescribeServices", "params": {"cluster": "shop"}, "until": "answer.never", "timeout": "PT1000H"}


def refused_call(rig):
    rig.port.changes["dynamodb:DeleteTable"] = rejected()


def lost_call(rig):
    rig.port.changes["dynamodb:DeleteTable"] = lost()


# Where the run stands: the step in hand, what is waited for, how the endpoint answers, whether a confirmation is sent.
PLACES = {
    "confirmation": ({"id": "now", "effect": "mutate", "aws": STOP_TABLE}, CONFIRM, None, False),
    "call refused": ({"id": "now", "effect": "mutate", "aws": STOP_TABLE}, TROUBLE, refused_call, True),
    "outcome unknown": ({"id": "now", "effect": "mutate", "aws": STOP_TABLE}, TROUBLE, lost_call, True),
    "checklist": ({**LAST, "id": "now"}, p.ChecklistPrompt, None, False),
    "question": ({"id": "now", "ask": {"question": "Name?"}}, p.TextPrompt, None, False),
    "approval": ({"id": "now", "approve": {"statement": "Sure?", "phrase": "sure"}}, p.ApprovePrompt, None, False),
    "wait": ({"id": "now", "wait": NEVER}, None, None, False),
    "proof": ({"id": "now", "effect": "mutate", "aws": STOP_TABLE, "verify": NEVER}, None, None, True),
}


@pytest.fixture
def rig(tmp_path):
    made = Rig(tmp_path / "runs")
    made.desired = 4

    def scale(params):
        made.desired = params["desiredCount"]
        return {"service": {"desiredCount": made.desired}}

    made.port.changes["ecs:UpdateService"] = scale
    made.port.reads["ecs:DescribeServices"] = lambda _: {"services": [{"desiredCount": made.desired}]}
    yield made
    made.close()


def stands_at(rig, place):
    """Bring a run that has halted something to the given place in its second step."""
    step, prompt, prepare, confirms = PLACES[place]
    if prepare is not None:
        prepare(rig)
    run = rig.start(make_plan(HALTS, step, LAST))
    prompt_of(run, CONFIRM)
    answer(run, c.Confirm)
    until(lambda: run.state().now_step == "now")
    if confirms:
        until(lambda: isinstance(run.state().prompt, CONFIRM) and run.state().now_step == "now")
        answer(run, c.Confirm)
    if prompt is not None:
        until(lambda: isinstance(run.state().prompt, prompt))
    else:
        until(lambda: run.state().steps["now"].observed)
    return run


@pytest.mark.parametrize("choice", ["leave", "stop", "undo"])
@pytest.mark.parametrize("place", PLACES)
def test_a_run_can_be_given_up_wherever_it_stands(rig, place, choice):
    """Somewhere an abort would hang, undo unasked, undo what nobody knows, or hide what is still halted."""
    run = stands_at(rig, place)
    run.send(c.Abort(choice, "wrong plan"))
    if choice == "undo":
        prompt = until(lambda: run.state().steps["scale"].undoing and run.state().prompt)
        assert prompt.calls[0].params["desiredCount"] == 4
        answer(run, c.Confirm)
    elif choice == "stop" and place in ("wait", "proof"):
        until(lambda: run.state().aborting == "stop")
        assert not run.state().ended, "stop lets the step in hand end"
        rig.port.reads["ecs:DescribeServices"] = lambda _: {"never": True}
    state = ended(run)
    assert state.ended == "aborted"
    assert "last" not in state.steps
    assert rig.desired == (4 if choice == "undo" else 0)
    halted = ["desired count"] if choice != "undo" else []
    assert [halt.what for halt in state.still_halted] == halted
    final = read_journal(rig.path() / JOURNAL)
    assert final.is_whole
    assert list(final.entries[-1].record.left_halted) == halted
    if place == "outcome unknown":
        assert state.steps["now"].outcome is Outcome.UNKNOWN
        assert state.steps["now"].undone is None
    deletions = [name for name, _ in rig.port.mutations if name == "dynamodb:DeleteTable"]
    assert len(deletions) == PLACES[place][3]
