"""A run in plain lines, through pipes, over a scripted AWS."""

import io
import os
import threading

import pytest

from cockpit.cli.line_mode import FINISHED, NOT_FINISHED, LineMode
from support.engine_rig import COMMANDS, CONFIRM, SCALE, TROUBLE, Rig, answer, ended, lost, make_plan, prompt_of, until

CHECK = {"id": "look", "checklist": {"items": [{"id": "seen", "text": "Seen?"}, {"id": "told", "text": "Told?"}]}}
GATE = {
    "id": "gate",
    "decide": {
        "question": "Corruption?",
        "reason": True,
        "options": [
            {"value": "yes", "label": "Yes", "consequence": "go on"},
            {"value": "no", "label": "No", "consequence": "other plan", "stops": True},
        ],
    },
}
POST = {"id": "post", "post_status": {"phase": "initial"}}


@pytest.fixture
def rig(tmp_path):
    made = Rig(tmp_path / "runs")
    made.port.changes["ecs:UpdateService"] = lambda _: {"service": {"desiredCount": 0}}
    made.port.reads["ecs:DescribeServices"] = lambda _: {"services": [{"desiredCount": 4}]}
    yield made
    made.close()


def driven(rig, plan, *lines):
    """Run a plan with these typed lines; return the exit code and what was printed."""
    shown = io.StringIO()
    code = LineMode(rig.start(plan), io.StringIO("".join(f"{line}\n" for line in lines)), shown).drive()
    return code, shown.getvalue()


def test_whole_run_through_a_pipe(rig):
    """Scripts and screen readers could not run a plan."""
    plan = make_plan(GATE, SCALE, CHECK, POST)
    lines = ("1", "bad data", "yes", "y", "nobody is up yet", "posted https://status.example")
    code, shown = driven(rig, plan, *lines)
    state = rig.run.state()
    assert code == FINISHED
    assert state.ended == "finished"
    assert state.steps["gate"].captured == {"answer": "yes", "reason": "bad data"}
    assert state.steps["look"].captured == {"left_open": {"told": "nobody is up yet"}}
    assert state.posted[0].where == "https://status.example"
    assert "aws ecs update-service --cluster shop --service worker --desired-count 0" in shown
    assert "account 123456789012" in shown
    assert "\x1b" not in shown


def test_anything_but_the_wanted_word_sends_nothing(rig):
    """A stray line would confirm a mutation."""
    code, shown = driven(rig, make_plan(SCALE), "y", "", "YES", "ok")
    assert code == NOT_FINISHED
    assert not rig.port.mutations
    assert "Type exactly yes" in shown


def test_destructive_step_wants_the_name(rig):
    """A destructive step would go ahead on "yes"."""
    code, _ = driven(rig, make_plan({**SCALE, "effect": "destructive"}), "yes", "worker")
    assert code == FINISHED
    assert len(rig.port.mutations) == 1


def test_end_of_input_leaves_the_run_to_be_resumed(rig):
    """A closed pipe would abort the run or hang."""
    code, _ = driven(rig, make_plan(SCALE))
    assert code == NOT_FINISHED
    assert rig.run.state().ended == ""
    rig.run.close()
    shown = io.StringIO()
    again = rig.resume(rig.path())
    assert LineMode(again, io.StringIO("yes\n"), shown).drive() == FINISHED


def test_asides_work_while_the_run_waits(rig):
    """During a long wait nothing could be typed."""
    wait = {"id": "hold", "wait": {"read": "ecs:DescribeServices", "until": "answer.never", "timeout": "P99D"}}
    run = rig.start(make_plan(wait))
    receiving, sending = os.pipe()
    shown = io.StringIO()
    codes = []
    with os.fdopen(receiving) as typed, os.fdopen(sending, "w", buffering=1) as keys:
        face = threading.Thread(target=lambda: codes.append(LineMode(run, typed, shown).drive()))
        face.start()
        until(lambda: run.state().now_step == "hold")
        keys.write(":note still nothing\n:state\n:what\n")
        until(lambda: ":what" in shown.getvalue())
        keys.write(":abort leave gone on too long\n")
        ended(run)
        face.join(10)
    assert codes == [NOT_FINISHED]
    assert any(entry.record.kind == "note" for entry in run.entries())
    assert "in step hold" in shown.getvalue()


def test_what_was_recorded_before_the_first_line_is_shown(rig):
    """After a crash nobody would see that a call's outcome is unknown: it is recorded before the face is up."""
    unseen = {**SCALE, "aws": {key: value for key, value in SCALE["aws"].items() if key != "reconcile"}}
    rig.port.changes["ecs:UpdateService"] = lost("the line broke")
    run = rig.start(make_plan(unseen))
    prompt_of(run, CONFIRM)
    answer(run, COMMANDS.Confirm)
    prompt_of(run, TROUBLE)
    shown = io.StringIO()
    LineMode(run, io.StringIO(""), shown).drive()
    words = " ".join(shown.getvalue().split())
    assert "UNKNOWN whether call 0 of step scale took effect - the line broke" in words
    assert "whether ecs:UpdateService took effect; sent at" in words


def test_foreign_text_cannot_reach_the_terminal_raw(rig):
    """An item's content could recolour or move the operator's cursor."""
    nasty = {**CHECK, "checklist": {"items": [{"id": "x", "text": "Seen \x1b[2J\u202e[red]?"}]}}
    _, shown = driven(rig, make_plan(nasty), "y")
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert "[red]" in shown
