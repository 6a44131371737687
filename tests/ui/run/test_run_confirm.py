"""The confirmation: seen whole, given exactly, sent once, and its outcome in view."""

import pytest
from textual.widgets import Input

from cockpit.engine import records as r
from cockpit.engine.prompts import (
    ConfirmPrompt,
)
from support.fake_run import FakeRun, on_screen, opened, press, screen_text, settled
from support.prompts_at_hand import CALL, NAME, PROMPTS, RESTORE, asking


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
