"""Conversations: what is typed becomes a command that fits its prompt, or is asked again."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.engine import commands as c
from cockpit.engine import prompts as p
from cockpit.engine.admission import refusal
from cockpit.engine.state import RunState
from cockpit.model.loss_window import WindowEnd
from cockpit.model.scope import EnvironmentKind, Scope
from cockpit.report.aside import aside
from cockpit.report.conversation import Question, conversation
from support.engine_rig import SCALE, make_plan

NOON = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
STATE = RunState(
    run_id="run",
    plan=make_plan(SCALE),
    plan_digest="",
    mode="live",
    scope=Scope("drill", EnvironmentKind.DRILL, "123456789012", "us-east-1", "arn"),
    operator="ada",
    opened_at=NOON,
    last_at=NOON,
    last_seq=0,
)
CALL = p.PlannedCall(
    service="ecs",
    operation="DeleteService",
    region="us-east-1",
    account="123456789012",
    params={},
    command="aws",
    target="w",
)
PROMPTS = [
    p.ConfirmPrompt(calls=(CALL,)),
    p.ConfirmPrompt(calls=(CALL,), type_this="worker"),
    p.ChoicePrompt(
        question="Which?",
        choices=(p.Choice(value="a", label="A"), p.Choice(value="b", label="B", refused="too old")),
        reason_wanted=True,
    ),
    p.TextPrompt(question="Name?", offered="x"),
    p.ChecklistPrompt(items=(p.CheckItem(id="one", text="One"), p.CheckItem(id="two", text="Two", evidence="seen"))),
    p.RestorePointPrompt(
        table="Orders",
        earliest=NOON - timedelta(days=1),
        latest=NOON,
        proposal=NOON - timedelta(hours=1),
        end=NOON,
        end_basis=WindowEnd.NOW.value,
        basis="counted",
        buckets=(p.Bucket(at=NOON - timedelta(minutes=1), writes=7, period=60),),
    ),
    p.StatusPrompt(phase="initial", title="Down", basis="draft", text="We are down."),
    p.NotifyPrompt(to="lead", text="Come."),
    p.TroublePrompt(outcome="unknown", message="lost", ways=("reconcile", "happened", "not_happened", "abort")),
]


def talk(prompt, *lines):
    """Return the command that these lines give, or the last question if they do not suffice."""
    going = conversation(prompt, "step", 3, STATE)
    question = next(going)
    for line in lines:
        try:
            question = going.send(line)
        except StopIteration as done:
            return done.value
    return question


@given(st.sampled_from(PROMPTS), st.lists(st.text(max_size=12), max_size=12))
def test_random_lines_never_confirm_and_never_give_a_command_of_another_kind(prompt, lines):
    """Noise on the line would confirm a mutation or end in a command that nobody asked for."""
    result = talk(prompt, *lines)
    if isinstance(result, Question):
        return
    assert not refusal(prompt, result, "ada").startswith("This step waits")
    assert (result.step, result.attempt) == ("step", 3)
    if isinstance(prompt, p.ConfirmPrompt):
        assert (prompt.type_this or "yes") in lines


@pytest.mark.parametrize(
    ("number", "lines", "command"),
    [
        (0, ("yes",), c.Confirm("step", 3)),
        (1, ("yes", "Worker", "worker"), c.Confirm("step", 3, typed="worker")),
        (2, ("2", "9", "1", "", "because"), c.Answer("step", 3, value="a", reason="because")),
        (3, ("",), c.Answer("step", 3, value="x")),
        (4, ("y", "", "nobody there"), c.TickOff("step", 3, items={"one": True, "two": "nobody there"})),
        (
            5,
            ("yesterday", "2020-01-01 00:00:00", "p", "no", "2026-01-31 11:59:00", "yes"),
            c.ChooseRestorePoint("step", 3, moment=NOON - timedelta(minutes=1)),
        ),
        (6, ("posted https://x",), c.PostStatus("step", 3, text="We are down.", where="https://x")),
        (6, ("edit", "Down,", "sorry.", ".", "posted"), c.PostStatus("step", 3, text="Down,\nsorry.")),
        (6, ("not", "not now", "x"), c.PostStatus("step", 3, text="We are down.", posted=False, where="now")),
        (7, ("", "phoned"), c.Answer("step", 3, value="phoned")),
        (8, ("retry", "happened seen in the console"), c.SolveTrouble("step", 3, "happened", "seen in the console")),
    ],
)
def test_lines_become_the_command(number, lines, command):
    """What is typed would not become what was meant."""
    assert talk(PROMPTS[number], *lines) == command
    assert refusal(PROMPTS[number], command, "ada") == ""


def test_restore_point_shows_what_is_lost_before_it_is_chosen():
    """The operator would choose a second without seeing its price."""
    question = talk(PROMPTS[5], "p")
    assert isinstance(question, Question)
    shown = "\n".join(question.lines)
    assert "1 h 00 min" in shown
    assert "7 writes" in shown


def test_asides():
    """A command typed at any time would be misread as an answer."""
    assert aside(":note hello", STATE) == c.Note("hello")
    assert aside(":abort undo wrong plan", STATE) == c.Abort("undo", "wrong plan")
    assert "Say how" in str(aside(":abort", STATE))
    assert "no command" in str(aside(":delete", STATE))
