"""The hub: its own thread, independent panes, changes only, a bounded end."""

import asyncio
import threading
import time
from datetime import timedelta

import pytest

from cockpit.aws.port import ReadFailed
from cockpit.config.schema import Environment, Watch
from cockpit.feeds.hub import FeedHub
from cockpit.feeds.readings import attempt
from cockpit.feeds.schedule import LONGEST_BACKOFF, Schedule
from cockpit.model.alarm import Alarm, AlarmState
from cockpit.model.reading import FaultKind, Freshness, Reading
from cockpit.model.scope import EnvironmentKind
from support.feed_port import ScriptedPort, StillClock, fault

ALARM = Alarm("a", "us-east-1", AlarmState.OK, "OK", "", None)


def _place(*regions, every=3600.0):
    watch = Watch(every=timedelta(seconds=every))
    return Environment(kind=EnvironmentKind.DEMO, regions=regions or ("us-east-1",), watch=watch)


class _Watching:
    """A hub over a scripted port, started and surely stopped."""

    def __init__(self, port, place=None, make_port=None):
        self.seen = []
        self.hub = FeedHub("demo", place or _place(), StillClock(), make_port or (lambda _log: port))
        self.hub.subscribe(self.seen.append)

    def __enter__(self):
        self.hub.start()
        return self

    def __exit__(self, *_):
        assert self.hub.stop()

    def until(self, wanted, seconds=5.0):
        """Poll until `wanted` holds of the snapshot; fail after the deadline."""
        deadline = time.monotonic() + seconds
        while not wanted(self.hub.snapshot()):
            assert time.monotonic() < deadline, self.hub.snapshot()
            time.sleep(0.005)


def _complete(snapshot):
    readings = [snapshot.identity, *snapshot.alarms.values(), *snapshot.deployments.values()]
    return all(reading.attempted_at for reading in [*readings, *snapshot.restores.values()])


def test_everything_is_loading_before_the_start():
    """Panes exist for every region at once; nothing is made up."""
    hub = FeedHub("demo", _place("us-east-1", "eu-west-1"), StillClock(), lambda _log: ScriptedPort())
    snapshot = hub.snapshot()
    assert set(snapshot.alarms) == {"us-east-1", "eu-west-1"}
    freshness = snapshot.alarms["us-east-1"].freshness(StillClock().now(), timedelta(seconds=30))
    assert freshness is Freshness.LOADING
    assert hub.stop()


def test_readings_arrive_and_the_connection_is_closed():
    """A started hub fills every pane; stop ends it and closes the connection."""
    port = ScriptedPort({"DescribeAlarms": {"MetricAlarms": [{"AlarmName": "a", "StateValue": "ALARM"}]}})
    with _Watching(port) as watching:
        watching.until(_complete)
        snapshot = watching.hub.snapshot()
        assert snapshot.identity.value.account == "123456789012"
        assert [alarm.name for alarm in snapshot.alarms["us-east-1"].value] == ["a"]
    assert port.closed


def test_one_region_does_not_blank_another():
    """A region that cannot be reached fails alone, and so does one service."""
    alarms = {"us-east-1": fault(), "eu-west-1": {"MetricAlarms": [{"AlarmName": "a"}]}}
    with _Watching(ScriptedPort({"DescribeAlarms": alarms}), _place("us-east-1", "eu-west-1")) as watching:
        watching.until(_complete)
        snapshot = watching.hub.snapshot()
    assert snapshot.alarms["us-east-1"].fault == fault()
    assert len(snapshot.alarms["eu-west-1"].value) == 1
    assert snapshot.deployments["us-east-1"].fault is None


def test_listeners_hear_of_changes_only():
    """A sweep that saw nothing new moves the reading's time and disturbs nobody."""
    port = ScriptedPort()
    with _Watching(port) as watching:
        watching.until(_complete)
        heard = len(watching.seen)
        before = port.calls["DescribeAlarms"]
        watching.hub.refresh()
        watching.until(lambda _: port.calls["DescribeAlarms"] > before and port.calls["ListTables"] > 1)
        port.script["DescribeAlarms"] = {"MetricAlarms": [{"AlarmName": "new", "StateValue": "ALARM"}]}
        watching.hub.refresh()
        watching.until(lambda snapshot: snapshot.alarms["us-east-1"].value)
    assert len(watching.seen) == heard + 1


