"""CloudWatch: metrics, alarms, composites, paging, history."""

import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.sim.alarm_rule import parse_rule
from cockpit.sim.errors import AwsError

METRIC = {"Namespace": "N", "MetricName": "Errors"}
ALARM = {
    **METRIC,
    "AlarmName": "a",
    "Statistic": "Sum",
    "Period": 60,
    "EvaluationPeriods": 3,
    "DatapointsToAlarm": 2,
    "Threshold": 5,
    "ComparisonOperator": "GreaterThanThreshold",
    "TreatMissingData": "missing",
}


def put(stage, value, **more):
    stage.client("cloudwatch").put_metric_data(
        Namespace="N", MetricData=[{"MetricName": "Errors", "Value": value, **more}]
    )


def alarm(stage, name="a", kind="MetricAlarm"):
    answer = stage.client("cloudwatch").describe_alarms(AlarmNames=[name], AlarmTypes=[kind])
    return answer[f"{kind}s"][0]


def minutes(stage, values):
    """Let one value be measured in each minute; None for a minute without data."""
    for value in values:
        if value is not None:
            put(stage, value)
        stage.go(60)


@pytest.mark.parametrize(
    ("missing", "values", "state"),
    [
        ("missing", [], "INSUFFICIENT_DATA"),
        ("notBreaching", [], "OK"),
        ("breaching", [], "ALARM"),
        ("ignore", [], "INSUFFICIENT_DATA"),
        ("missing", [9, 1, 1], "OK"),
        ("missing", [9, 1, 9], "ALARM"),
        ("missing", [9, 9, 1], "ALARM"),
        ("missing", [5, 5, 5], "OK"),
        ("notBreaching", [9, None, None], "OK"),
        ("breaching", [9, None, None], "ALARM"),
        ("missing", [9, 9, 9, None, None, None, None, None, None], "INSUFFICIENT_DATA"),
        ("ignore", [9, 9, 9, None, None, None, None, None, None], "ALARM"),
    ],
)
def test_state_follows_m_of_n_and_missing_data(stage, missing, values, state):
    """An alarm that evaluates otherwise teaches operators the wrong thing."""
    stage.client("cloudwatch").put_metric_alarm(**{**ALARM, "TreatMissingData": missing})
    stage.go(60)
    minutes(stage, values)
    stage.go(30)
    assert alarm(stage)["StateValue"] == state


def test_putting_an_alarm_again_keeps_its_state(stage):
    """carry_settings would silence a firing alarm by writing it again."""
    stage.client("cloudwatch").put_metric_alarm(**ALARM)
    minutes(stage, [9, 9, 9])
    before = alarm(stage)
    stage.client("cloudwatch").put_metric_alarm(**{**ALARM, "AlarmDescription": "changed"})
    after = alarm(stage)
    assert (before["StateValue"], before["StateUpdatedTimestamp"]) == ("ALARM", after["StateUpdatedTimestamp"])
    assert after["StateValue"] == "ALARM"
    assert after["AlarmDescription"] == "changed"


def test_a_state_set_by_hand_lasts_until_the_next_evaluation(stage):
    """SetAlarmState would pin an alarm for ever."""
    cloudwatch = stage.client("cloudwatch")
    cloudwatch.put_metric_alarm(**{**ALARM, "TreatMissingData": "notBreaching"})
    stage.go(60)
    cloudwatch.set_alarm_state(AlarmName="a", StateValue="ALARM", StateReason="trying")
    assert alarm(stage)["StateReason"] == "trying"
    stage.go(60)
    assert alarm(stage)["StateValue"] == "OK"


