"""Plan A: what the documents say goes wrong when it is done, and the plan holds; and where it refuses."""

import json
import time
import urllib.error
import urllib.request
from datetime import timedelta

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from cockpit.config.paths import data_folder
from cockpit.config.schema import Host
from cockpit.engine.errors import StartRefused
from cockpit.plans.catalogue import load_plan
from cockpit.sim.process import start_simulator
from support.rehearsal import Rehearsal
from support.terraform_standin import with_terraform

pytestmark = pytest.mark.simulator

PLAN, SCENARIO = "syncwell/plan-a-regional-outage", "syncwell-region-gone"
TABLE, HOME, AWAY = "SyncWellMetadata", "us-east-1", "us-west-2"
SOURCE = f"arn:aws:dynamodb:{HOME}:123456789012:table/{TABLE}"
ONCE = Config(retries={"total_max_attempts": 1})


@pytest.fixture(scope="module")
def outage():
    """The region that is gone. The tests of this module share it, and leave each other's things alone."""
    with pytest.MonkeyPatch.context() as patch, start_simulator(SCENARIO, speed=2000) as simulator:
        for name, value in {**simulator.environ, "AWS_DEFAULT_REGION": AWAY, "AWS_REGION": AWAY}.items():
            patch.setenv(name, value)
        yield simulator


def client(service, region=AWAY):
    return boto3.client(service, region_name=region, config=ONCE)


def until(simulator, ready, minutes=120):
    """Wait until something is so; minutes of the story."""
    deadline = simulator.clock.now() + timedelta(minutes=minutes)
    while not (found := ready()):
        assert simulator.clock.now() < deadline
        time.sleep(0.05)
    return found


def run(simulator, folder, **changes):
    """Run the plan as far as it goes; return its last state, what went wrong, and Terraform's calls."""
    environment, terraform = with_terraform(simulator, SCENARIO, folder)
    environment = environment.model_copy(update=changes.pop("environment", {}))
    rehearsal = Rehearsal(simulator, PLAN, folder, environment, **changes)
    return rehearsal.finish(), rehearsal.operator.troubles, terraform


def test_e01_nothing_is_restored_out_of_a_region_that_is_gone(outage, tmp_path):
    """E-01: the documents' restore fails; without a copy the plan says so, and ends before anything is done."""
    with pytest.raises(ClientError, match="InternalServerError"):
        client("dynamodb").restore_table_to_point_in_time(
            SourceTableArn=SOURCE, TargetTableName="as-documented", UseLatestRestorableTime=True
        )
    nothing = {"backup_vault": "no-such-vault", "export_bucket": "no-such-bucket"}
    state, troubles, terraform = run(outage, tmp_path, inputs=nothing, choose_way={"option": "wait"})
    assert (troubles, state.ended, [call[0] for call in terraform.calls]) == ([], "stopped_by_decision", ["init"])
    assert not any(step.calls for step in state.steps.values())
    candidates = {each["id"]: each for each in state.steps["ask_source"].captured["candidates"]}
    assert not any(each["at"] for each in candidates.values())
    assert "does not answer" in candidates["point_in_time"]["none"]
    assert [text.phase for text in state.posted] == ["noticed"]


def test_e06_users_led_to_an_untested_stack_get_errors(outage):
    """E-06: with DNS moved first, users reach a load balancer that has nothing behind it yet."""
    elb, dns = client("elbv2"), client("route53")
    made = elb.create_load_balancer(Name="untested", Subnets=["subnet-1"])["LoadBalancers"][0]
    zone = dns.list_hosted_zones()["HostedZones"][0]["Id"]
    target = {"HostedZoneId": made["CanonicalHostedZoneId"], "DNSName": made["DNSName"], "EvaluateTargetHealth": False}
    record = {"Name": "early.syncwell.example", "Type": "A", "AliasTarget": target}
    batch = {"Changes": [{"Action": "UPSERT", "ResourceRecordSet": record}]}
    dns.change_resource_record_sets(HostedZoneId=zone, ChangeBatch=batch)

    def led_to():
        asked = {"HostedZoneId": zone, "RecordName": "early.syncwell.example", "RecordType": "A"}
        return dns.test_dns_answer(**asked)["RecordData"]

    address = until(outage, led_to)[0]
    with pytest.raises(urllib.error.HTTPError, match="503"):
        urllib.request.urlopen(f"http://{address}/", timeout=10)
    steps = [step.id for step in load_plan(data_folder("plans") / f"{PLAN}.yaml").steps]
    assert steps.index("test_before") < steps.index("redirect") < steps.index("test_after")