def test_a_failed_reading_keeps_its_value_and_recovers():
    """Credentials expire and are renewed: the old value stays with its fault, then the pane is well again."""
    port = ScriptedPort({"DescribeAlarms": {"MetricAlarms": [{"AlarmName": "a"}]}})
    with _Watching(port) as watching:
        watching.until(_complete)
        port.script["DescribeAlarms"] = fault(FaultKind.CREDENTIALS)
        watching.hub.refresh()
        watching.until(lambda snapshot: snapshot.alarms["us-east-1"].fault is not None)
        assert len(watching.hub.snapshot().alarms["us-east-1"].value) == 1
        port.script["DescribeAlarms"] = {"MetricAlarms": []}
        watching.hub.refresh()
        watching.until(lambda snapshot: snapshot.alarms["us-east-1"].fault is None)
        assert watching.hub.snapshot().alarms["us-east-1"].value == ()


def test_sweeps_repeat_by_themselves():
    """Nobody has to press a key for the next reading."""
    port = ScriptedPort()
    with _Watching(port, _place(every=0.02)) as watching:
        watching.until(lambda _: port.calls["DescribeAlarms"] >= 3 and port.calls["ListDeployments"] >= 3)


def test_a_listener_that_breaks_or_leaves():
    """A listener's mistake does not end the watching, and who left is not called."""
    port = ScriptedPort()
    hub = FeedHub("demo", _place(), StillClock(), lambda _log: port)
    left = []
    hub.subscribe(lambda _snapshot: 1 / 0)
    hub.subscribe(left.append)()
    hub.start()
    deadline = time.monotonic() + 5
    while not _complete(hub.snapshot()):
        assert time.monotonic() < deadline
        time.sleep(0.005)
    assert hub.stop()
    assert left == []


def test_details_are_read_in_the_hubs_loop():
    """A detail view asks from any thread and gets an answer, or the words of the failure."""
    history = {"AlarmHistoryItems": [{"Timestamp": "2026-01-31T03:00:00+00:00", "HistorySummary": "went off"}]}
    port = ScriptedPort({"DescribeAlarmHistory": history})
    with _Watching(port) as watching:
        assert watching.hub.alarm_history(ALARM).result(5)[0].summary == "went off"
        port.script["DescribeAlarmHistory"] = fault()
        with pytest.raises(ReadFailed):
            watching.hub.alarm_history(ALARM).result(5)
    assert watching.hub.alarm_history(ALARM).cancelled()


def test_a_connection_that_cannot_be_made_is_told_in_every_pane():
    """Whatever goes wrong at the start is a state on the screen, not a dead thread."""

    def refuse(_log):
        raise RuntimeError("no such thing")

    with _Watching(None, make_port=refuse) as watching:
        watching.until(_complete)
        snapshot = watching.hub.snapshot()
        assert "no such thing" in snapshot.restores["us-east-1"].fault.message
        with pytest.raises(ReadFailed):
            watching.hub.alarm_history(ALARM).result(5)


def test_stop_is_bounded_while_a_call_hangs():
    """A call that never answers does not keep the program from ending."""
    release = threading.Event()

    def hang(_params):
        release.wait(10)
        return {}

    hub = FeedHub("demo", _place(), StillClock(), lambda _log: ScriptedPort({"DescribeAlarms": hang}))
    hub.start()
    began = time.monotonic()
    assert not hub.stop(timeout=0.3)
    assert time.monotonic() - began < 2
    release.set()


async def test_surprises_become_faults():
    """An exception nobody thought of is a fault with its words, and a sweep without end is one too."""

    async def breaks():
        raise KeyError("\x1b[2Jsurprise")

    async def forever():
        await asyncio.sleep(60)

    reading, changed = await attempt(Reading(), breaks, StillClock())
    assert changed
    assert reading.fault.kind is FaultKind.UNREADABLE
    assert "\x1b" not in reading.fault.message
    reading, _ = await attempt(Reading(), forever, StillClock(), limit=0.01)
    assert reading.fault.kind is FaultKind.UNREACHABLE


def test_schedule_backs_off_and_recovers():
    """Throttling doubles the pause up to five minutes, good sweeps bring it back; a long sweep is followed by rest."""
    schedule = Schedule(10)
    throttled = fault(FaultKind.THROTTLED)
    pauses = [schedule.pause_after(throttled, 0) for _ in range(12)]
    assert 18 <= pauses[0] <= 22
    assert pauses[-1] <= LONGEST_BACKOFF * 1.1
    assert pauses[-1] >= LONGEST_BACKOFF * 0.9
    later = [schedule.pause_after(None, 0) for _ in range(8)]
    assert 9 <= later[-1] <= 11
    assert Schedule(10).pause_after(None, 20) >= 36
    assert Schedule(300, after_fault=10).pause_after(fault(FaultKind.CREDENTIALS), 0) <= 11
    assert Schedule(300, after_fault=10).pause_after(None, 0) >= 270
    assert 9 <= Schedule(10).pause_after(fault(FaultKind.CREDENTIALS), 0) <= 11
