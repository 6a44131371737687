"""Every kind of prompt: deaf at first, never answered by accident, answered by the right motions."""

import asyncio
from datetime import timedelta

import pytest
from textual.widgets import Input

from cockpit.engine import commands as c
from cockpit.engine import records as r
from cockpit.engine.prompts import (
    ApprovePrompt,
    Bucket,
    CheckItem,
    ChecklistPrompt,
    Choice,
    ChoicePrompt,
    ConfirmPrompt,
    Mark,
    NotifyPrompt,
    PlannedCall,
    Prompt,
    RestorePointPrompt,
    StatusPrompt,
    TextPrompt,
    TroublePrompt,
)
from cockpit.ui.dialog import DEAF_SECONDS
from cockpit.ui.run.dialogs import DIALOGS
from cockpit.ui.run.prompts.confirm import ConfirmDialog
from support.fake_run import START, FakeRun, on_screen, opened, press, screen_text, settled

NAME = "SyncWellMetadata"
CALL = PlannedCall(
    service="ecs", operation="UpdateService", region="us-east-1", account="123456789012",
    params={"service": "syncwell-worker", "desiredCount": 0},
    command="aws ecs update-service --service syncwell-worker --desired-count 0", target="ECS service syncwell-worker",
)  # fmt: skip
RESTORE = PlannedCall(
    service="dynamodb", operation="RestoreTableToPointInTime", region="us-east-1", account="123456789012",
    params={"SourceTableName": NAME}, command="aws dynamodb restore-table-to-point-in-time", target=f"table {NAME}",
)  # fmt: skip
POINT = RestorePointPrompt(
    table=NAME,
    earliest=START - timedelta(days=35),
    latest=START - timedelta(minutes=5),
    marks=(Mark(at=START - timedelta(minutes=30), kind="deployment", label="d-BAD started", suspect=True),),
    proposal=START - timedelta(minutes=30, seconds=1),
    buckets=(Bucket(at=START - timedelta(minutes=20), writes=3), Bucket(at=START - timedelta(minutes=19), writes=4)),
    period=1,
    basis="SyncWell/ConfigWrites",
    end=START - timedelta(minutes=10),
    end_basis="writes proven stopped",
    rpo_seconds=900,
)
PROMPTS: dict[str, tuple[str, Prompt]] = {
    "confirm": ("halt", ConfirmPrompt(calls=(CALL,), data_cost="none", time_cost="a minute", undo="set it back")),
    "typed": ("restore", ConfirmPrompt(calls=(RESTORE,), point_of_no_return=True, type_this=NAME)),
    "choice": (
        "confirm",
        ChoicePrompt(
            question="Is it corruption?",
            choices=(
                Choice(value="no", label="No", refused="evidence says otherwise"),
                Choice(value="yes", label="Yes", consequence="goes on"),
            ),
            recommended=1,
            because="the log says so",
        ),
    ),
    "text": ("tell", TextPrompt(question="How many tickets?", offered="12", pattern="[0-9]+")),
    "checklist": (
        "check",
        ChecklistPrompt(items=(CheckItem(id="a", text="A", evidence="1"), CheckItem(id="b", text="B"))),
    ),
    "approve": ("accept", ApprovePrompt(statement="Lose it?", phrase="lose 7", second_person=True, accepts_loss=True)),
    "restore_point": ("point", POINT),
    "status": ("tell", StatusPrompt(phase="initial", title="Initial", basis="draft", text="Maintenance.")),
    "notify": ("tell", NotifyPrompt(to="Support", text="Expect tickets.")),
    "trouble": (
        "halt",
        TroublePrompt(
            outcome="unknown",
            message="No answer.",
            evidence=("INTENT written",),
            ways=("reconcile", "happened", "abort"),
        ),
    ),
}
ANSWERS: dict[str, tuple[tuple[str, ...], c.Command]] = {
    "confirm": (("c",), c.Confirm("halt", 1)),
    "typed": ((*NAME, "enter"), c.Confirm("restore", 1, typed=NAME)),
    "choice": (("down", "enter", "enter"), c.Answer("confirm", 1, value="yes")),
    "text": (("shift+tab", "shift+tab", "enter"), c.Answer("tell", 1, value="12")),
    "checklist": (
        ("down", "space", "down", "o", *"late", "enter", "enter"),
        c.TickOff("check", 1, {"a": True, "b": "late"}),
    ),
    "approve": (
        (*"lose", "space", "7", "enter", *"bob", "enter"),
        c.Approve("accept", 1, typed="lose 7", second_person="bob"),
    ),
    "restore_point": (
        ("left", "enter", "c"),
        c.ChooseRestorePoint("point", 1, START - timedelta(minutes=30, seconds=2)),
    ),
    "status": ((*"page", "enter", "enter"), c.PostStatus("tell", 1, "Maintenance.", True, "page")),
    "notify": ((*"chat", "enter"), c.Answer("tell", 1, value="chat")),
    "trouble": (
        ("down", "down", "enter", *"seen", "enter", "enter"),
        c.SolveTrouble("halt", 1, "happened", "seen"),
    ),
}
KINDS = tuple(PROMPTS)


