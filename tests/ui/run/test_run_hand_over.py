"""Handing a run over on the full screen: who gets it, what is said before, what is seen afterwards."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from cockpit.engine import commands as c
from cockpit.engine import records as r
from cockpit.ui.run.strip_view import strip_lines
from cockpit.ui.session import CannotRun
from support.fake_run import FakeRun, on_screen, opened, press, screen_text, settled, until_screen


@pytest.fixture(autouse=True)
def _all_ears(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cockpit.ui.dialog.DEAF_SECONDS", 0.0)


def halted() -> FakeRun:
    run = opened()
    run.finish("confirm", "tell", "suspend")
    run.write(r.HaltedValue(step="halt", name="n", what="desired count of the worker", value=4, restored_by="check"))
    run.begin("halt")
    return run


def handed_over(run: FakeRun) -> None:
    run.write(r.HandedOver(by="ann", to="Bo [red]Second[/red]"))


async def test_the_dialog_says_what_happens_and_wants_a_name() -> None:
    """Somebody would hand over without knowing that nobody drives the run until it is taken up, or to nobody."""
    run = halted()
    async with on_screen(run) as pilot:
        await press(pilot, "h")
        text = " ".join(screen_text(pilot).replace("│", " ").split())
        for words in (
            "No further step is taken here",
            "what AWS was asked to do goes on",
            f"cockpit runs resume {run.run_id} --as NAME",
            "Still halted: desired count of the worker",
            "To whom?",
        ):
            assert words in text
        await press(pilot, "enter")
        assert "Nothing was typed." in screen_text(pilot)
        await press(pilot, "escape")
        assert run.sent == []
        await press(pilot, "h", *"Bo", "enter")
        assert run.sent == [c.HandOver("Bo")]


async def test_what_was_handed_over_is_watched_with_a_mark_that_says_so() -> None:
    """The screen would look as if the run were still driven here, or show nothing more of it."""
    run, watched, asked_for = halted(), halted(), []

    def follow(folder: Path) -> FakeRun:
        asked_for.append(folder)
        assert run.why_stopped == "closed", "two would hold the run"
        handed_over(watched)
        watched.why_stopped = "Nobody drives this run now."
        return watched

    async with on_screen(run) as pilot:
        assert pilot.app.session is not None  # type: ignore[attr-defined]
        pilot.app.session = replace(pilot.app.session, follow_run=follow)  # type: ignore[attr-defined]
        await press(pilot, "escape")
        handed_over(run)
        text = await until_screen(pilot, "HANDED TO Bo [red]Second[/red]")
        assert asked_for == [run.folder]
        assert pilot.app.run_handle is watched  # type: ignore[attr-defined]
        await press(pilot, "x", "n", "s", "h")
        assert type(pilot.app.screen).__name__ == "RunScreen", "a command is offered for a run of somebody else"
        watched.write(r.DriverTookOver(operator="Bo", host="host", pid=2, why="handed over by ann to Bo"))
        watched.why_stopped = "Watching only: another process drives this run."
        watched.finish("halt")
        text = await until_screen(pilot, "Watching only")
        assert "HANDED TO" not in text
        handed_over(watched)
        await settled(pilot)
        assert asked_for == [run.folder], "what is watched already is watched a second time"


async def test_a_run_that_cannot_be_watched_is_said_so() -> None:
    """A thread would die in silence, and the screen stand still for no reason that anybody can see."""
    run = halted()

    def refuse(_folder: Path) -> FakeRun:
        raise CannotRun("The journal cannot be read.")

    async with on_screen(run) as pilot:
        pilot.app.session = replace(pilot.app.session, follow_run=refuse)  # type: ignore[attr-defined]
        handed_over(run)
        await until_screen(pilot, "The journal cannot be read.")
        await press(pilot, "escape")
        assert "HANDED TO Bo" in screen_text(pilot)


def test_a_clock_that_was_set_back_is_in_view() -> None:
    """Times that stand still would look like a run that stands still."""
    run = halted()
    run.write(r.ClockSetBack(seconds=timedelta(minutes=7).total_seconds()))
    lines = [line.plain for line in strip_lines(run.state(), run.clock.now(), 80).values()]
    assert "CLOCK SET BACK 7 min" in lines[0]
    run.write(r.ClockSetBack(seconds=0))
    assert "CLOCK" not in strip_lines(run.state(), run.clock.now(), 80)["title"].plain
