"""The run screen: what it shows, that nothing on it mutates by itself, and that the run never waits for it."""

import asyncio
import re
from dataclasses import replace
from datetime import timedelta

import pytest

from cockpit.engine import commands as c
from cockpit.engine import records as r
from cockpit.engine.prompts import ConfirmPrompt, NotifyPrompt, PlannedCall
from cockpit.model.loss_window import LossWindow, WindowEnd, WriteCount
from cockpit.ui.run.loss_view import growing, loss_line
from cockpit.ui.run.step_list import StepList
from cockpit.ui.run.strip_view import strip_lines
from cockpit.ui.run.update_due import update_due
from support.fake_run import START, FakeRun, on_screen, opened, press, screen_text, settled, small_plan

CALL = PlannedCall(
    service="ecs", operation="UpdateService", region="us-east-1", account="123456789012", params={},
    command="aws ecs update-service --desired-count 0", target="ECS service syncwell-worker",
)  # fmt: skip
LOSS = r.LossMeasured(
    start=START - timedelta(minutes=38, seconds=13), end=START - timedelta(minutes=7),
    end_basis="writes proven stopped", at_least=1204, at_most=1260, count_basis="per minute", rpo_seconds=900,
)  # fmt: skip


@pytest.fixture(autouse=True)
def _all_ears(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cockpit.ui.dialog.DEAF_SECONDS", 0.0)


def waiting() -> FakeRun:
    """Return a run that waits for the confirmation of its fourth step."""
    run = opened()
    run.finish("confirm", "tell", "suspend")
    run.write(r.HaltedValue(step="halt", name="n", what="desired count of the worker", value=4, restored_by="check"))
    run.ask("halt", ConfirmPrompt(calls=(CALL,)))
    return run


def strip_text(run: FakeRun, width: int = 80) -> str:
    return "\n".join(line.plain for line in strip_lines(run.state(), run.clock.now(), width).values())


async def test_a_step_beyond_the_hundredth_has_its_number() -> None:
    """In a long plan nobody could tell which step is meant by its number."""
    plan = small_plan()
    many = [plan.steps[1].model_copy(update={"id": f"tell_{n}", "title": f"Tell {n}"}) for n in range(1, 108)]
    run = opened(plan.model_copy(update={"steps": tuple(many)}))
    run.begin("tell_103")
    async with on_screen(run) as pilot:
        assert re.search(r"^103 ▶ now Tell 103", screen_text(pilot), re.MULTILINE)


async def test_each_state_of_a_step_is_a_word() -> None:
    """State by colour alone is invisible to some people and on some terminals."""
    run = waiting()
    async with on_screen(run) as pilot:
        await press(pilot, "escape")
        text = screen_text(pilot)
        assert "✓ Preflight" in text
        assert "◆ for you" in text
        run.write(r.Answered(step="halt", attempt=1, command="confirm"))
        run.write(r.StepEnded(step="halt", attempt=1, outcome="failed", reason="AWS said no"))
        run.begin("prove")
        run.write(r.StepEnded(step="prove", attempt=1, outcome="skipped", reason="known"))
        run.begin("point")
        await settled(pilot)
        text = screen_text(pilot)
        assert "✗ FAILED" in text
        assert "↷ skipped" in text
        assert "▶ now" in text


async def test_no_single_key_of_the_run_screen_changes_anything() -> None:
    """k9s and lazydocker lost data to single keys."""
    run = waiting()
    async with on_screen(run) as pilot:
        for key in "abcdefghijklmnoprstuvwyz0123456789.,;-+[]":
            if type(pilot.app.screen).__name__ != "RunScreen":
                await press(pilot, "escape")
            await press(pilot, key)
        assert all(isinstance(command, c.Pause | c.Resume) for command in run.sent)


async def test_readings_calls_and_times_of_the_step_in_hand_are_shown() -> None:
    """The operator must see what the step waits for without leaving the screen."""
    run = waiting()
    async with on_screen(run, size=(120, 40)) as pilot:
        await press(pilot, "escape")
        run.write(r.Answered(step="halt", attempt=1, command="confirm"))
        run.write(
            r.Intent(step="halt", attempt=1, call=0, service="ecs", operation="UpdateService", region="r", params={}),
            r.Acked(step="halt", attempt=1, call=0, request_id="req-9"),
            r.Observed(step="halt", attempt=1, what="running tasks", text="2 running, 0 wanted", ok=False),
        )
        await settled(pilot)
        text = screen_text(pilot)
        for words in ("2 running, 0 wanted", "not yet as wanted", "ACK request id req-9", "aws ecs update-service",
                      "documented 5 min", "seen: running tasks", "HALTED 1: desired count of the worker"):  # fmt: skip
            assert words in text


async def test_the_run_goes_on_while_the_operator_watches_and_comes_back() -> None:
    """Leaving the run screen must neither stop the run nor lose its prompt."""
    run = waiting()
    async with on_screen(run) as pilot:
        await press(pilot, "escape", "escape")
        assert type(pilot.app.screen).__name__ == "WatchScreen"
        run.write(r.Answered(step="halt", attempt=1, command="confirm"))
        run.write(r.StepEnded(step="halt", attempt=1, outcome="done"))
        await settled(pilot)
        assert run.sent == []
        assert run.why_stopped == ""


async def test_a_new_prompt_does_not_pop_up_over_another_screen() -> None:
    """A dialog that jumps in front of the journal takes keys meant for it."""
    run = opened()
    run.begin("confirm")
    async with on_screen(run) as pilot:
        await press(pilot, "l")
        run.write(r.StepEnded(step="confirm", attempt=1, outcome="done"))
        run.ask("halt", ConfirmPrompt(calls=(CALL,)))
        await settled(pilot)
        assert type(pilot.app.screen).__name__ == "JournalScreen"
        await press(pilot, "escape")
        assert type(pilot.app.screen).__name__ == "ConfirmDialog"


async def test_the_list_follows_a_fast_run_until_the_operator_looks_elsewhere() -> None:
    """A list that stays behind shows a step of ten minutes ago as if it were the present one."""
    run = opened()
    async with on_screen(run) as pilot:
        steps = pilot.app.screen.query_one(StepList)
        for name in ("confirm", "tell", "suspend", "halt", "prove"):
            run.finish(name)
            await asyncio.sleep(0)
        await settled(pilot)
        assert steps.current is not None
        assert steps.current.key == "prove"
        await press(pilot, "up", "up")
        run.finish("point")
        await settled(pilot)
        assert steps.current.key == "suspend"
        await press(pilot, "full_stop")
        assert steps.current.key == "point"
        run.finish("accept")
        await settled(pilot)
        assert steps.current.key == "accept"


async def test_records_that_arrive_while_a_dialog_comes_up_do_no_harm() -> None:
    """The engine does not wait for the screen: records come in the middle of mounting."""
    run = opened()
    async with on_screen(run) as pilot:
        for number in range(25):
            run.ask("halt", ConfirmPrompt(calls=(CALL,)) if number % 2 else NotifyPrompt(to="x", text="y"))
            for _ in range(number % 7):
                await asyncio.sleep(0)
            run.write(r.Answered(step="halt", attempt=1, command="x"))
            for _ in range(number % 5):
                await asyncio.sleep(0)
            run.write(r.Observed(step="halt", attempt=1, what="n", text=str(number)))
        run.write(r.StepEnded(step="halt", attempt=1, outcome="done"))
        await settled(pilot)
        assert "LOSS" in screen_text(pilot)


async def test_pause_note_and_skip_send_their_commands() -> None:
    """The engine takes commands; the screen only hands them over."""
    run = opened()
    run.begin("suspend")
    async with on_screen(run) as pilot:
        await press(pilot, "p")
        run.write(r.Paused())
        await settled(pilot)
        assert "PAUSED" in screen_text(pilot)
        await press(pilot, "p", "n", *"hi", "enter", "s", *"done", "enter")
        assert run.sent == [c.Pause(), c.Resume(), c.Note("hi"), c.Skip("suspend", 1, "done")]


async def test_a_step_that_may_not_be_skipped_is_not() -> None:
    """The plan decides what can be left out."""
    run = opened()
    run.begin("halt")
    async with on_screen(run) as pilot:
        await press(pilot, "s")
        assert type(pilot.app.screen).__name__ == "RunScreen"
        assert run.sent == []


async def test_abort_lists_what_is_halted_and_wants_a_way_and_a_reason() -> None:
    """Aborting blind leaves a service down that nobody knows about."""
    run = waiting()
    async with on_screen(run) as pilot:
        await press(pilot, "escape", "x")
        assert "STILL HALTED: desired count of the worker (was 4)" in screen_text(pilot)
        await press(pilot, "enter")
        assert type(pilot.app.screen).__name__ == "RunScreen"
        await press(pilot, "x", "tab", "enter")
        assert "Nothing is picked yet" in screen_text(pilot)
        await press(pilot, "shift+tab", "up", "enter", "enter", "enter")
        assert "A reason is wanted" in screen_text(pilot)
        assert run.sent == []
        await press(pilot, "shift+tab", "shift+tab", *"why", "enter", "enter")
        assert run.sent == [c.Abort("leave", "why")]


async def test_an_observed_run_takes_no_command() -> None:
    """An observer's pause would stop somebody else's recovery."""
    run = waiting()
    run.why_stopped = "Watching only: another process drives this run."
    async with on_screen(run) as pilot:
        await press(pilot, "escape", "p", "n", "s", "x")
        assert type(pilot.app.screen).__name__ == "RunScreen"
        assert run.sent == []
        assert "Watching only" in screen_text(pilot)


async def test_the_end_is_told_with_what_was_lost() -> None:
    """The last screen is what the incident report begins with."""
    run = opened()
    run.finish("confirm")
    run.write(LOSS, r.RunEnded(result="finished"))
    async with on_screen(run, size=(120, 40)) as pilot:
        text = screen_text(pilot)
        for words in (
            "ENDED: finished",
            "1,204 to 1,260 writes",
            "31 min 13 s",
            "nothing is left halted",
            "post-mortem",
        ):
            assert words in text


async def test_the_journal_shows_every_record_and_one_in_full() -> None:
    """What is not shown of the journal cannot be trusted."""
    run = opened()
    run.finish("confirm")
    run.write(r.NoteTaken(text="[/x] three tickets"))
    async with on_screen(run) as pilot:
        await press(pilot, "l")
        assert "note: [/x] three tickets" in screen_text(pilot)
        await press(pilot, "enter")
        assert '"text": "[/x] three tickets"' in screen_text(pilot)
        await press(pilot, "escape", "slash", *"armed")
        text = screen_text(pilot)
        assert "armed: the operator typed" in text
        assert "three tickets" not in text


async def test_nasty_strings_in_records_are_harmless() -> None:
    """One item with markup in it must not end the cockpit in the middle of a recovery."""
    run = opened(small_plan(title="Plan [/x] [red]"))
    nasty = "[/x]\x1b[2J\u202e"
    run.begin("halt")
    run.write(
        r.Observed(step="halt", attempt=1, what=nasty, text=nasty * 500),
        r.HaltedValue(step="halt", name="n", what=nasty, value=nasty, restored_by=""),
        r.NoteTaken(text=nasty),
    )
    async with on_screen(run, size=(120, 40)) as pilot:
        text = screen_text(pilot)
        assert "Plan [/x] [red]" in text
        assert "\x1b" not in text
        assert "\u202e" not in text
        await press(pilot, "x")
        assert "\u202e" not in screen_text(pilot)


@pytest.mark.parametrize("size", [(40, 8), (50, 14), (80, 24), (200, 60)])
async def test_any_window_size_works(size: tuple[int, int]) -> None:
    """A tmux pane is resized in the middle of an incident."""
    run = waiting()
    async with on_screen(run, size=size) as pilot:
        await press(pilot, "escape")
        assert "LOSS" in screen_text(pilot)
        await pilot.resize_terminal(20, 5)
        await pilot.resize_terminal(80, 24)
        await settled(pilot)
        assert "HALTED 1" in screen_text(pilot)


def test_the_loss_line_is_the_state_window() -> None:
    """The line that somebody accepts a loss by must say exactly what was measured."""
    run = opened()
    run.begin("confirm")
    run.write(LOSS)
    line = loss_line(run.state(), run.clock.now(), wide=False).plain
    assert line == "LOSS 02:41:47Z→03:13:00Z 31 min 13 s  1,204\u20131,260 writes  OVER RPO 15 min"
    assert len(line) <= 80


def test_the_loss_line_is_there_before_anything_is_measured() -> None:
    """The loss grows while nothing is decided: the line must say so from the first second."""
    run = opened()
    assert "not chosen yet; writes still going on" in strip_text(run)
    run.write(r.WritesHalted(at=START, proven=True, basis="metrics"))
    assert "not chosen yet; writes ended 03:20:00Z, proven" in strip_text(run)


def test_a_plan_that_restores_nothing_says_so() -> None:
    """Fear of data loss must not hold back a plain code rollback."""
    plan = small_plan()
    run = opened(plan.model_copy(update={"steps": plan.steps[:4]}))
    assert "LOSS none" in strip_text(run)


def test_the_window_grows_while_writes_go_on() -> None:
    """A frozen number would understate the loss."""
    window = LossWindow(START, START + timedelta(minutes=1), WindowEnd.NOW, WriteCount(1, 1, "x"))
    later = START + timedelta(minutes=5)
    assert growing(window, later).duration == timedelta(minutes=5)
    assert growing(replace(window, end_basis=WindowEnd.PROVEN_HALT), later).duration == timedelta(minutes=1)


def test_the_second_window_appears_when_writes_are_reopened() -> None:
    """After reopening, going back costs new writes: that must be in view too."""
    run = opened()
    run.write(r.WritesReopened(at=START))
    assert "going back now would lose them" in strip_text(run)


def test_the_next_status_update_falls_due() -> None:
    """Users left without a word for an hour file tickets."""
    run = opened()
    run.begin("tell")
    assert update_due(run.state()) is None
    run.write(
        r.StatusPosted(step="tell", phase="initial", basis="draft", text="x", edited=False, posted=True, where="w")
    )
    assert update_due(run.state()) == run.clock.now() + timedelta(minutes=30)
    assert "in 30 min 00 s" in strip_text(run)
    run.clock.at += timedelta(minutes=45)
    assert "UPDATE OVERDUE by 15 min 00 s" in strip_text(run)
    run.finish("tell")
    assert update_due(run.state()) is None


def test_the_risk_for_the_rto_is_never_cut_off() -> None:
    """What may be missed has to be said where the estimate finds no room."""
    run = opened()
    run.clock.at += timedelta(hours=3, minutes=59, seconds=50)
    lines = strip_text(run).splitlines()
    assert "RTO AT RISK" in lines[1]
    assert "…" not in lines[1]
    run.clock.at += timedelta(hours=1)
    assert "OVER by" in strip_text(run)
    assert "RTO AT RISK" not in strip_text(run)


def test_an_overrun_of_the_rto_is_said() -> None:
    """The objective is there to be compared with."""
    run = opened()
    assert "of 4 h, 3 h 59 min left" in strip_text(run)
    run.clock.at += timedelta(hours=5)
    assert "OVER by 1 h 00 min" in strip_text(run)


@pytest.mark.parametrize(
    ("result", "shown_by", "words"),
    [
        ("finished", [], "of 4 h: kept"),
        ("finished", ["check"], "of 4 h: not shown to be back"),
        ("aborted", [], "of 4 h: not shown to be back"),
    ],
)
def test_a_run_given_up_in_time_has_not_kept_the_rto(result: str, shown_by: list[str], words: str) -> None:
    """Whoever aborts after ten minutes would read that the service was recovered in time."""
    run = opened(small_plan(objectives={"rto": "PT4H", "recovered_by": shown_by}))
    run.write(r.RunEnded.model_validate({"result": result}))
    assert words in strip_text(run)
