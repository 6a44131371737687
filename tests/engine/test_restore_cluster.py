"""Aurora clusters at the actions that choose a restore point and prove a halt."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue, ValidationError

from cockpit.engine import pace
from cockpit.engine.actions.prove_halt import ProveHaltAction
from cockpit.engine.actions.restore_point import RestorePointAction
from cockpit.engine.commands import ChooseRestorePoint
from cockpit.engine.halt_proof import LATENESS, MINUTE, weigh_connections
from cockpit.engine.prompts import RestorePointPrompt
from cockpit.engine.records import LossMeasured, WritesHalted
from cockpit.model.effect import Outcome
from cockpit.model.loss_window import SECOND, WriteBucket, WriteSeries
from cockpit.plans.actions.prove_halt import ProveHaltSpec
from cockpit.plans.actions.restore_point import RestorePointSpec
from cockpit.plans.functions import iso
from support.action_bench import START, Bench, ScriptedPort, a_plan

QUIET = timedelta(minutes=2)
MIGRATED = START - 38 * MINUTE
SPEC: dict[str, Any] = {
    "cluster": "shop",
    "suspect": iso(MIGRATED),
    "writes": {"metric_namespace": "App", "metric_name": "Writes"},
}


@pytest.fixture(autouse=True)
def _no_real_waiting(monkeypatch):
    """The bench's clock moves by itself: nothing is gained by waiting for the floor of real seconds."""
    monkeypatch.setattr(pace, "FLOOR", 0)


def aws(connected: dict[int, float], writes: tuple[datetime, ...] = ()) -> ScriptedPort:
    """Return an AWS with one cluster: connections by minutes after `START`, and the application's writes."""

    def data(params: dict[str, JsonValue]) -> dict[str, JsonValue]:
        begin, end = (datetime.fromisoformat(str(params[name])) for name in ("StartTime", "EndTime"))
        (query,) = params["MetricDataQueries"]  # type: ignore[union-attr,misc]  # the request is JSON
        points = [(START + minute * MINUTE, most) for minute, most in connected.items()]
        if query["MetricStat"]["Metric"]["MetricName"] == "Writes":  # type: ignore[index,call-overload]
            points = [(at.replace(microsecond=0), 1.0) for at in writes]
        known = [(iso(at), value) for at, value in points if begin <= at < end]
        return {"MetricDataResults": [{"Timestamps": [a for a, _ in known], "Values": [v for _, v in known]}]}

    cluster = {"EarliestRestorableTime": iso(START - 900 * MINUTE), "LatestRestorableTime": iso(START - 5 * MINUTE)}
    events = {"db-cluster": "failover completed", "db-instance": "restarted"}
    dimension = {"Name": "DBClusterIdentifier", "Value": "shop"}
    return ScriptedPort(
        {
            ("rds", "DescribeDBClusters"): {"DBClusters": [cluster]},
            ("rds", "DescribeDBInstances"): {"DBInstances": [{"DBInstanceIdentifier": "shop-1"}]},
            ("rds", "DescribeEvents"): lambda params: {
                "Events": [{"Date": iso(MIGRATED + MINUTE), "Message": events[str(params["SourceType"])]}]
            },
            ("cloudwatch", "ListMetrics"): {"Metrics": [{"Dimensions": [dimension]}]},
            ("cloudwatch", "GetMetricData"): data,
        }
    )


def bench(step: dict[str, Any], port: ScriptedPort) -> Bench:
    restore = {"restore_point": SPEC}
    before = [{"id": "r", "title": "t", "why": "w", "source": ["+1"], "effect": "read", **restore}]
    people = [lambda _: ChooseRestorePoint("step", 1, MIGRATED - SECOND)]
    return Bench(a_plan(step, before=before if "prove_halt" in step else ()), port=port, people=people)


async def choose(port: ScriptedPort, **spec: Any) -> tuple[Bench, RestorePointPrompt]:
    context = bench({"restore_point": {**SPEC, **spec}}, port)
    context.record(WritesHalted(at=START, proven=True, basis="x"))
    assert isinstance(context.step.action, RestorePointSpec)
    result = await RestorePointAction().perform(context, context.step.action)
    assert result.outcome is Outcome.DONE, result.reason
    (asked,) = context.prompts
    assert isinstance(asked, RestorePointPrompt)
    return context, asked


async def prove(port: ScriptedPort) -> tuple[Bench, Any]:
    context = bench({"prove_halt": {"cluster": "shop"}}, port)
    context.record(WritesHalted(at=START + SECOND, proven=False, basis="x"))
    assert isinstance(context.step.action, ProveHaltSpec)
    return context, await ProveHaltAction().perform(context, context.step.action)


