"""Counting writes from CloudWatch and measuring the data-loss window of a run."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from cockpit.engine.loss import PromptWindows, measure_loss, second_window
from cockpit.engine.prompts import Bucket, RestorePointPrompt
from cockpit.engine.records import WritesHalted, WritesReopened
from cockpit.engine.restorable import Restorable
from cockpit.engine.write_counts import WriteMetric, application_metric, read_series, segments, table_metric
from cockpit.model.loss_window import WindowEnd
from cockpit.model.reading import Fault, FaultKind
from cockpit.plans.actions.restore_point import Writes
from cockpit.plans.functions import iso
from support.action_bench import START, Bench, ScriptedPort, a_plan

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
OWN = WriteMetric("App", "Writes", ((("TableName", "T"),),), "Sum", per_second=True)


def cloudwatch(writes: list[datetime], *, own: list[datetime] | None = None, resolution: int = 1) -> ScriptedPort:
    """Return CloudWatch that counted these writes: DynamoDB's metric, and the application's if it has one.

    It refuses one-second data older than three hours, as the real one does, and gives at most 500 points a page.
    """

    def data(params: dict[str, JsonValue]) -> dict[str, JsonValue]:
        begin, end = (datetime.fromisoformat(str(params[name])) for name in ("StartTime", "EndTime"))
        queries = params["MetricDataQueries"]
        assert isinstance(queries, list)
        page = int(str(params.get("NextToken") or 0))
        results: list[JsonValue] = []
        longest = 0
        for query in queries:
            assert isinstance(query, dict)
            stat: Any = query["MetricStat"]
            period = int(stat["Period"])
            assert period >= 60 or begin > START - 3 * HOUR, "one-second data is kept for three hours"
            names = {d["Name"]: d["Value"] for d in stat["Metric"]["Dimensions"]}
            is_own = stat["Metric"]["Namespace"] == "App"
            counted = (own or []) if is_own else writes if names.get("Operation") == "PutItem" else []
            step = max(period, resolution if is_own else 60)
            sums = Counter(w.timestamp() // step * step for w in counted)
            points = sorted((at, n) for at, n in sums.items() if begin.timestamp() <= at < end.timestamp())
            longest = max(longest, len(points))
            part = points[page : page + 500]
            stamps: list[JsonValue] = [iso(datetime.fromtimestamp(at, UTC)) for at, _ in part]
            values: list[JsonValue] = [float(n) for _, n in part]
            results.append({"Id": query["Id"], "Timestamps": stamps, "Values": values})
        more: dict[str, JsonValue] = {"NextToken": str(page + 500)} if longest > page + 500 else {}
        return {"MetricDataResults": results, **more}

    listed: list[JsonValue] = [] if own is None else [{"Dimensions": [{"Name": "TableName", "Value": "T"}]}]
    answers = {("cloudwatch", "GetMetricData"): data, ("cloudwatch", "ListMetrics"): {"Metrics": listed}}
    return ScriptedPort(answers)


def bench(port: ScriptedPort, **writes: str) -> Bench:
    """Return a bench whose plan restores table T."""
    return Bench(a_plan({"restore_point": {"table": "T", "writes": writes}}), port=port)


def truth(writes: list[datetime], start: datetime, end: datetime) -> int:
    """Count the writes after the second `start`, up to and with the second `end`."""
    return sum(start < write.replace(microsecond=0) <= end for write in writes)


ago = st.integers(0, int(30 * HOUR.total_seconds() * 1000)).map(lambda ms: START - timedelta(milliseconds=ms))
whole = ago.map(lambda at: at.replace(microsecond=0))


@settings(deadline=None, max_examples=60)
@given(st.lists(ago, max_size=40), whole, whole)
def test_the_count_holds_the_truth_however_old_the_window(writes, one, other):
    """CloudWatch forgets seconds after three hours and the cockpit reads hours after a day: never a wrong number."""
    start, end = sorted((one, other))
    for metric, port in ((OWN, cloudwatch([], own=writes)), (table_metric("T"), cloudwatch(writes))):
        series = asyncio.run(read_series(bench(port), metric, start))
        count = series.count(start, end)
        assert count.at_least <= truth(writes, start, end) <= count.at_most
        fine = any(write.second for write in writes if write > START - 2 * HOUR)  # else it may be by the minute
        if metric is OWN and start > START - 2 * HOUR and fine:
            assert count.is_exact


@given(st.integers(0, 40 * 24 * 3600), st.booleans())
def test_segments_leave_no_gap_and_ask_only_for_what_is_kept(seconds, per_second):
    """A gap would hide writes; an overlap would count them twice; a finer period than is kept would be refused."""
    since = START - timedelta(seconds=seconds)
    parts = list(segments(since, START, per_second=per_second))
    assert parts[0][0] <= since
    assert parts[-1][1] > START
    assert all(earlier[1] == later[0] for earlier, later in pairwise(parts))
    for begin, end, period in parts:
        assert begin.timestamp() % period.total_seconds() == 0
        assert end.timestamp() % period.total_seconds() == 0
        assert period >= timedelta(minutes=1) or begin > START - 3 * HOUR
        assert (end - begin) / period * 5 <= 100_800


async def test_many_points_come_in_pages():
    """A busy hour does not fit one answer: what stands on later pages counts as well."""
    writes = [START - timedelta(seconds=number) for number in range(1, 1801)]
    port = cloudwatch([], own=writes)
    count = (await read_series(bench(port), OWN, START - HOUR)).count(START - HOUR, START)
    assert (count.at_least, count.at_most) == (1800, 1800)
    assert len(port.sent) >= 4


async def test_a_metric_of_whole_minutes_is_not_taken_for_seconds():
    """A metric that the application sends by the minute must not pass as exact to the second."""
    port = cloudwatch([], own=[START - timedelta(minutes=10, seconds=20)], resolution=60)
    count = (await read_series(bench(port), OWN, START - HOUR)).count(
        START - timedelta(minutes=10, seconds=50), START - timedelta(minutes=10, seconds=30)
    )
    assert (count.at_least, count.at_most) == (0, 1)


@pytest.mark.parametrize(
    ("listed", "chosen"),
    [
        ([{"TableName": "T"}, {"TableName": "T", "Kind": "user"}, {"TableName": "U"}], [{"TableName": "T"}]),
        ([{"Task": "1"}, {"Task": "2"}, {"TableName": "U"}], [{"Task": "1"}, {"Task": "2"}]),
        ([{}, {"Task": "1"}], [{}]),
        ([{"TableName": "U"}], None),
        ([], None),
    ],
)
async def test_dimensions_are_not_added_up_twice(listed, chosen):
    """An application may send a total beside its parts: adding both would double the loss."""
    metrics: list[JsonValue] = [
        {"Dimensions": [{"Name": name, "Value": value} for name, value in dimensions.items()]} for dimensions in listed
    ]
    port = ScriptedPort({("cloudwatch", "ListMetrics"): {"Metrics": metrics}})
    writes = Writes(metric_namespace="App", metric_name="Writes")
    found = await application_metric(bench(port), Restorable("table", "T"), writes)
    assert (None if found is None else [dict(dimensions) for dimensions in found.dimensions]) == chosen


async def test_the_window_ends_where_writes_ended():
    """While writes go on the window grows to now; a halt ends it, first as acknowledged, then as proven."""
    writes = [START - timedelta(minutes=minute, seconds=-minute) for minute in range(1, 40)]
    context = bench(cloudwatch(writes, own=writes), metric_namespace="App", metric_name="Writes")
    start = START - timedelta(minutes=30)
    running = await measure_loss(context, start)
    halted_at = START - timedelta(minutes=5)
    context.record(WritesHalted(at=halted_at, proven=False, basis="x"))
    called = await measure_loss(context, start)
    context.record(WritesHalted(at=halted_at, proven=True, basis="x"))
    proven = await measure_loss(context, start)
    assert running is not None
    assert called is not None
    assert proven is not None
    assert (running.end, running.end_basis) == (START, WindowEnd.NOW)
    assert (called.end_basis, proven.end_basis) == (WindowEnd.HALT_CALL, WindowEnd.PROVEN_HALT)
    assert (proven.end, proven.at_least, proven.at_most, proven.rpo_seconds) == (halted_at, 25, 25, 900)


async def test_writes_of_others_widen_the_count():
    """The application's exact number must not be shown as exact if DynamoDB saw more writes than the application."""
    own = [START - timedelta(minutes=10, seconds=second) for second in range(5)]
    others = [START - timedelta(minutes=15, seconds=second) for second in range(7)]
    context = bench(cloudwatch([*own, *others], own=own), metric_namespace="App", metric_name="Writes")
    measured = await measure_loss(context, START - timedelta(minutes=30))
    assert measured is not None
    assert (measured.at_least, measured.at_most) == (5, 12)
    assert "something else writes too" in measured.count_basis


