"""Feeds and gateway on the simulated outage, over HTTP, as on AWS."""

import time

import pytest

from cockpit.aws.gateway import Gateway
from cockpit.aws.port import CallRejected, GuardRefused, Permit
from cockpit.config.ordinary import OrdinaryPlace
from cockpit.feeds.connect import connector
from cockpit.feeds.hub import FeedHub
from cockpit.model.alarm import AlarmState
from cockpit.sim.process import start_simulator

pytestmark = pytest.mark.simulator
REGION = "us-east-1"
TABLE = {
    "TableName": "Scratch",
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
}


@pytest.fixture(scope="module")
def outage():
    """One simulated outage for the whole file."""
    with start_simulator("syncwell-corruption") as simulator:
        yield simulator


@pytest.fixture(autouse=True)
def _settings(monkeypatch, outage, tmp_path):
    for name, value in outage.environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))


@pytest.fixture
def hub(outage):
    """A running hub on the outage."""
    place = OrdinaryPlace(regions=(REGION,))
    hub = FeedHub("demo", place, outage.clock, connector(place, outage.clock))
    hub.start()
    deadline = time.monotonic() + 20
    while not (hub.snapshot().restores[REGION].attempted_at and hub.snapshot().deployments[REGION].attempted_at):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    yield hub
    assert hub.stop()


def test_the_outage_is_seen(hub):
    """Firing alarms, the suspect deployment and the protected table, each read in full."""
    snapshot = hub.snapshot()
    assert snapshot.identity.value.account == "123456789012"
    alarms = snapshot.alarms[REGION].value
    assert alarms[0].state is AlarmState.ALARM
    assert alarms[0].since is not None
    assert alarms[-1].state is AlarmState.OK
    deployments = snapshot.deployments[REGION].value
    assert deployments[0].application == "syncwell-backend"
    assert deployments[0].created_at > deployments[-1].created_at
    assert deployments[0].revision.startswith("AppSpec ")
    (table,) = snapshot.restores[REGION].value.tables
    assert (table.table, table.pitr_enabled) == ("SyncWellMetadata", True)
    assert table.earliest < table.latest


def test_details(hub):
    """What Enter shows: history, datapoints above the threshold, lifecycle events and traffic."""
    alarm = next(item for item in hub.snapshot().alarms[REGION].value if item.metric)
    history = hub.alarm_history(alarm).result(20)
    assert any(entry.to_state is AlarmState.ALARM for entry in history)
    series = hub.alarm_series(alarm).result(20)
    assert any(value > alarm.threshold for _, value in series.points)
    times = [at for at, _ in series.points]
    assert times == sorted(times)
    detail = hub.deployment_detail(hub.snapshot().deployments[REGION].value[0]).result(20)
    assert detail.revision.startswith("syncwell-worker:")
    assert detail.targets[0].events
    assert {task_set.label for task_set in detail.targets[0].task_sets} == {"BLUE", "GREEN"}


def test_calls_are_listed_as_commands(hub):
    """`@` shows what was sent, so that it can be repeated by hand."""
    commands = {call.operation: call.command for call in hub.calls()}
    assert commands["ListDeployments"].startswith("aws deploy list-deployments --create-time-range ")
    assert all(call.ended == "ok" for call in hub.calls())
    assert hub.log.counts()["cloudwatch:DescribeAlarms"] == 1


async def test_pages_are_merged(outage):
    """Alarms beyond the first page must not be missing."""
    gateway = Gateway(None, outage.clock)
    whole = await gateway.read("cloudwatch", "DescribeAlarms", REGION, {}, pages=True)
    paged = await gateway.read("cloudwatch", "DescribeAlarms", REGION, {"MaxRecords": 2}, pages=True)
    await gateway.close()
    assert len(paged.body["MetricAlarms"]) == len(whole.body["MetricAlarms"]) > 2


async def test_clock_skew_is_small(outage):
    """Cockpit and simulator share a clock: the measured difference is below a second and a half."""
    gateway = Gateway(None, outage.clock)
    skew = await gateway.clock_skew(REGION)
    await gateway.close()
    assert abs(skew) < 1.5


async def test_a_permitted_mutation_is_sent_once(outage):
    """A permit opens one call; a second use, a refusal by AWS and another account each end as they should."""
    gateway = Gateway(None, outage.clock, account=outage.account)
    before = outage.get_json("/_cockpit/calls")["counts"].get("dynamodb:CreateTable", 0)
    permit = Permit("run", "step", 1, 0, outage.account, "dynamodb", "CreateTable", REGION)
    answer = await gateway.mutate(permit, TABLE)
    assert answer.body["TableDescription"]["TableName"] == "Scratch"
    assert answer.request_id
    with pytest.raises(GuardRefused):
        await gateway.mutate(permit, TABLE)
    again = Permit("run", "step", 1, 1, outage.account, "dynamodb", "CreateTable", REGION)
    with pytest.raises(CallRejected) as refused:
        await gateway.mutate(again, TABLE)
    assert refused.value.fault.code == "ResourceInUseException"
    await gateway.close()
    elsewhere = Gateway(None, outage.clock, account="999999999999")
    foreign = Permit("run", "step", 1, 0, "999999999999", "dynamodb", "CreateTable", REGION)
    with pytest.raises(GuardRefused):
        await elsewhere.mutate(foreign, TABLE)
    await elsewhere.close()
    assert outage.get_json("/_cockpit/calls")["counts"]["dynamodb:CreateTable"] == before + 2
