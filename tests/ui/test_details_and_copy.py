"""Details, the chart, the list of calls, and copying that never claims what it does not know."""

import os
import subprocess
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.pilot import Pilot

from cockpit.aws.port import CallRecord, ReadFailed
from cockpit.model.alarm import AlarmState, AlarmTransition, Series
from cockpit.model.reading import Fault, FaultKind
from cockpit.ui.app import CockpitApp
from cockpit.ui.chart import chart
from cockpit.ui.session import CockpitSession
from cockpit.ui.text_box import TextBox
from support.fake_hub import METRIC, NOW, TalkingHub, make_deployments


async def settled(pilot: Pilot[int]) -> str:
    """Let everything that is due happen, and return the screen."""
    for _ in range(6):
        await pilot.pause()
    return "\n".join(strip.text for strip in pilot.app.screen._compositor.render_strips())


async def test_alarm_detail_shows_rule_history_and_threshold(session: CockpitSession, hub: TalkingHub) -> None:
    """Enter on an alarm tells its rule in symbols, its history, and draws the metric with the threshold named."""
    hub.answers["alarm_history"] = (
        AlarmTransition(NOW - timedelta(minutes=12), "StateUpdate", "Alarm updated from OK to ALARM", AlarmState.ALARM),
    )
    hub.answers["alarm_series"] = Series(METRIC, tuple((NOW - timedelta(minutes=9 - n), float(n)) for n in range(10)))
    app = CockpitApp(session)
    async with app.run_test(size=(80, 40)) as pilot:
        await settled(pilot)
        await pilot.press("down", "enter")
        text = await settled(pilot)
    assert "Sum of SyncWell Errors > 5, 3 of 3 periods of 60 s" in text
    assert "Alarm updated from OK to ALARM" in text
    assert "latest 9, highest 9, threshold 5 (┄)" in text
    assert "Service=worker" in text


async def test_unreadable_details_say_why_and_keep_the_rest(session: CockpitSession, hub: TalkingHub) -> None:
    """Missing permission for the history leaves the alarm itself on screen and names the remedy."""
    fault = Fault(
        FaultKind.DENIED, "cloudwatch DescribeAlarmHistory is denied", "Ask for cloudwatch:DescribeAlarmHistory"
    )
    hub.answers["alarm_history"] = ReadFailed(fault)
    app = CockpitApp(session)
    async with app.run_test(size=(80, 40)) as pilot:
        await settled(pilot)
        await pilot.press("enter")
        text = await settled(pilot)
    assert "could not be read: cloudwatch DescribeAlarmHistory is denied" in text
    assert "Threshold Crossed" in text


async def test_deployment_detail_shows_lifecycle_and_traffic(session: CockpitSession, hub: TalkingHub) -> None:
    """Enter on a deployment lists its lifecycle events with times, and who gets the traffic."""
    hub.answers["deployment_detail"] = make_deployments()[0]
    app = CockpitApp(session)
    async with app.run_test(size=(80, 40)) as pilot:
        await settled(pilot)
        await pilot.press("tab", "enter")
        text = await settled(pilot)
    assert "▶ InProgress AllowTraffic" in text
    assert "10 % of traffic" in text
    assert "90 % of traffic" in text


async def test_restore_detail_promises_nothing(session: CockpitSession) -> None:
    """A running restore shows how long it runs and what is documented; there is no percentage."""
    app = CockpitApp(session)
    async with app.run_test(size=(80, 40)) as pilot:
        await settled(pilot)
        await pilot.press("tab", "tab", "enter")
        text = await settled(pilot)
    assert "11 min 00 s" in text
    assert "AWS reports no percentage" in text
    assert " %" not in text


async def test_calls_are_listed_as_commands(session: CockpitSession, hub: TalkingHub) -> None:
    """`@` lists the calls made, newest first, each as the aws command that does the same."""
    hub.records = tuple(
        CallRecord("cloudwatch", "DescribeAlarms", "us-east-1", f"aws cloudwatch describe-alarms --x {n}", 0.01, "ok")
        for n in range(40)
    )
    app = CockpitApp(session)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await pilot.press("at")
        text = await settled(pilot)
    assert text.index("--x 39") < text.index("--x 38")


async def test_outside_tmux_the_text_is_shown(session: CockpitSession, monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal never says whether it copied, so the text itself is shown and nothing claims "copied"."""
    monkeypatch.delenv("TMUX", raising=False)
    app = CockpitApp(session)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await pilot.press("y")
        text = await settled(pilot)
        assert isinstance(app.screen, TextBox)
    assert "syncwell-worker-errors" in text
    assert "(OSC 52). Terminals do not say" in text


@pytest.mark.parametrize("works", [True, False])
async def test_inside_tmux_the_buffer_is_used(
    session: CockpitSession, monkeypatch: pytest.MonkeyPatch, works: bool
) -> None:
    """In tmux the text goes through `tmux load-buffer`; if that fails, it is shown instead."""
    given_text: list[bytes] = []

    def run(argv: list[str], **options: Any) -> None:
        given_text.append(options["input"])
        if not works:
            raise subprocess.CalledProcessError(1, argv)

    monkeypatch.setitem(os.environ, "TMUX", "/tmp/tmux-0/default,1,0")
    monkeypatch.setattr("cockpit.ui.clipboard.shutil.which", lambda _: "/usr/bin/tmux")
    monkeypatch.setattr("cockpit.ui.clipboard.subprocess.run", run)
    app = CockpitApp(session)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await pilot.press("y")
        await pilot.app.workers.wait_for_complete()
        await settled(pilot)
        assert isinstance(app.screen, TextBox) is not works
    assert given_text == [b"syncwell-worker-errors"]


@given(
    values=st.lists(st.floats(-1e9, 1e9), max_size=60),
    threshold=st.none() | st.floats(-1e9, 1e9),
    width=st.integers(0, 120),
)
def test_chart_fits_whatever_the_numbers(values: list[float], threshold: float | None, width: int) -> None:
    """Any datapoints and threshold give a drawing that is no wider than asked for."""
    points = [(NOW + timedelta(minutes=n), value) for n, value in enumerate(values)]
    rows = chart(points, threshold, width, height=5).plain.split("\n")
    if points and width:
        assert len(rows) == 6
        assert all(len(row) <= width for row in rows[:-1])
    else:
        assert rows == ["no datapoints in this time"]


def test_chart_marks_what_is_above_the_threshold() -> None:
    """The tallest column reaches the top, the dashed line stands where nothing covers it."""
    points = [(NOW + timedelta(minutes=n), value) for n, value in enumerate([0.0, 0.0, 10.0])]
    rows = chart(points, 5.0, 3, height=4).plain.split("\n")
    assert rows[0][2] == "█"
    assert rows[1][:2] == "┄┄"