def test_every_transition_is_in_the_history_with_its_time(stage):
    """The timeline of a restore point would miss the onset."""
    cloudwatch = stage.client("cloudwatch")
    cloudwatch.put_metric_alarm(**ALARM)
    minutes(stage, [1, 1, 9, 9, 1, 1])
    items = cloudwatch.describe_alarm_history(AlarmName="a", HistoryItemType="StateUpdate")["AlarmHistoryItems"]
    states = [json.loads(item["HistoryData"])["newState"]["stateValue"] for item in items]
    assert states == ["OK", "ALARM", "OK"]
    assert items[0]["Timestamp"] > items[1]["Timestamp"] > items[2]["Timestamp"]
    first = cloudwatch.describe_alarm_history(AlarmName="a", MaxRecords=1)
    rest = cloudwatch.describe_alarm_history(AlarmName="a", NextToken=first["NextToken"])["AlarmHistoryItems"]
    assert [*first["AlarmHistoryItems"], *rest][:3] == items


def test_a_composite_follows_its_children(stage):
    """Composites that lag or miss a child would hide a major incident."""
    cloudwatch = stage.client("cloudwatch")
    cloudwatch.put_metric_alarm(**ALARM)
    cloudwatch.put_metric_alarm(**{**ALARM, "AlarmName": "b", "MetricName": "Other"})
    cloudwatch.put_composite_alarm(AlarmName="both", AlarmRule="ALARM(a) AND NOT ALARM(b)")
    assert alarm(stage, "both", "CompositeAlarm")["StateValue"] == "OK"
    minutes(stage, [9, 9, 9])
    assert alarm(stage, "both", "CompositeAlarm")["StateValue"] == "ALARM"
    cloudwatch.set_alarm_state(AlarmName="b", StateValue="ALARM", StateReason="x")
    assert alarm(stage, "both", "CompositeAlarm")["StateValue"] == "OK"


def test_alarms_come_in_pages_in_order_of_name(stage):
    """A pane that reads one page only would not be found out."""
    cloudwatch = stage.client("cloudwatch")
    names = [f"p{number:03}" for number in range(230)]
    for name in reversed(names):
        cloudwatch.put_metric_alarm(**{**ALARM, "AlarmName": name})
    cloudwatch.put_composite_alarm(AlarmName="p100x", AlarmRule="ALARM(p000)")
    found, kinds, token = [], {"MetricAlarm", "CompositeAlarm"}, {}
    sizes = []
    while True:
        page = cloudwatch.describe_alarms(AlarmTypes=sorted(kinds), AlarmNamePrefix="p", MaxRecords=100, **token)
        sizes.append(len(page["MetricAlarms"]) + len(page["CompositeAlarms"]))
        found += [each["AlarmName"] for each in page["MetricAlarms"] + page["CompositeAlarms"]]
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
    assert sorted(found) == sorted([*names, "p100x"])
    assert sizes == [100, 100, 31]
    assert "p100x" not in [a["AlarmName"] for a in cloudwatch.describe_alarms(AlarmNamePrefix="p1")["MetricAlarms"]]
    assert cloudwatch.describe_alarms(StateValue="ALARM")["MetricAlarms"] == []


def test_metric_data_by_second_minute_and_page(stage):
    """The count of writes in a data-loss window would be wrong."""
    start = stage.clock.now()
    for _ in range(90):
        put(stage, 2, StorageResolution=1)
        stage.go(1)
    query = {"Id": "m", "MetricStat": {"Metric": METRIC, "Period": 1, "Stat": "Sum"}}
    window = {"StartTime": start, "EndTime": start + timedelta(seconds=120), "ScanBy": "TimestampAscending"}
    cloudwatch = stage.client("cloudwatch")
    values, token = [], {}
    while True:
        page = cloudwatch.get_metric_data(MetricDataQueries=[query], MaxDatapoints=40, **window, **token)
        values += page["MetricDataResults"][0]["Values"]
        if "NextToken" not in page:
            break
        assert page["MetricDataResults"][0]["StatusCode"] == "PartialData"
        token = {"NextToken": page["NextToken"]}
    assert values == [2.0] * 90
    query["MetricStat"]["Period"] = 60
    whole = cloudwatch.get_metric_data(MetricDataQueries=[query], **window)["MetricDataResults"][0]
    assert whole["Values"] == [120.0, 60.0]
    statistics = cloudwatch.get_metric_statistics(
        **METRIC,
        StartTime=start,
        EndTime=start + timedelta(minutes=2),
        Period=60,
        Statistics=["SampleCount", "Maximum"],
    )
    assert sorted(point["SampleCount"] for point in statistics["Datapoints"]) == [30.0, 60.0]
    assert cloudwatch.list_metrics(Namespace="N")["Metrics"] == [{**METRIC, "Dimensions": []}]