async def test_a_count_that_cannot_be_read_is_unknown_and_says_why():
    """An unreadable count is no zero: the operator would accept a loss that nobody has measured."""
    context = bench(cloudwatch([]))
    context.port.answers["cloudwatch", "GetMetricData"] = Fault(FaultKind.THROTTLED, "CloudWatch throttles")
    measured = await measure_loss(context, START - HOUR)
    assert measured is not None
    assert (measured.at_least, measured.at_most, measured.count_basis) == (
        None,
        None,
        "not counted: CloudWatch throttles",
    )


async def test_without_a_restore_point_there_is_no_window():
    """Nothing is measured before a second is chosen."""
    assert await measure_loss(bench(cloudwatch([]))) is None


async def test_the_second_window_opens_at_the_unfreeze():
    """What users write to the restored table would be stranded by going back: that window grows from there."""
    context = bench(cloudwatch([]))
    assert second_window(context.state(), START) is None
    context.record(WritesReopened(at=START))
    window = second_window(context.state(), START + HOUR)
    assert window is not None
    assert (window.start, window.duration) == (START, HOUR)


def test_a_prompt_counts_buckets_of_mixed_length():
    """The cursor of the timeline moves over seconds, minutes and hours of CloudWatch's memory alike."""
    prompt = RestorePointPrompt(
        table="T",
        earliest=START - DAY,
        latest=START,
        buckets=(
            Bucket(at=START - 2 * HOUR, writes=100, period=3600),
            Bucket(at=START - timedelta(seconds=30), writes=2),
            Bucket(at=START - timedelta(seconds=10), writes=3),
        ),
        period=1,
        basis="App/Writes",
        end=START,
        end_basis=WindowEnd.PROVEN_HALT.value,
        rpo_seconds=900,
    )
    windows = PromptWindows(prompt)
    near, far = windows.at(START - timedelta(seconds=20)), windows.at(START - timedelta(minutes=90))
    assert near.writes is not None
    assert far.writes is not None
    assert (near.writes.at_least, near.writes.at_most, near.exceeds_rpo) == (3, 3, False)
    assert (far.writes.at_least, far.writes.at_most, far.exceeds_rpo) == (5, 105, True)
    assert PromptWindows(prompt.model_copy(update={"basis": "", "buckets": ()})).at(START).writes is None
