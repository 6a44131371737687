"""The operator at the screen: the keys it presses give the command that was meant, whatever is asked."""

import sys
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from cockpit.engine import commands as c
from cockpit.engine import prompts as p
from support.dialog_booth import STEP
from support.fake_run import START
from support.screen_keys import press_keys
from support.screen_operator import DEAF
from support.terminal import Terminal

pytestmark = pytest.mark.terminal

CALL = p.PlannedCall(
    service="ecs", operation="UpdateService", region="us-east-1", account="123456789012",
    params={"cluster": "c"}, command="aws ecs update-service", target="the service",
)  # fmt: skip
LONG = "words that take more than one line of a terminal of eighty columns, so that they are wrapped: "
CHOICES = tuple(p.Choice(value=name, label=LONG + name, refused="no" if name == "b" else "") for name in "abcd")
POINT = p.RestorePointPrompt(
    table="T", earliest=START - timedelta(days=1), latest=START - timedelta(minutes=5),
    proposal=START - timedelta(minutes=30), end=START, end_basis="writes proven stopped",
)  # fmt: skip
ITEMS = tuple(p.CheckItem(id=name, text=LONG + name, evidence="evidence " * 20) for name in "abcd")
# What the dialog shows in its first lines, the question, and the command that is meant.
CASES: tuple[tuple[str, p.Prompt, c.Command], ...] = (
    ("Check", p.ChecklistPrompt(items=ITEMS), c.TickOff(STEP, 1, {"a": True, "b": "not yet", "c": True, "d": "nor"})),
    (
        "Choose",
        p.ChoicePrompt(question="Which?", choices=CHOICES, recommended=0, reason_wanted=True),
        c.Answer(STEP, 1, value="d", reason="the last"),
    ),
    ("Type a value", p.TextPrompt(question="How many?", offered="12"), c.Answer(STEP, 1, value="345")),
    ("Confirm what", p.ConfirmPrompt(calls=(CALL,), type_this="a b c"), c.Confirm(STEP, 1, typed="a b c")),
    ("Approve", p.ApprovePrompt(statement="Lose it?", phrase="go 7", second_person=True),
     c.Approve(STEP, 1, typed="go 7", second_person="Bo")),
    ("Restore point", POINT, c.ChooseRestorePoint(STEP, 1, START - timedelta(hours=2, seconds=7))),
    (
        "Status text",
        p.StatusPrompt(phase="initial", title="Initial", basis="draft", text="As it was.\nAnd more."),
        c.PostStatus(STEP, 1, text="Other.\nWords.", posted=False, where="is down"),
    ),
    ("Tell somebody", p.NotifyPrompt(to="Support", text="Expect tickets."), c.Answer(STEP, 1, value="by chat")),
    (
        "FAILED",
        p.TroublePrompt(outcome="failed", message="No.", ways=("retry", "skip", "abort")),
        c.SolveTrouble(STEP, 1, way="skip", reason="done"),
    ),
    ("Choose", p.ChoicePrompt(question="Again?", choices=CHOICES), c.Abort("undo", reason="no")),
)  # fmt: skip


def test_the_keys_for_every_kind_of_question_give_the_command_that_was_meant(tmp_path):
    """A walk through a plan, or a drill, would answer something else than its file of answers says."""
    questions, answers = tmp_path / "questions.json", tmp_path / "answers"
    questions.write_bytes(TypeAdapter(list[p.Prompt]).dump_json([prompt for _, prompt, _ in CASES]))
    argv = [sys.executable, "-m", "support.dialog_booth", str(questions), str(answers)]
    with Terminal(argv, {"PYTHONPATH": str(Path(__file__).parents[1])}) as terminal:
        for number, (shown, prompt, command) in enumerate(CASES, 1):
            terminal.wait(lambda text, shown=shown: shown in text and "[ Cancel ]" in text)
            terminal.settle(DEAF)
            press_keys(terminal, prompt, command)
            terminal.wait(
                lambda _text, number=number: answers.exists() and len(answers.read_text().splitlines()) >= number
            )
            assert answers.read_text().splitlines()[-1] == repr(command)
        assert terminal.exit_code() == 0
