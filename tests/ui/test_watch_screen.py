"""The watch screen: what it shows, how it fails, how small it can get."""

from datetime import timedelta

import pytest
from textual.pilot import Pilot

from cockpit.feeds.snapshot import Snapshot
from cockpit.model.alarm import Alarm, AlarmState
from cockpit.model.reading import Fault, FaultKind, Freshness, Reading
from cockpit.model.text import clean
from cockpit.ui.app import CockpitApp
from cockpit.ui.session import CockpitSession
from cockpit.ui.watch.view import health_of
from support.fake_hub import NOW, REGION, StandingClock, TalkingHub, make_alarms, make_deployments

EXPIRED = Fault(FaultKind.CREDENTIALS, "The SSO session has expired", "aws sso login --profile prod", "ExpiredToken")
NASTY = (
    "[/foo] [red]x",
    "a\x1b[2Jb",
    "x" * 300,
    "\u202eevil",
    "警報" * 40,
    "",
    "[@click=app.quit]q[/]",
    "tab\tnew\nline",
)


def screen_text(app: CockpitApp) -> str:
    """Return what stands on the screen, line by line."""
    width, height = app.size
    lines = app.screen._compositor.render_strips()
    return "\n".join(strip.text for strip in lines[:height])[: (width + 1) * height]


async def settled(pilot: Pilot[int]) -> str:
    """Let everything that is due happen, and return the screen."""
    for _ in range(4):
        await pilot.pause()
    assert isinstance(pilot.app, CockpitApp)
    return screen_text(pilot.app)


async def test_first_look_names_place_state_and_what_fires(session: CockpitSession) -> None:
    """At 80x24 one sees where one is, that nothing can be changed, every pane, and the firing alarm first."""
    app = CockpitApp(session)
    async with app.run_test(size=(80, 24)) as pilot:
        text = await settled(pilot)
    lines = text.splitlines()
    assert lines[0].startswith("▲ PRODUCTION prod  123456789012 us-east-1")
    assert "READ-ONLY" in lines[0]
    assert lines[0].rstrip().endswith("03:04:05Z")
    assert "2 firing, 1 without data, 4 in all" in lines[1]
    assert "▲ ALARM" in lines[3]
    assert "syncwell-worker-errors" in lines[3]
    assert "new 10 %" in text
    assert "11 min so far, AWS: 20 min to hours" in text
    assert "%" not in next(line for line in lines if "restoring" in line)


async def test_wide_screen_shows_the_reason(session: CockpitSession) -> None:
    """At 120 columns the reason stands beside the alarm; at 80 it does not fit and is left out."""
    for width, shown in ((120, True), (80, False)):
        app = CockpitApp(session)
        async with app.run_test(size=(width, 40)) as pilot:
            assert ("Threshold Crossed" in await settled(pilot)) is shown


@pytest.mark.parametrize("name", NASTY)
async def test_foreign_text_is_harmless(session: CockpitSession, hub: TalkingHub, name: str) -> None:
    """Markup, escapes, endless, right-to-left and wide names neither kill the screen nor reach the terminal raw."""
    nasty = Alarm(clean(name), REGION, AlarmState.UNKNOWN, clean(name), clean(name), NOW)
    hub.say(alarms={REGION: Reading((nasty,), NOW, NOW)})
    app = CockpitApp(session)
    async with app.run_test(size=(80, 24)) as pilot:
        text = await settled(pilot)
        await pilot.press("enter")
        detail = await settled(pilot)
        await pilot.press("escape")
        assert "DEPLOYMENTS" in await settled(pilot)
    assert "\x1b" not in text + detail
    assert clean(name)[:10].strip() in text


async def test_fault_is_a_state_of_its_own_pane(session: CockpitSession, hub: TalkingHub) -> None:
    """Expired credentials show FAILED, the old rows with their age, and the command that renews; other panes stay."""
    failed = Reading(make_alarms(), NOW - timedelta(minutes=3), NOW, EXPIRED)
    hub.say(alarms={REGION: failed})
    app = CockpitApp(session)
    async with app.run_test(size=(80, 24)) as pilot:
        text = await settled(pilot)
    assert "FAILED, 3 min old" in text.splitlines()[1]
    assert "→ aws sso login --profile prod" in text
    assert "syncwell-worker-errors" in text
    assert text.count("FAILED") == 1


async def test_unread_pane_is_not_called_empty(session: CockpitSession, hub: TalkingHub) -> None:
    """What could never be read says so; "no alarms" would be a lie."""
    hub.say(alarms={REGION: Reading(None, None, NOW, EXPIRED)})
    app = CockpitApp(session)
    async with app.run_test(size=(80, 24)) as pilot:
        text = await settled(pilot)
    assert "could not be read" in text
    assert "no alarms" not in text