async def test_a_clusters_window_and_events_stand_on_the_timeline():
    """The restorable window is RDS's, and what happened to cluster and instances is seen beside everything else."""
    _, asked = await choose(aws({}))
    assert (asked.noun, asked.table) == ("cluster", "shop")
    assert (asked.earliest, asked.latest) == (START - 900 * MINUTE, START - 5 * MINUTE)
    assert [mark.label for mark in asked.marks if mark.kind == "database"] == [
        "shop: failover completed",
        "shop-1: restarted",
    ]


async def test_a_suspected_moment_is_proposed_like_a_deployment():
    """A migration is no deployment; the second before it is proposed all the same, and never the latest."""
    _, asked = await choose(aws({}))
    assert asked.proposal == MIGRATED - SECOND
    _, unknown = await choose(aws({}), suspect="somebody")
    assert unknown.proposal is None


async def test_lost_writes_of_a_cluster_are_the_applications_own():
    """Aurora counts no writes: the application's metric of this cluster does, to the second."""
    writes = tuple(MIGRATED + timedelta(seconds=20 * number) for number in range(-3, 5))
    context, _ = await choose(aws({}, writes))
    (measured,) = [record for record in context.records if isinstance(record, LossMeasured)]
    assert (measured.at_least, measured.at_most) == (5, 5)


async def test_without_a_count_of_the_application_the_loss_is_unknown():
    """Nothing that could be counted is no zero: the operator must not read that nothing is lost."""
    port = aws({})
    port.answers["cloudwatch", "ListMetrics"] = {"Metrics": []}
    context, asked = await choose(port)
    (measured,) = [record for record in context.records if isinstance(record, LossMeasured)]
    assert (asked.buckets, asked.basis, measured.at_least, measured.at_most) == ((), "", None, None)
    assert "Aurora counts no writes" in measured.count_basis


async def test_a_cluster_without_a_window_cannot_be_restored():
    """A cluster that was just created has no restorable second; nobody is asked."""
    port = aws({})
    port.answers["rds", "DescribeDBClusters"] = {"DBClusters": [{"DBClusterIdentifier": "shop"}]}
    context = bench({"restore_point": SPEC}, port)
    assert isinstance(context.step.action, RestorePointSpec)
    result = await RestorePointAction().perform(context, context.step.action)
    assert (result.outcome, context.prompts) == (Outcome.FAILED, [])
    assert "cluster shop" in result.reason


async def test_a_halt_is_proven_when_nobody_is_connected_any_more():
    """Whoever is connected might write: only minutes that were measured with no connection prove the end."""
    context, result = await prove(aws({-1: 9.0, 0: 9.0, **dict.fromkeys(range(1, 20), 0.0)}))
    assert result.outcome is Outcome.DONE
    assert context.state().halt_proven
    assert context.state().halted_at == START + SECOND
    assert context.clock.now() >= START + MINUTE + QUIET + LATENESS


async def test_a_client_that_stays_connected_is_found():
    """E-12: a forgotten writer would go on writing to the old cluster; the proof fails and says so."""
    context, result = await prove(aws(dict.fromkeys(range(40), 4.0)))
    assert result.outcome is Outcome.FAILED
    assert "4 connections open" in result.reason
    assert not context.state().halt_proven


async def test_minutes_that_were_not_measured_prove_nothing():
    """A metric that is missing is no zero."""
    context, result = await prove(aws({0: 9.0, 1: 0.0}))
    assert result.outcome is Outcome.FAILED
    assert "not every minute was measured" in result.reason
    assert not context.state().halt_proven


@given(st.dictionaries(st.integers(0, 14), st.sampled_from([0.0, 3.0])), st.integers(0, 800), st.integers(0, 800))
def test_the_end_is_never_before_what_was_seen(connected, halted, written):
    """An end before the last write, or before the last minute with a connection, would hide a loss."""
    by_minute = {START + minute * MINUTE: most for minute, most in connected.items()}
    ack, last = START + timedelta(seconds=halted), START + timedelta(seconds=written)
    evidence = weigh_connections(ack, by_minute, WriteSeries((WriteBucket(last, SECOND, 1),), "own"), QUIET)
    assert evidence.at >= max(ack, last)
    late = [minute for minute, most in by_minute.items() if most and minute >= ack]
    assert all(evidence.at >= minute for minute in late)
    assert evidence.proven_from >= evidence.at + QUIET
    if evidence.complete:
        assert by_minute, "nothing measured proves nothing"


@pytest.mark.parametrize("spec", [{}, {"table": "T", "cluster": "C"}])
def test_a_table_or_a_cluster_is_named(spec):
    """Two sources, or none, would leave open what is proven or restored."""
    for model in (RestorePointSpec, ProveHaltSpec):
        with pytest.raises(ValidationError, match="either a table or a cluster"):
            model.model_validate(spec)
