"""Proving that writes ended: what the metrics must show, and for how long."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from cockpit.engine import pace
from cockpit.engine.actions.prove_halt import ProveHaltAction
from cockpit.engine.halt_proof import LATENESS, MINUTE, weigh
from cockpit.engine.records import CallUnknown, Intent, Reconciled, StepEnded, StepStarted, WritesHalted
from cockpit.model.effect import Outcome
from cockpit.model.loss_window import SECOND, WriteBucket, WriteSeries
from cockpit.model.reading import Fault, FaultKind
from cockpit.plans.actions.prove_halt import ProveHaltSpec
from cockpit.plans.functions import iso
from support.action_bench import START, Bench, HandClock, ScriptedPort, a_plan


@pytest.fixture(autouse=True)
def _no_real_waiting(monkeypatch):
    """The bench's clock moves by itself: nothing is gained by waiting for the floor of real seconds."""
    monkeypatch.setattr(pace, "FLOOR", 0)


QUIET = timedelta(minutes=2)


def series(writes: list[datetime], period: timedelta, words: str) -> WriteSeries:
    """Count writes in buckets of that length."""
    step = period.total_seconds()
    counts = Counter(datetime.fromtimestamp(write.timestamp() // step * step, UTC) for write in writes)
    return WriteSeries((WriteBucket(at, period, count) for at, count in counts.items()), words)


def minutes(writes: list[datetime]) -> WriteSeries:
    """Count writes by the minute, as DynamoDB does."""
    return series(writes, MINUTE, "by the minute")


def seconds(writes: list[datetime]) -> WriteSeries:
    """Count writes by the second, as the application does."""
    return series(writes, SECOND, "by the second")


moments = st.integers(0, 900_000).map(lambda milliseconds: START + timedelta(milliseconds=milliseconds))


@given(st.lists(moments, min_size=1, max_size=30), moments)
def test_the_end_never_lies_before_the_last_write(writes, acknowledged):
    """An end before the last accepted write would hide a loss, unless the halt's own minute hides the difference."""
    evidence = weigh(acknowledged, minutes(writes), seconds(writes), QUIET)
    assert evidence.at.replace(microsecond=0) == max(writes).replace(microsecond=0)
    coarse = weigh(acknowledged, minutes(writes), None, QUIET)
    assert coarse.at >= max(writes).replace(microsecond=0) or coarse.at >= acknowledged.replace(microsecond=0)
    assert coarse.proven_from >= max(*writes, acknowledged) + QUIET


@given(st.lists(moments, min_size=1, max_size=30), moments)
def test_writes_of_others_move_the_end(others, acknowledged):
    """E-04: if DynamoDB saw writes that the application did not count, the application's count proves nothing."""
    evidence = weigh(acknowledged, minutes(others), seconds([]), QUIET)
    assert evidence.at >= acknowledged.replace(microsecond=0) or evidence.at >= max(others).replace(microsecond=0)


def metric_port(clock: HandClock, writes: list[datetime], *, own: bool = True) -> ScriptedPort:
    """Return CloudWatch that knows these writes, each a minute late."""

    def data(params: dict[str, JsonValue]) -> dict[str, JsonValue]:
        begin, end = (datetime.fromisoformat(str(params[name])) for name in ("StartTime", "EndTime"))
        known = [write for write in writes if begin <= write < end and write + timedelta(minutes=1) <= clock.now()]
        results: list[JsonValue] = []
        queries = params["MetricDataQueries"]
        assert isinstance(queries, list)
        for query in queries:
            assert isinstance(query, dict)
            stat = query["MetricStat"]
            assert isinstance(stat, dict)
            counted = seconds(known) if stat["Period"] == 1 else minutes(known)
            first = query["Id"] == "m0"
            stamps: list[JsonValue] = [iso(bucket.at) for bucket in counted.buckets] if first else []
            values: list[JsonValue] = [bucket.writes for bucket in counted.buckets] if first else []
            results.append({"Id": query["Id"], "Timestamps": stamps, "Values": values})
        return {"MetricDataResults": results}

    listed: list[JsonValue] = [{"Dimensions": [{"Name": "TableName", "Value": "T"}]}] if own else []
    return ScriptedPort(
        {
            ("cloudwatch", "GetMetricData"): data,
            ("cloudwatch", "ListMetrics"): {"Metrics": listed},
            ("ecs", "ListTasks"): {"taskArns": ["arn:aws:ecs:x:1:task/c/abc"]},
        }
    )


def bench(writes: list[datetime], *, own: bool = True, halted: datetime | None = START, dry: bool = False) -> Bench:
    """Return a bench whose step proves the halt of table T."""
    clock = HandClock()
    counting = {"metric_namespace": "App", "metric_name": "Writes"} if own else {}
    common = {"title": "t", "why": "w", "source": ["+1"], "effect": "read"}
    point = {"id": "point", **common, "restore_point": {"table": "T", "writes": counting}}
    call = {"aws": {"call": "dynamodb:PutResourcePolicy", "params": {}}}
    fence = {"id": "fence", **common, "effect": "mutate", "stops_writes": True, **call}
    plan = a_plan({"prove_halt": {"table": "T"}}, before=[point, fence])
    context = Bench(plan, port=metric_port(clock, writes, own=own), clock=clock, dry=dry)
    if halted:
        context.record(WritesHalted(at=halted, proven=False, basis="the fence was acknowledged"))
    return context


async def perform(context: Bench):
    """Carry out the bench's step."""
    assert isinstance(context.step.action, ProveHaltSpec)
    return await ProveHaltAction().perform(context, context.step.action)


async def test_the_last_write_is_found_to_the_second():
    """The window ends with the last accepted write, not with a call that came later."""
    last = START - timedelta(seconds=7, milliseconds=400)
    context = bench([START - timedelta(minutes=4), last])
    result = await perform(context)
    assert result.outcome is Outcome.DONE
    assert context.state().halted_at == last.replace(microsecond=0)
    assert (context.state().halt_proven, result.captured["halted_at"]) == (True, iso(last.replace(microsecond=0)))


async def test_it_takes_quiet_minutes_to_prove():
    """Silence right after the halt proves nothing: CloudWatch shows writes late."""
    context = bench([START - timedelta(seconds=5)])
    await perform(context)
    assert context.clock.now() >= START + QUIET + LATENESS


async def test_a_later_write_moves_the_end():
    """A writer that the halt did not stop moves the end of the window, and is told."""
    late = START + timedelta(minutes=1, seconds=12)
    context = bench([START - timedelta(seconds=5), late])
    await perform(context)
    assert context.state().halted_at == late
    assert "ended at" in context.seen["writes to the table"][0]


async def test_the_last_write_is_found_although_the_halt_was_found_out_late():
    """After a lost answer and a crash the window would end when somebody looked, not with the last write."""
    last = START - timedelta(seconds=5)
    context = bench([last], halted=None)
    where = {"step": "fence", "attempt": 1, "call": 0}
    context.record(StepEnded(step="step", attempt=1, outcome=Outcome.FAILED))
    context.record(StepStarted(step="fence", attempt=1))
    context.record(
        Intent(**where, service="dynamodb", operation="PutResourcePolicy", region="us-east-1", params={"a": "b"})
    )
    context.clock.at += timedelta(minutes=30)
    context.record(CallUnknown(**where, evidence=("the program ended",)))
    context.record(Reconciled(**where, verdict="happened", by="aws", evidence=("it is there",)))
    context.record(StepEnded(step="fence", attempt=1, outcome=Outcome.DONE))
    context.record(WritesHalted(at=context.clock.now(), proven=False, basis="it took effect by then"))
    context.record(StepStarted(step="step", attempt=2))
    await perform(context)
    assert context.state().halted_at == last


async def test_without_a_count_of_its_own_the_end_is_known_to_the_minute():
    """DynamoDB counts by the minute: the end is then the minute's last second, never earlier than the write."""
    late = START + timedelta(minutes=1, seconds=12)
    context = bench([late], own=False)
    await perform(context)
    assert context.state().halted_at == START + timedelta(minutes=1, seconds=59)


async def test_without_any_write_the_acknowledgement_stands():
    """No write counted at all after the halt: the halting call's acknowledgement is the end."""
    context = bench([], own=False, halted=START + timedelta(seconds=3))
    await perform(context)
    assert context.state().halted_at == START + timedelta(seconds=3)


async def test_writes_that_do_not_end_fail_and_name_who_may_write():
    """A table that is still written to must not be restored from as if it were halted."""
    writes = [START + timedelta(seconds=10 * number) for number in range(400)]
    context = bench(writes)
    result = await perform(context)
    assert result.outcome is Outcome.FAILED
    assert "do not end" in result.reason
    assert not context.state().halt_proven
    assert context.clock.now() - START < timedelta(minutes=16)


async def test_cloudwatch_that_cannot_be_read_proves_nothing():
    """Not seeing writes is not the same as seeing that there are none."""
    context = bench([])
    context.port.answers["cloudwatch", "GetMetricData"] = Fault(FaultKind.UNREACHABLE, "no connection")
    result = await perform(context)
    assert (result.outcome, "not proven" in result.reason) == (Outcome.FAILED, True)
    assert "no connection" in context.seen["writes to the table"][0]


async def test_cloudwatch_that_goes_dark_after_a_quiet_look_proves_nothing():
    """A look before the outage is no look now: writes may have come back meanwhile."""
    context = bench([])
    read = context.port.answers["cloudwatch", "GetMetricData"]
    assert callable(read)
    dark = START + timedelta(seconds=40)

    def while_it_lasts(params):
        return read(params) if context.clock.now() < dark else Fault(FaultKind.SERVICE, "CloudWatch has trouble")

    context.port.answers["cloudwatch", "GetMetricData"] = while_it_lasts
    result = await perform(context)
    assert result.outcome is Outcome.FAILED
    assert "cannot be read" in result.reason
    assert not context.state().halt_proven


async def test_a_dry_run_does_not_wait():
    """A dry run halted nothing: it would wait in vain."""
    clock_before = START
    context = bench([START], halted=None, dry=True)
    assert (await perform(context)).outcome is Outcome.DONE
    assert context.clock.now() == clock_before
