"""Plan A, from start to end, against regions that are gone: what the world is like afterwards."""

import json
import urllib.request
from datetime import timedelta

import boto3
import pytest

from cockpit.sim.process import start_simulator
from support.rehearsal import rehearse
from support.terraform_standin import with_terraform

pytestmark = pytest.mark.simulator

PLAN = "syncwell/plan-a-regional-outage"
TABLE, HOST = "SyncWellMetadata", "api.syncwell.example"
HOME, AWAY = "us-east-1", "us-west-2"
READS = ("Describe", "List", "Get", "Head", "Simulate", "Test", "Scan")
FAST = 2000


@pytest.fixture
def outage(request, monkeypatch):
    """A simulated outage; its AWS is what boto3 and the cockpit reach."""
    with start_simulator(request.param, speed=FAST) as simulator:
        for name, value in {**simulator.environ, "AWS_DEFAULT_REGION": AWAY, "AWS_REGION": AWAY}.items():
            monkeypatch.setenv(name, value)
        yield simulator


def items(simulator, table, region, at=None):
    """Return what is in a table of a region, or was at the end of a second."""
    moment = f"&at={at:%Y-%m-%dT%H:%M:%S}Z" if at else ""
    return simulator.get_json(f"/_cockpit/truth/items?table={table}&region={region}{moment}")["items"]


def led_to():
    """Return the zone's record of the service, and where the name servers lead users."""
    dns = boto3.client("route53")
    zone = dns.list_hosted_zones()["HostedZones"][0]["Id"]
    record = dns.list_resource_record_sets(HostedZoneId=zone, StartRecordName=HOST)["ResourceRecordSets"][0]
    answer = dns.test_dns_answer(HostedZoneId=zone, RecordName=HOST, RecordType="A")
    return record["AliasTarget"]["DNSName"], answer["RecordData"]


def served_by(balancer):
    """Return what answers behind a load balancer."""
    with urllib.request.urlopen(f"http://{balancer}/health", timeout=10) as answer:
        return json.load(answer)


def balancer():
    return boto3.client("elbv2").describe_load_balancers(Names=["syncwell"])["LoadBalancers"][0]["DNSName"]


def changed(simulator):
    """Return the calls that change something, by region, without those of the scenario itself."""
    calls = simulator.get_json("/_cockpit/calls")["calls"]
    return [(call["region"], call["operation"]) for call in calls if not call["operation"].startswith(READS)]


def before(state, one, other):
    """Tell whether a step had ended when another one began."""
    return state.steps[one].ended_at <= state.steps[other].started_at


@pytest.mark.parametrize("outage", ["syncwell-region-gone"], indirect=True)
def test_the_service_is_rebuilt_from_a_copied_backup(outage, tmp_path):
    """After the plan users are led to a tested stack in the other region, on exactly the items of the backup."""
    environment, terraform = with_terraform(outage, "syncwell-region-gone", tmp_path)
    state = rehearse(outage, PLAN, tmp_path, environment)
    restored = str(state.steps["name_table"].captured["table"])

    # Exactly the items of the newest copy that arrived; what that costs was shown, typed and told (E-01, E-02, E-16).
    assert state.loss.end - state.loss.start > timedelta(hours=1)
    assert state.loss.exceeds_rpo
    saved = items(outage, TABLE, HOME, state.loss.start - timedelta(seconds=1))  # a backup's second has just begun
    assert len(saved) > 100
    assert items(outage, restored, AWAY) == saved
    assert saved != items(outage, TABLE, HOME)
    assert [text.phase for text in state.posted] == ["noticed", "outage", "restored_without_tokens"]
    assert "We are working to restore service in a different region." not in state.posted[0].text
    assert f"{state.loss.start:%Y-%m-%d %H:%M:%S} UTC" in state.posted[-1].text
    assert "connect each of them again" in state.posted[-1].text

    # The restored table has what a restore leaves out (E-05).
    dynamodb = boto3.client("dynamodb")
    assert dynamodb.list_tables()["TableNames"] == [restored]
    table = dynamodb.describe_table(TableName=restored)["Table"]
    backups = dynamodb.describe_continuous_backups(TableName=restored)["ContinuousBackupsDescription"]
    assert (table["DeletionProtectionEnabled"], table["StreamSpecification"]["StreamEnabled"]) == (True, True)
    assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
    expiry = dynamodb.describe_time_to_live(TableName=restored)["TimeToLiveDescription"]
    assert expiry["AttributeName"] == "expiresAt"

    # Terraform applied the very plan that was shown; the restore had begun before, and it made no table (E-24).
    assert [call[0] for call in terraform.calls] == ["init", "plan", "show", "apply"]
    out = next(word for word in terraform.calls[1] if word.startswith("-out="))
    assert terraform.calls[3][-1] == out.removeprefix("-out=")
    assert f"-var=metadata_table={restored}" in terraform.calls[1]
    assert before(state, "restore_backup", "terraform_plan")
    assert before(state, "table_wait", "configure_write")

    # Users are led to a stack that was asked before and after, runs the image, and uses the restored table (E-06).
    record, answer = led_to()
    assert (record, answer) == (balancer(), [balancer()])
    told = served_by(record)
    assert (told["region"], told["table"], told["items"]) == (AWAY, restored, len(saved))
    assert told["image"].endswith("us-west-2.amazonaws.com/syncwell-worker:2.18.0")
    assert before(state, "ask_balancer", "redirect")
    assert before(state, "test_before", "redirect")
    assert before(state, "insync", "ask_again")
    service = boto3.client("ecs").describe_services(cluster="syncwell", services=["syncwell-worker"])["services"][0]
    assert (service["runningCount"], service["desiredCount"]) == (4, 4)

    # AppConfig watches its alarms again (E-11). The failed region was only asked, and never changed.
    assert [halt.name for halt in state.still_halted] == []
    assert {region for region, _ in changed(outage) if region} == {AWAY, HOME}
    assert {call for region, call in changed(outage) if region == HOME} == {"ChangeResourceRecordSets"}


@pytest.mark.parametrize("outage", ["syncwell-region-gone-replica"], indirect=True)
def test_the_service_is_rebuilt_on_a_replica_without_route_53(outage, tmp_path):
    """With a replica seconds are lost; a dead control plane of Route 53 is said, and nothing is sent to it."""
    environment, terraform = with_terraform(outage, "syncwell-region-gone-replica", tmp_path)
    state = rehearse(outage, f"{PLAN}-replica", tmp_path, environment)
    replica, source = items(outage, TABLE, AWAY), items(outage, TABLE, HOME)
    assert len([item for item in replica if item not in source]) <= 5
    assert not state.loss.exceeds_rpo
    assert served_by(balancer())["table"] == TABLE
    assert f"-var=metadata_table={TABLE}" in terraform.calls[1]
    assert [text.phase for text in state.posted] == ["noticed", "outage", "restored"]
    skipped = {step.step for step in state.steps.values() if step.outcome == "skipped"}
    assert {"restore_backup", "restore_point_in_time", "import_export", "redirect", "insync"} <= skipped
    assert state.steps["trip_failover"].outcome == "done"
    assert {region for region, _ in changed(outage) if region} == {AWAY}
