"""Plain lines of a run whose branches run side by side: each says whose it is, and how it stands against its budget."""

from datetime import timedelta

import pytest

from cockpit.engine import commands as c
from cockpit.engine import records as r
from cockpit.engine.prompts import TextPrompt
from cockpit.plans.sections import under_headings
from cockpit.report.aside import aside
from cockpit.report.branch_words import against
from cockpit.report.conversation import conversation
from cockpit.report.outline_lines import step_heading
from cockpit.report.run_lines import run_lines
from cockpit.report.state_lines import state_lines, step_lines
from support.folded import after, begins, carried_out, ends, entry_after, opened
from support.parallel import two_branches


def both_in_hand():
    """Return a run in its seventh minute: the database is waited for, the login asks."""
    state = carried_out(opened(two_branches(budget="PT3M")), "before", "database")
    state = after(state, begins("ready"), begins("login"))
    return after(state, r.Prompted(step="login", attempt=1, prompt=TextPrompt(question="Name?")))


def test_each_line_of_a_branch_bears_its_name():
    """Lines of two branches come mixed: nobody could tell what belongs together."""
    state = both_in_hand()
    seen = r.Observed(step="ready", attempt=1, what="it", text="not there", ok=False)
    assert "[Data] seen: it: not there" in run_lines(entry_after(state, seen), state)[0]
    intent = r.Intent(step="login", attempt=1, call=0, service="ecs", operation="X", region="r", params={})
    assert "[Identity] INTENT ecs X" in run_lines(entry_after(state, intent), state)[0]
    assert "[Data] ready" in " ".join(step_heading(state.plan, state.plan.step("ready")))
    assert "[" not in run_lines(entry_after(state, r.NoteTaken(text="x")), state)[0]


def test_question_names_its_branch_again_and_again():
    """Who types would not know which branch the answer is for, above all after a wrong one."""
    state = both_in_hand()
    talk = conversation(TextPrompt(question="Name?"), "login", 1, state)
    asked = next(talk)
    assert asked.lines[0] == "[Identity] login [login]:"
    assert asked.question == "[Identity] Value"
    with pytest.raises(StopIteration) as done:
        talk.send("x")
    assert done.value.value == c.Answer("login", 1, value="x")


def test_state_names_every_step_in_hand_and_each_branch_against_its_budget():
    """A wait in another branch would be forgotten, and its overrun with it."""
    text = " ".join(" ".join(state_lines(both_in_hand())).split())
    assert "in step login, attempt 1, waits for a person; 2 steps are in hand" in text
    assert "in hand: Data \u203a ready, 2 min 00 s; step ready, waits" in text
    assert "branch Data: running, 4 min 00 s of 3 min, OVER by 1 min 00 s" in text
    assert "branch Identity: running, 1 min 00 s" in text
    assert "branch Front: to come; comes after Data" in text


def test_steps_stand_under_their_branch_and_their_part():
    """A list of sixty steps tells nothing without headings."""
    plan = two_branches()
    parts = {"login": ("Open the door", "Find the key"), "tried": ("Open the door",)}
    steps = tuple(step.model_copy(update={"part": parts.get(step.id, ())}) for step in plan.steps)
    plan = plan.model_copy(update={"steps": steps})
    before, data, identity, front, last = under_headings(plan)
    assert (before.id, last.id) == ("before", "after")
    assert [heading.branch.id for heading in (data, identity, front)] == ["data", "identity", "front"]
    (door,) = identity.inside
    assert [step.id for step in door.steps] == ["login", "tried"]
    assert (door.title, door.inside[0].title) == ("Open the door", "Find the key")
    lines = [line.strip() for line in step_lines(carried_out(opened(plan), "before", "database", "ready"))]
    assert lines[1] == "[Data] ended, 3 min 00 s"
    assert lines[4:7] == ["[Identity] to come", "Open the door", "Find the key"]
    assert "  part: Open the door \u203a Find the key" in step_heading(plan, plan.step("login"))


def test_skip_names_its_step_when_several_are_in_hand():
    """`:skip` would skip whichever step happened to begin last."""
    state = both_in_hand()
    refused = aside(":skip it is there", state)
    assert isinstance(refused, str)
    assert "ready, login" in refused
    assert aside(":skip ready it is there", state) == c.Skip("ready", 1, reason="it is there")
    alone = after(state, r.Answered(step="login", attempt=1, command="Answer"), ends("login"))
    assert aside(":skip it is there", alone) == c.Skip("ready", 1, reason="it is there")


def test_time_without_a_documented_one_is_not_said_to_be_kept():
    """A time that the source does not state would be invented."""
    assert against(timedelta(minutes=5), None) == "5 min 00 s"
    assert against(timedelta(minutes=5), timedelta(minutes=5)) == "5 min 00 s of 5 min"
