"""Waits that soak: something must stay so, and alarms quiet, for a time without a break."""

from datetime import timedelta

import pytest
from pydantic import ValidationError

from cockpit.aws.port import ReadFailed
from cockpit.engine import pace
from cockpit.model.effect import Outcome
from cockpit.plans.functions import iso
from cockpit.plans.probe import Probe
from support.action_bench import HandClock
from support.engine_rig import TROUBLE, Rig, ended, fault, make_plan, prompt_of, records

MINUTE = timedelta(minutes=1)
SOAK = {
    "read": "cloudwatch:GetMetricData",
    "params": {"StartTime": "{{ run.started_at }}", "EndTime": "{{ run.now }}", "MetricDataQueries": []},
    "until": "answer.good",
    "show": "errors {{ answer.errors }}",
    "every": "PT20S",
    "hold": "PT15M",
    "timeout": "PT2H",
    "watch": {"alarms": ["orders-*"]},
}


@pytest.fixture
def rig(tmp_path, monkeypatch):
    """A rig whose clock moves only by the pauses between looks: every story is the same to the second."""
    monkeypatch.setattr(pace, "FLOOR", 0)
    made = Rig(tmp_path)
    made.clock = HandClock()
    yield made
    made.close()


class World:
    """Alarms as a test tells their story: by name, minutes after the start to the state they then take."""

    def __init__(self, rig, alarms, *, good=lambda minutes: True):
        self.rig = rig
        self.start = rig.clock.now()
        self.alarms = alarms
        self.good = good
        self.asked = []
        rig.port.reads["cloudwatch:DescribeAlarms"] = self.describe
        rig.port.reads["cloudwatch:GetMetricData"] = self.measure

    def minutes(self):
        return (self.rig.clock.now() - self.start) / MINUTE

    def describe(self, params):
        self.asked.append(params)
        shown = []
        for name, story in self.alarms.items():
            at = max(minute for minute in story if minute <= self.minutes())
            since = iso(self.start + at * MINUTE)
            shown.append({"AlarmName": name, "StateValue": story[at], "StateTransitionedTimestamp": since})
        return {"MetricAlarms": shown, "CompositeAlarms": []}

    def measure(self, _params):
        good = self.good(self.minutes())
        return {"good": good, "errors": 0 if good else 7}


def soak(rig, **changes):
    return rig.start(make_plan({"id": "soak", "wait": {**SOAK, **changes}}))


def texts(run):
    return [record.text for record in records(run, "observed")]


def took(state):
    step = state.steps["soak"]
    assert step.started_at
    assert step.ended_at
    return step.ended_at - step.started_at


def test_an_alarm_that_fires_since_before_is_waited_for(rig):
    """The alarm that the fault set off would end every soak at its first second, or not be waited for at all."""
    World(rig, {"orders-errors": {-30: "ALARM", 4: "OK"}, "orders-duration": {-30: "OK"}})
    run = soak(rig, on_break="fail")
    state = ended(run)
    assert state.steps["soak"].outcome is Outcome.DONE
    assert took(state) == 19 * MINUTE
    shown = texts(run)
    assert "of 2 watched alarms: orders-errors is ALARM since" in shown[0]
    assert shown[0].endswith("must then hold for 15 min 00 s")
    assert any("errors 0; 2 watched alarms quiet; held for 7 min 00 s of 15 min 00 s" in text for text in shown)


def test_an_alarm_that_fires_ends_the_soak_at_once(rig):
    """Fifteen minutes would be waited out, or taken for passed, while the service is failing again."""
    World(rig, {"orders-errors": {-30: "OK", 6: "ALARM"}})
    run = soak(rig, on_break="fail")
    prompt = prompt_of(run, TROUBLE)
    assert "orders-errors is ALARM since" in prompt.message
    assert "It was so for 6 min 00 s only." in prompt.message
    assert rig.clock.now() - run.state().opened_at == 6 * MINUTE


def test_a_break_begins_the_hold_anew(rig):
    """A hold that counts on over a break proves nothing about the time that was demanded."""
    World(rig, {"orders-errors": {-30: "OK"}}, good=lambda minutes: not 8 <= minutes < 10)
    run = soak(rig)
    state = ended(run)
    assert state.steps["soak"].outcome is Outcome.DONE
    assert took(state) == 25 * MINUTE
    assert any("broke after 8 min 00 s of 15 min 00 s" in text for text in texts(run))


def test_an_alarm_that_fired_between_two_looks_breaks_it(rig):
    """A firing that no look has caught would pass for quiet."""
    World(rig, {"orders-errors": {-30: "OK", 3: "ALARM", 4: "OK"}})
    run = soak(rig, every="PT5M", on_break="fail")
    assert "orders-errors was not OK until" in prompt_of(run, TROUBLE).message


@pytest.mark.parametrize(("no_data", "passes"), [("breaks", False), ("quiet", True)])
def test_an_alarm_without_data_proves_nothing_unless_the_plan_says_so(rig, no_data, passes):
    """An alarm that gets no data, because the rolled-back code emits none, would be taken for a good sign."""
    World(rig, {"orders-errors": {-30: "OK", 5: "INSUFFICIENT_DATA"}})
    run = soak(rig, on_break="fail", watch={"alarms": ["orders-*"], "no_data": no_data})
    if passes:
        assert ended(run).steps["soak"].outcome is Outcome.DONE
    else:
        assert "INSUFFICIENT_DATA" in prompt_of(run, TROUBLE).message


def test_a_pattern_that_fits_no_alarm_is_refused(rig):
    """A misspelt pattern would watch nothing for a quarter of an hour, and pass."""
    world = World(rig, {"orders-errors": {-30: "OK"}})
    run = soak(rig, watch={"alarms": ["orders-*", "order-*"]})
    assert "No alarm is called order-*: nothing would be watched." in prompt_of(run, TROUBLE).message
    assert [asked["AlarmNamePrefix"] for asked in world.asked] == ["orders-", "order-"]


def test_a_read_that_fails_begins_the_hold_anew_and_fails_nothing(rig):
    """Nobody knows what was so while nothing could be read; and a line that is down is not the service's fault."""
    world = World(rig, {"orders-errors": {-30: "OK"}})
    measure = world.measure

    def broken(params):
        if 5 <= world.minutes() < 7:
            raise ReadFailed(fault())
        return measure(params)

    rig.port.reads["cloudwatch:GetMetricData"] = broken
    run = soak(rig, on_break="fail")
    state = ended(run)
    assert state.steps["soak"].outcome is Outcome.DONE
    assert took(state) == 22 * MINUTE


def test_the_journal_is_not_filled(rig):
    """A record for every look of a long soak would bury what matters."""
    World(rig, {"orders-errors": {-30: "OK"}})
    run = soak(rig)
    ended(run)
    assert len(texts(run)) <= 16


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"hold": "PT2H"}, "timeout must be longer than hold"),
        ({"hold": "PT0S", "on_break": "fail"}, "there is none"),
        ({"watch": {"alarms": []}}, "at least 1 item"),
    ],
)
def test_a_soak_that_cannot_be_is_refused_when_the_plan_is_read(changes, words):
    """A hold that is longer than the patience for it can only fail, at night."""
    with pytest.raises(ValidationError, match=words):
        Probe.model_validate({**SOAK, **changes})