async def test_reading_grows_stale(session: CockpitSession, clock: StandingClock) -> None:
    """A reading past three sweeps says STALE with its age, though no new snapshot arrives."""
    app = CockpitApp(session)
    async with app.run_test(size=(80, 24)) as pilot:
        assert "STALE" not in await settled(pilot)
        clock.moment = NOW + timedelta(minutes=2)
        app.query_one("#alarms").tick()  # type: ignore[attr-defined] # what the clock does each second
        assert "STALE, 2 min old" in await settled(pilot)


async def test_cursor_stays_on_its_alarm(session: CockpitSession, hub: TalkingHub) -> None:
    """New alarms above do not move the cursor to another alarm under the operator's finger."""
    app = CockpitApp(session)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await pilot.press("down")
        table = app.query_one("#alarms").table  # type: ignore[attr-defined]
        before = table.current.name
        more = tuple(
            Alarm(f"a-new-{n}", REGION, AlarmState.ALARM, "ALARM", "", NOW - timedelta(seconds=n)) for n in range(9)
        )
        hub.say(alarms={REGION: Reading(more + make_alarms(), NOW, NOW)})
        await settled(pilot)
        assert table.current.name == before


async def test_filter_narrows_and_escape_shows_all(session: CockpitSession) -> None:
    """`/` filters the focused pane only; keys typed there are text and no commands; Esc takes it away."""
    app = CockpitApp(session)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await pilot.press("slash", *"tickets")
        text = await settled(pilot)
        assert "filter “tickets”: 1" in text
        assert "syncwell-worker-errors" not in text
        assert "syncwell-backend/syncwell-worker" in text
        await pilot.press("enter", "escape")
        assert "syncwell-worker-errors" in await settled(pilot)


@pytest.mark.parametrize(("size", "panes"), [((80, 24), 3), ((80, 15), 2), ((60, 10), 1), ((30, 5), 0), ((200, 60), 3)])
async def test_small_windows_lose_panes_not_the_program(
    session: CockpitSession, size: tuple[int, int], panes: int
) -> None:
    """Fewer rows drop panes down to one; below that a plain sentence; never a crash; Tab still reaches every pane."""
    app = CockpitApp(session)
    async with app.run_test(size=size) as pilot:
        text = await settled(pilot)
        assert sum(name in text for name in ("ALARMS", "DEPLOYMENTS", "RESTORES")) == panes
        assert ("too small: 80x24 wanted" in text) is (panes == 0)
        if panes == 1:
            await pilot.press("tab", "tab")
            assert "RESTORES" in await settled(pilot)


async def test_resizing_back_brings_everything_back(session: CockpitSession) -> None:
    """A window made tiny and large again shows all it showed before."""
    app = CockpitApp(session)
    async with app.run_test(size=(80, 24)) as pilot:
        before = await settled(pilot)
        await pilot.resize_terminal(20, 4)
        assert "too small" in await settled(pilot)
        await pilot.resize_terminal(80, 24)
        assert await settled(pilot) == before


async def test_snapshots_arrive_while_another_screen_is_up(session: CockpitSession, hub: TalkingHub) -> None:
    """What changed while details were open is there when one comes back."""
    app = CockpitApp(session)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await pilot.press("enter")
        await settled(pilot)
        hub.say(deployments={REGION: Reading(make_deployments()[1:], NOW, NOW)})
        await settled(pilot)
        await pilot.press("escape")
        assert "0 running, 1 in all" in await settled(pilot)


async def test_refresh_asks_the_feeds(session: CockpitSession, hub: TalkingHub) -> None:
    """`r` begins a sweep now."""
    app = CockpitApp(session)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await pilot.press("r")
        assert hub.refreshed == 1


async def test_help_and_palette_name_the_keys_that_work(session: CockpitSession) -> None:
    """`?` lists the watch screen's keys with sentences; `:` finds an action by its words and runs it."""
    app = CockpitApp(session)
    async with app.run_test(size=(100, 40)) as pilot:
        await settled(pilot)
        await pilot.press("question_mark")
        assert "Recovery plans, those that match what is going on first." in await settled(pilot)
        await pilot.pause(0.6)
        await pilot.press("escape")
        await pilot.press("colon")
        await pilot.pause(0.6)
        await pilot.press(*"aws")
        assert "The calls made to AWS" in await settled(pilot)
        await pilot.press("enter")
        assert "no calls yet" in await settled(pilot)


async def test_quit_without_a_run_leaves_at_once(session: CockpitSession) -> None:
    """`q` leaves with status 0."""
    app = CockpitApp(session)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await pilot.press("q")
    assert app.return_code == 0


def test_empty_snapshot_is_loading(quiet_snapshot: Snapshot) -> None:
    """Before the first answer panes are LOADING, not empty."""
    assert health_of(quiet_snapshot.alarms, NOW, timedelta(seconds=30)).freshness is Freshness.LOADING