def test_seconds_are_kept_for_three_hours_only(stage):
    """The cockpit would count on data that AWS has thrown away."""
    start = stage.clock.now()
    put(stage, 2, StorageResolution=1)
    stage.go(3 * 3600 + 60)
    window = {"StartTime": start - timedelta(minutes=1), "EndTime": start + timedelta(minutes=1)}
    for period, expected in ((1, []), (60, [2.0])):
        query = {"Id": "m", "MetricStat": {"Metric": METRIC, "Period": period, "Stat": "Sum"}}
        answer = stage.client("cloudwatch").get_metric_data(MetricDataQueries=[query], **window)
        assert answer["MetricDataResults"][0]["Values"] == expected


def test_metric_math_divides_and_skips_nothing_by_nothing(stage):
    """An error-rate alarm would fail, or fire, in a minute without traffic."""
    start = stage.clock.now()
    for errors, calls in ((1, 4), (0, 0)):
        data = [{"MetricName": "Errors", "Value": errors}, {"MetricName": "Calls", "Value": calls}]
        stage.client("cloudwatch").put_metric_data(Namespace="N", MetricData=data)
        stage.go(60)
    queries = [
        {"Id": "rate", "Expression": "100 * errors / calls"},
        *(
            {
                "Id": name.lower(),
                "MetricStat": {"Metric": {"Namespace": "N", "MetricName": name}, "Period": 60, "Stat": "Sum"},
                "ReturnData": False,
            }
            for name in ("Errors", "Calls")
        ),
    ]
    answer = stage.client("cloudwatch").get_metric_data(
        MetricDataQueries=queries, StartTime=start, EndTime=start + timedelta(minutes=5)
    )
    assert [(result["Id"], result["Values"]) for result in answer["MetricDataResults"]] == [("rate", [25.0])]


_NAMES = st.sampled_from(["a", "b", "c"])
_RULES = st.recursive(
    _NAMES.map(lambda name: (f'ALARM("{name}")', f"s['{name}']")),
    lambda inner: st.one_of(
        inner.map(lambda rule: (f"NOT {rule[0]}" if " " not in rule[0] else f"NOT ({rule[0]})", f"not ({rule[1]})")),
        st.tuples(inner, st.sampled_from(["AND", "OR"]), inner).map(
            lambda t: (f"({t[0][0]}) {t[1]} ({t[2][0]})", f"(({t[0][1]}) {t[1].lower()} ({t[2][1]}))")
        ),
    ),
    max_leaves=8,
)


@given(rule=_RULES, states=st.fixed_dictionaries({name: st.booleans() for name in "abc"}))
def test_rules_of_composites_mean_what_they_say(rule, states):
    """AND, OR, NOT and brackets would bind wrongly."""
    text, python = rule
    held = parse_rule(text).holds(lambda name: "ALARM" if states[name] else "OK")
    assert held == eval(python, {"s": states})  # noqa: S307 - made three lines above


@pytest.mark.parametrize("text", ["", "ALARM(a", "ALARM(a) AND", "ALARM(a) ALARM(b)", "FIRING(a)", "(ALARM(a)", "a"])
def test_a_rule_that_cannot_be_read_is_refused(text):
    """A typing error in a rule would make a composite that never fires."""
    with pytest.raises(AwsError):
        parse_rule(text)


def test_ten_thousand_quiet_alarms_cost_nothing(stage):
    """Time would stand still in a large account: evaluation has to skip what has no data."""
    book = stage.simulation.alarms
    for number in range(10_000):
        book.put(
            "us-east-1",
            {**ALARM, "AlarmName": f"q{number:05}", "TreatMissingData": "notBreaching", "ActionsEnabled": True},
        )
    stage.go(120)
    assert not book._awake
    assert book.state("q09999", "us-east-1") == "OK"