def test_e11_the_configuration_undoes_itself_while_alarms_watch_it(outage):
    """E-11: with no worker running, the watched alarm has no data, and AppConfig rolls the change back."""
    config = client("appconfig")
    application = {"ApplicationId": config.list_applications()["Items"][0]["Id"]}
    place = {**application, "EnvironmentId": config.list_environments(**application)["Items"][0]["Id"]}
    profile = config.list_configuration_profiles(**application)["Items"][0]["Id"]
    strategies = config.list_deployment_strategies()["Items"]
    strategy = next(each["Id"] for each in strategies if each["Name"] == "syncwell-all-at-once")
    written = config.create_hosted_configuration_version(
        **application, ConfigurationProfileId=profile, ContentType="application/json", Content=b"{}"
    )["VersionNumber"]
    number = config.start_deployment(
        **place,
        ConfigurationProfileId=profile,
        ConfigurationVersion=str(written),
        DeploymentStrategyId=strategy,
    )["DeploymentNumber"]

    def over():
        state = config.get_deployment(**place, DeploymentNumber=number)["State"]
        return state if state in ("COMPLETE", "ROLLED_BACK") else None

    assert until(outage, over) == "ROLLED_BACK"


def test_e23_users_tokens_are_gone_with_the_region(outage):
    """E-23: what was not replicated beforehand cannot be read, and there is nothing it could be restored from."""
    secrets = client("secretsmanager")
    assert secrets.describe_secret(SecretId="syncwell/redis")["PrimaryRegion"] == HOME
    with pytest.raises(ClientError, match="ResourceNotFound"):
        secrets.describe_secret(SecretId="syncwell/users/0042/google")


def test_e24_a_table_that_terraform_makes_is_in_the_restores_way(outage, tmp_path):
    """E-24: a restore into a name that is taken fails; the plan begins first, and lets Terraform make no such table."""
    backup = client("backup")
    points = backup.list_recovery_points_by_backup_vault(BackupVaultName="syncwell-copies", ByResourceArn=SOURCE)
    arn = next(each["RecoveryPointArn"] for each in points["RecoveryPoints"] if each["Status"] == "COMPLETED")
    keys = [{"AttributeName": "pk", "KeyType": "HASH"}]
    client("dynamodb").create_table(
        TableName="made-by-terraform",
        KeySchema=keys,
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    role, name = "arn:aws:iam::123456789012:role/syncwell-restore", {"targetTableName": "made-by-terraform"}
    job = backup.start_restore_job(RecoveryPointArn=arn, IamRoleArn=role, Metadata=name)["RestoreJobId"]

    def ended():
        told = backup.describe_restore_job(RestoreJobId=job)
        return told if told["Status"] == "FAILED" else None

    assert until(outage, ended)["StatusMessage"] == "Table already exists: made-by-terraform"

    folder = tmp_path / "terraform"
    folder.mkdir()
    environment, terraform = with_terraform(outage, SCENARIO, tmp_path)
    stack = json.loads((folder / "stack.json").read_text())
    del stack["resources"][0]["unless"]  # Terraform code that makes the table whatever it is told
    (folder / "stack.json").write_text(json.dumps(stack))
    rehearsal = Rehearsal(outage, PLAN, tmp_path, environment)
    state = rehearsal.finish()
    assert "makes a table of a name that the data need" in " ".join(rehearsal.operator.troubles)
    assert [call[0] for call in terraform.calls] == ["init", "plan", "show"]
    assert TABLE not in client("dynamodb").list_tables()["TableNames"]
    assert state.steps["restore_backup"].outcome == "done"


def test_e84_in_the_region_that_is_gone_nobody_can_even_sign_in(outage, tmp_path):
    """E-84: a run in the failed region would begin without knowing whose account it acts in."""
    with pytest.raises(BotoCoreError):
        client("sts", HOME).get_caller_identity()
    with pytest.raises(StartRefused, match="Nobody can tell which account this is"):
        run(outage, tmp_path, environment={"regions": (HOME, AWAY)})


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"inputs": {"source_region": AWAY}}, "This run is in the failed region itself"),
        ({"environment": {"hosts": {"local": Host(env={"PATH": "/nowhere"})}}}, "terraform"),
    ],
    ids=["region of the run", "no tools"],
)
def test_it_refuses_before_anything_is_done(outage, tmp_path, changes, words):
    """A run in the wrong region, or without its tool, would fail after hours instead of at once."""
    state, troubles, _ = run(outage, tmp_path, **changes)
    assert (state.ended, set(state.steps)) == ("refused", {""})
    assert words in " ".join(troubles)