@pytest.fixture
def all_ears(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the deaf half second away: it has its own test."""
    monkeypatch.setattr("cockpit.ui.dialog.DEAF_SECONDS", 0.0)


def asking(kind: str) -> FakeRun:
    run = opened()
    run.ask(*PROMPTS[kind])
    return run


def test_every_kind_of_prompt_has_a_dialog_and_a_case_here() -> None:
    """A prompt without a dialog would stop the run for good."""
    kinds = {entry.__annotations__["kind"].__args__[0] for entry in Prompt.__args__[0].__args__}
    assert set(DIALOGS) == kinds
    assert {prompt.kind for _, prompt in PROMPTS.values()} == kinds


@pytest.mark.parametrize("kind", KINDS)
async def test_keys_do_nothing_in_the_first_half_second(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key meant for the screen below must not answer a prompt that has just come up, nor close it."""
    assert DEAF_SECONDS == 0.5
    monkeypatch.setattr("cockpit.ui.dialog.DEAF_SECONDS", 60.0)  # however slow the machine is
    run = asking(kind)
    async with on_screen(run) as pilot:
        dialog = pilot.app.screen
        for key in ("c", "enter", "space", "y", "escape", "down", "enter"):
            await pilot.press(key)
        assert run.sent == []
        assert pilot.app.screen is dialog
        assert isinstance(dialog, DIALOGS[run.state().prompt.kind])


@pytest.mark.usefixtures("all_ears")
@pytest.mark.parametrize("kind", KINDS)
async def test_enter_on_the_default_answers_nothing(kind: str) -> None:
    """Enter, Enter, Enter by habit would mutate, or accept a loss."""
    run = asking(kind)
    async with on_screen(run) as pilot:
        await press(pilot, "enter")
        assert run.sent == []
        await press(pilot, "enter")
        assert run.sent == []


@pytest.mark.usefixtures("all_ears")
@pytest.mark.parametrize("kind", KINDS)
async def test_the_right_motions_send_the_right_command(kind: str) -> None:
    """A prompt that cannot be answered from the keyboard at 80x24 stops the recovery."""
    run = asking(kind)
    keys, expected = ANSWERS[kind]
    async with on_screen(run) as pilot:
        await press(pilot, *keys)
        assert run.sent == [expected], screen_text(pilot)


@pytest.mark.usefixtures("all_ears")
@pytest.mark.parametrize("kind", KINDS)
async def test_an_answered_prompt_goes_away_and_the_run_screen_is_back(kind: str) -> None:
    """A dialog that stays after its question is answered hides the run."""
    run = asking(kind)
    step = PROMPTS[kind][0]
    async with on_screen(run) as pilot:
        run.write(r.Answered(step=step, attempt=1, command="x"), r.StepEnded(step=step, attempt=1, outcome="done"))
        await settled(pilot)
        if kind in {"confirm", "typed"}:  # its good end is shown for a moment
            await asyncio.sleep(1.7)
            await settled(pilot)
        assert type(pilot.app.screen).__name__ == "RunScreen"


@pytest.mark.usefixtures("all_ears")
@pytest.mark.parametrize("kind", KINDS)
async def test_esc_closes_without_answer_and_enter_opens_again(kind: str) -> None:
    """An operator who wants to look at the run first must neither lose nor answer the question."""
    run = asking(kind)
    async with on_screen(run) as pilot:
        dialog = type(pilot.app.screen)
        await press(pilot, "escape")
        assert type(pilot.app.screen).__name__ == "RunScreen"
        assert run.sent == []
        await press(pilot, "enter")
        assert type(pilot.app.screen) is dialog


@pytest.mark.usefixtures("all_ears")
@pytest.mark.parametrize("kind", KINDS)
async def test_an_observer_sees_the_prompt_and_cannot_answer(kind: str) -> None:
    """Two people answering one prompt would be worse than one."""
    run = asking(kind)
    run.why_stopped = "Watching only: another process drives this run."
    async with on_screen(run) as pilot:
        assert "NOT ANSWERABLE HERE" in screen_text(pilot) or kind == "restore_point"
        await press(pilot, *ANSWERS[kind][0])
        assert run.sent == []


@pytest.mark.usefixtures("all_ears")
@pytest.mark.parametrize("kind", KINDS)
async def test_time_and_data_loss_stay_in_view(kind: str) -> None:
    """A dialog that hides the data-loss window hides what is being decided about."""
    async with on_screen(asking(kind)) as pilot:
        lines = screen_text(pilot).splitlines()
        assert any(line.startswith("RTO") for line in lines[:6])
        assert any(line.startswith("LOSS") for line in lines[:6])


@pytest.mark.usefixtures("all_ears")
async def test_a_destructive_step_wants_the_exact_name() -> None:
    """A near miss must not be good enough."""
    run = asking("typed")
    async with on_screen(run) as pilot:
        await press(pilot, *NAME[:-1], "enter")
        assert run.sent == []
        assert "type exactly" in screen_text(pilot)
        await press(pilot, "x", "enter")
        assert run.sent == []


@pytest.mark.usefixtures("all_ears")
async def test_wrapped_words_of_an_item_hang_under_it() -> None:
    """Words that run back under the mark read as an item of their own."""
    run = opened()
    run.ask("check", ChecklistPrompt(items=(CheckItem(id="a", text="word " * 30, evidence="shown " * 30),)))
    async with on_screen(run) as pilot:
        rows = [line.strip("│") for line in screen_text(pilot).splitlines() if "word" in line or "shown" in line]
        assert len(rows) > 4
        assert {row.index(row.split("] ")[-1].split()[0]) for row in rows} == {rows[0].index("word")}


@pytest.mark.usefixtures("all_ears")
async def test_an_empty_field_can_be_seen_while_it_has_the_focus() -> None:
    """Nobody types where nothing looks like a field."""
    async with on_screen(asking("typed")) as pilot:
        await press(pilot, "shift+tab")
        field = pilot.app.screen.query_one("#confirm-type", Input)
        assert field.has_focus
        painted = field.render_line(0)
        assert painted.cell_length >= field.size.width
        assert all(segment.style is not None and segment.style.underline for segment in painted)


@pytest.mark.usefixtures("all_ears")
async def test_a_long_name_is_seen_whole_while_it_is_typed() -> None:
    """Of a name that scrolls away under its label nobody sees what was typed."""
    name = "a-table-with-a-name-of-fifty-letters-or-rather-more"
    run = opened()
    run.ask("restore", ConfirmPrompt(calls=(RESTORE,), type_this=name))
    async with on_screen(run) as pilot:
        await press(pilot, *name)
        assert screen_text(pilot).count(name) == 2


@pytest.mark.usefixtures("all_ears")
async def test_no_single_key_confirms_a_destructive_step() -> None:
    """The key that confirms an undoable step must be a letter of the name here."""
    run = asking("typed")
    async with on_screen(run) as pilot:
        await press(pilot, "c")
        assert run.sent == []


@pytest.mark.usefixtures("all_ears")
async def test_the_confirmation_names_target_place_call_and_cost() -> None:
    """Confirming blind is what the dialog exists to prevent."""
    async with on_screen(asking("confirm")) as pilot:
        text = " ".join(screen_text(pilot).split())
        for words in ("PRODUCTION prod", "123456789012", "us-east-1", "ECS service syncwell-worker", "UpdateService",
                      "aws ecs update-service", "data: none", "time: a minute", "undo: set it back"):  # fmt: skip
            assert words in text


def sent(run: FakeRun, *ends: r.Record) -> None:
    run.write(
        r.Answered(step="halt", attempt=1, command="confirm"),
        r.Intent(
            step="halt", attempt=1, call=0, service="ecs", operation="UpdateService", region="us-east-1", params={}
        ),
        *ends,
    )


@pytest.mark.usefixtures("all_ears")
async def test_the_confirmation_stays_until_the_answer_and_shows_it() -> None:
    """A dialog that closes on the key leaves the operator guessing whether anything happened."""
    run = asking("confirm")
    async with on_screen(run) as pilot:
        await press(pilot, "c")
        sent(run)
        await settled(pilot)
        assert "no answer yet" in screen_text(pilot)
        run.write(r.Acked(step="halt", attempt=1, call=0, request_id="req-42"))
        await settled(pilot)
        assert "ACK request id req-42" in screen_text(pilot)


@pytest.mark.usefixtures("all_ears")
@pytest.mark.parametrize("at_once", [True, False])
async def test_the_answer_is_in_view_below_a_long_call(at_once: bool) -> None:
    """Of a call with many parameters the operator would not see what became of it."""
    run = opened()
    run.ask("halt", ConfirmPrompt(calls=(CALL.model_copy(update={"command": "aws ecs " + "--many words " * 150}),)))
    async with on_screen(run) as pilot:
        assert "on PRODUCTION prod" in screen_text(pilot)
        await press(pilot, "c")
        acked = r.Acked(step="halt", attempt=1, call=0, request_id="req-42")
        if at_once:
            sent(run, acked)
        else:
            sent(run)
            await settled(pilot)
            run.write(acked)
        await settled(pilot)
        assert "ACK request id req-42" in screen_text(pilot)


@pytest.mark.usefixtures("all_ears")
async def test_an_unknown_outcome_is_never_called_failed() -> None:
    """Calling an unknown outcome failed invites a second restore."""
    run = asking("confirm")
    async with on_screen(run) as pilot:
        await press(pilot, "c")
        sent(run, r.CallUnknown(step="halt", attempt=1, call=0, evidence=("connection reset",)))
        await settled(pilot)
        text = screen_text(pilot)
        assert "UNKNOWN" in text
        assert "FAILED" not in text
        assert "connection reset" in text
        run.ask("halt", PROMPTS["trouble"][1])
        await settled(pilot)
        text = screen_text(pilot)
        assert "UNKNOWN OUTCOME" in text
        assert "FAILED" not in text


@pytest.mark.usefixtures("all_ears")
async def test_a_confirmation_is_sent_once() -> None:
    """A bouncing key must not confirm the next attempt as well."""
    run = asking("confirm")
    async with on_screen(run) as pilot:
        await press(pilot, "c", "c", "c")
        assert len(run.sent) == 1


@pytest.mark.usefixtures("all_ears")
async def test_a_refusal_is_shown_and_the_prompt_can_be_answered_again() -> None:
    """A refused answer without words looks like a dead keyboard."""
    run = asking("confirm")
    async with on_screen(run) as pilot:
        await press(pilot, "c")
        run.write(r.Refused(step="halt", attempt=1, command="confirm", why="the permit has run out"))
        await settled(pilot)
        assert "the permit has run out" in screen_text(pilot)
        await press(pilot, "c")
        assert len(run.sent) == 2


@pytest.mark.usefixtures("all_ears")
async def test_a_refused_choice_cannot_be_picked() -> None:
    """A candidate that was ruled out stays visible, with the reason, and out of reach."""
    run = asking("choice")
    async with on_screen(run) as pilot:
        assert "not possible: evidence says otherwise" in screen_text(pilot)
        await press(pilot, "down", "up", "up", "enter", "enter")
        assert all(command.value != "no" for command in run.sent if isinstance(command, c.Answer))


@pytest.mark.usefixtures("all_ears")
async def test_a_status_text_with_gaps_is_not_marked_as_posted() -> None:
    """Nobody should have posted a text that says it does not know."""
    run = opened()
    text = "Lost from [steps.point.answer: not yet known]."
    run.ask("tell", StatusPrompt(phase="final", title="Final", basis="draft", text=text))
    async with on_screen(run) as pilot:
        assert "DRAFT" in screen_text(pilot)
        assert "1 not measured yet" in screen_text(pilot)
        await press(pilot, *"page", "enter", "enter")
        assert run.sent == []


@pytest.mark.usefixtures("all_ears")
async def test_the_second_person_must_be_another() -> None:
    """One person with two names is one person."""
    run = asking("approve")
    async with on_screen(run) as pilot:
        await press(pilot, *"lose", "space", "7", "enter", *"Ann", "enter")
        assert run.sent == []
        assert "somebody else" in screen_text(pilot)


NASTY = {
    "markup": "[/x] oops [red]",
    "escapes": "\x1b]0;owned\x07\x1b[2J",
    "reversed": "\u202egnp.exe",
    "wide": "日本語" * 40,
    "long": "a" * 10_000,
    "click": "[@click=quit]x[/]",
}


@pytest.mark.usefixtures("all_ears")
@pytest.mark.parametrize("nasty", NASTY.values(), ids=NASTY)
async def test_nasty_strings_are_harmless_in_every_prompt(nasty: str) -> None:
    """Markup or escapes from AWS must not crash, repaint or hide anything."""
    call = CALL.model_copy(update={"params": {"x": nasty}, "command": f"aws x {nasty}", "target": nasty})
    prompts: list[tuple[str, Prompt]] = [
        ("halt", ConfirmPrompt(calls=(call,), notes=(nasty,), data_cost=nasty, undo=nasty)),
        ("halt", ChoicePrompt(question=nasty, choices=(Choice(value=1, label=nasty),), because=nasty)),
        ("halt", TextPrompt(question=nasty, offered=nasty)),
        ("halt", ChecklistPrompt(items=(CheckItem(id="a", text=nasty, evidence=nasty),))),
        ("halt", ApprovePrompt(statement=nasty, phrase="p", accepts_loss=True)),
        ("halt", StatusPrompt(phase="p", title=nasty, basis="draft", text=nasty)),
        ("halt", NotifyPrompt(to=nasty, text=nasty)),
        ("halt", TroublePrompt(outcome="failed", message=nasty, remedy=nasty, evidence=(nasty,), ways=("retry",))),
        ("halt", POINT.model_copy(update={"table": nasty, "gaps": (nasty,), "basis": nasty,
                                          "marks": (Mark(at=POINT.latest, kind="alarm", label=nasty),)})),
    ]  # fmt: skip
    run = opened()
    async with on_screen(run) as pilot:
        for step, prompt in prompts:
            run.ask(step, prompt)
            run.write(r.Observed(step=step, attempt=1, what=nasty, text=nasty))
            await settled(pilot)
            assert type(pilot.app.screen) is DIALOGS[prompt.kind]
            shown = screen_text(pilot)
            assert "\x1b" not in shown
            assert "\u202e" not in shown
            run.write(r.Answered(step=step, attempt=1, command="x"))
            await settled(pilot)
            if type(pilot.app.screen) is ConfirmDialog:  # it stays to show what became of its calls
                await press(pilot, "escape")
