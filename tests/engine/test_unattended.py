"""An operator who is not there: prompts answered from a file, also of branches side by side and after a crash."""

import pytest

from cockpit.engine import commands as c
from cockpit.engine import prompts as p
from cockpit.engine.answers import Answers
from cockpit.engine.unattended import NothingHappens, Unattended
from support.engine_rig import make_plan, prompt_of, records
from support.parallel import look, service_rig, two_branches

GATE = {
    "id": "gate",
    "decide": {
        "question": "Which?",
        "options": [
            {"value": "one", "label": "One", "consequence": "on"},
            {"value": "two", "label": "Two", "consequence": "on"},
        ],
    },
}
NAMED = {"id": "named", "ask": {"question": "Name?", "pattern": "[a-z]+", "default": "{{ inputs.table }}"}}


@pytest.fixture
def rig(tmp_path):
    made = service_rig(tmp_path / "runs")
    yield made
    made.close()


def attended(run, **answers):
    """Answer a run to its end; return its state, and who answered."""
    operator = Unattended(run, Answers.model_validate({"answers": answers}))
    return operator.attend(patience=20), operator


def test_branches_side_by_side_are_answered_one_after_the_other(rig):
    """A drill of a whole recovery would stop at the first question of a second branch."""
    state, operator = attended(rig.start(two_branches()))
    assert (state.ended, operator.troubles) == ("finished", [])


def test_answers_may_look_at_the_run(rig):
    """An answer could only be what was known before the run began."""
    run = rig.start(make_plan(GATE, NAMED), table="Items")
    state, operator = attended(run, gate={"option": "two"}, named={"answer": "{{ steps.gate.answer }}"})
    assert (state.ended, operator.unused()) == ("finished", ())
    assert state.steps["named"].captured["answer"] == "two"


def test_an_answer_that_the_engine_refuses_ends_the_run(rig):
    """A drill would hang at a prompt that nobody answers any more."""
    state, operator = attended(rig.start(make_plan(NAMED)), named={"answer": "NOT 1"})
    assert state.ended == "aborted"
    assert operator.troubles == ["named: the answer was refused: The answer must look like [a-z]+"]


def test_what_was_answered_before_a_crash_counts_as_used(rig):
    """A run that was killed and taken up could not be told from one with the wrong answers."""
    plan = make_plan(GATE, look("after"))
    run = rig.start(plan)
    prompt_of(run, p.ChoicePrompt)
    run.send(c.Answer("gate", 1, value="two"))
    prompt_of(run, p.ChecklistPrompt)
    run.send(c.Pause())
    run.close()
    state, operator = attended(rig.resume(rig.path()), gate={"option": "two"}, after={"items": {"seen": "no light"}})
    assert (state.ended, operator.unused()) == ("finished", ())
    assert records(rig.run, "resumed"), "nobody else would go on after a pause"
    assert state.steps["after"].captured == {"left_open": {"seen": "no light"}}


def test_a_run_that_does_not_move_is_not_waited_for_for_ever(rig):
    """A test of a plan that hangs would hang too."""
    never = {"read": "ecs:DescribeServices", "params": {"services": ["a"]}, "until": "`false`", "timeout": "P900D"}
    with pytest.raises(NothingHappens, match="Nothing has happened at step still"):
        Unattended(rig.start(make_plan({"id": "still", "wait": never})), Answers()).attend(patience=0.5)
