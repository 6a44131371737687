"""Every kind of prompt: deaf at first, never answered by accident, answered by the right motions."""

import asyncio

import pytest

from cockpit.engine import commands as c
from cockpit.engine import records as r
from cockpit.engine.prompts import (
    ApprovePrompt,
    CheckItem,
    ChecklistPrompt,
    Choice,
    ChoicePrompt,
    ConfirmPrompt,
    Mark,
    NotifyPrompt,
    Prompt,
    StatusPrompt,
    TextPrompt,
    TroublePrompt,
)
from cockpit.ui.dialog import DEAF_SECONDS
from cockpit.ui.run.dialogs import DIALOGS
from cockpit.ui.run.prompts.confirm import ConfirmDialog
from support.fake_run import on_screen, opened, press, screen_text, settled
from support.prompts_at_hand import ANSWERS, CALL, KINDS, POINT, PROMPTS, asking


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
async def test_wrapped_words_of_an_item_hang_under_it() -> None:
    """Words that run back under the mark read as an item of their own."""
    run = opened()
    run.ask("check", ChecklistPrompt(items=(CheckItem(id="a", text="word " * 30, evidence="shown " * 30),)))
    async with on_screen(run) as pilot:
        rows = [line.strip("│") for line in screen_text(pilot).splitlines() if "word" in line or "shown" in line]
        assert len(rows) > 4
        assert {row.index(row.split("] ")[-1].split()[0]) for row in rows} == {rows[0].index("word")}


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
