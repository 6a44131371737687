"""The front of faults: each kind as an ordinary client meets it."""

import time
import uuid
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import boto3
import pytest
from botocore import exceptions as boto
from botocore.config import Config
from botocore.parsers import ResponseParserError

from cockpit.plans.document import DocumentError
from cockpit.sim.scenario import load_scenario
from support.faults import PAGE, Faults

pytestmark = pytest.mark.simulator

TABLE = {
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
}
READS = {
    "dynamodb": lambda client: client.list_tables(),
    "sts": lambda client: client.get_caller_identity(),
    "appconfig": lambda client: client.list_applications(),
    "cloudwatch": lambda client: client.describe_alarms(),
}


@pytest.fixture
def faults(idle_simulator):
    """What goes wrong with the shared simulator, only during the test."""
    with Faults(idle_simulator) as faults:
        yield faults


@pytest.fixture
def client(idle_simulator):
    """Return clients that try once and wait for two seconds."""

    def make(service, key="a", region="us-east-1"):
        return boto3.client(
            service,
            region_name=region,
            endpoint_url=idle_simulator.endpoint,
            aws_access_key_id=key,
            aws_secret_access_key="b",  # noqa: S106 - the simulator checks none
            config=Config(retries={"total_max_attempts": 1}, read_timeout=2),
        )

    return make


def refusal(call, *arguments):
    """Return code and status of a refusal."""
    with pytest.raises(boto.ClientError) as refused:
        call(*arguments)
    answer = refused.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]


@pytest.mark.parametrize(
    ("kind", "service", "expected"),
    [
        ("throttled", "dynamodb", ("ThrottlingException", 400)),
        ("throttled", "sts", ("Throttling", 400)),
        ("throttled", "appconfig", ("ThrottlingException", 400)),
        ("throttled", "cloudwatch", ("ThrottlingException", 400)),
        ("server_error", "dynamodb", ("InternalServerError", 500)),
        ("server_error", "sts", ("InternalFailure", 500)),
        ("expired", "dynamodb", ("ExpiredTokenException", 400)),
        ("expired", "sts", ("ExpiredToken", 403)),
        ("expired", "appconfig", ("ExpiredTokenException", 403)),
        ("denied", "dynamodb", ("AccessDeniedException", 400)),
        ("denied", "sts", ("AccessDenied", 403)),
    ],
)
def test_refusals_are_those_of_the_service(faults, client, kind, service, expected):
    """A client that knows the real codes would take a made-up one for something else."""
    faults.add(kind, service)
    assert refusal(READS[service], client(service)) == expected
    faults.clear()
    READS[service](client(service))


@pytest.mark.parametrize("service", ["dynamodb", "sts"])
def test_broken_connections_break_the_client(faults, client, service):
    """Half an answer that is read as a whole one would be a wrong reading."""
    number = faults.add("reset", service)
    with pytest.raises(boto.ConnectionClosedError):
        READS[service](client(service))
    faults.clear(number)
    faults.add("cut_short", service)
    with pytest.raises((boto.ChecksumError, ResponseParserError)):
        READS[service](client(service))


def test_garbage_has_the_right_length_and_no_meaning(faults, client):
    """Botocore reads broken JSON as an empty answer, and says of broken XML that it is none."""
    faults.add("garbage")
    assert "TableNames" not in client("dynamodb").list_tables()
    with pytest.raises(ResponseParserError):
        client("sts").get_caller_identity()


def test_silence_lasts_until_the_client_gives_up_or_the_rule_ends(faults, client):
    """A region that is gone answers nothing at all; when it is back, waiting calls are not kept for ever."""
    number = faults.add("silent", region="eu-west-1")
    with pytest.raises(boto.ReadTimeoutError):
        client("dynamodb", region="eu-west-1").list_tables()
    client("dynamodb").list_tables()
    faults.clear(number)
    client("dynamodb", region="eu-west-1").list_tables()


def test_slow_answers_come_whole(faults, client):
    """Latency alone changes nothing but the time; it is real time, as clients' patience is."""
    faults.add("slow", "dynamodb", delay=0.5)
    began = time.monotonic()
    assert "TableNames" in client("dynamodb").list_tables()
    assert time.monotonic() - began >= 0.5


@pytest.mark.parametrize(("takes_effect", "statuses"), [(True, [200]), (False, [0])])
def test_a_lost_answer_says_nothing_about_the_effect(faults, client, takes_effect, statuses):
    """Tests of lost answers need both: it happened, and it did not."""
    name = f"T-{uuid.uuid4()}"
    before = len(faults.calls("CreateTable"))
    faults.add("reset", "dynamodb", "CreateTable", takes_effect=takes_effect)
    with pytest.raises(boto.ConnectionClosedError):
        client("dynamodb").create_table(TableName=name, **TABLE)
    assert faults.calls("CreateTable")[before:] == statuses
    assert (name in client("dynamodb").list_tables()["TableNames"]) == takes_effect


def test_the_date_header_can_be_off(faults, client):
    """The clock skew is measured by that header."""
    faults.add("skew", "sts", seconds=600)
    answer = client("sts").get_caller_identity()
    stamp = parsedate_to_datetime(answer["ResponseMetadata"]["HTTPHeaders"]["date"])
    assert 595 < (stamp - datetime.now(UTC)).total_seconds() < 605


def test_only_calls_with_the_old_key_are_expired(faults, client):
    """Whoever renews the credentials must be let in again, and nobody else."""
    faults.add("expired", access_key="old")
    assert refusal(READS["sts"], client("sts", key="old")) == ("ExpiredToken", 403)
    READS["sts"](client("sts", key="new"))


def test_shares_counts_and_skipped_calls(faults, client):
    """A burst hits some calls and ends; which ones is the seed's choice."""
    faults.add("denied", "dynamodb", "ListTables", skip=1, count=2)
    reader = client("dynamodb")
    assert "TableNames" in reader.list_tables()
    assert [refusal(READS["dynamodb"], reader)[0] for _ in range(2)] == ["AccessDeniedException"] * 2
    assert "TableNames" in reader.list_tables()
    number = faults.add("throttled", "dynamodb", "ListTables", share=0.5)
    for _ in range(40):
        try:
            reader.list_tables()
        except boto.ClientError:
            continue
    assert 5 <= faults.hits(number) <= 35


def test_a_rule_ends_by_itself(faults, client, idle_simulator):
    """A burst in a scenario needs nobody to end it."""
    faults.add("throttled", "dynamodb", lasts=0.3)
    assert refusal(READS["dynamodb"], client("dynamodb"))[0] == "ThrottlingException"
    deadline = time.monotonic() + 10
    while idle_simulator.get_json(PAGE):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    client("dynamodb").list_tables()


def test_a_new_table_is_not_seen_at_first(faults, client):
    """Eventual consistency: it is there (its name is taken), and every read says that it is not."""
    name = f"T-{uuid.uuid4()}"
    faults.add("invisible", "dynamodb", "CreateTable", seconds=2)
    reader = client("dynamodb")
    reader.create_table(TableName=name, **TABLE)
    assert refusal(lambda: reader.describe_table(TableName=name)) == ("ResourceNotFoundException", 400)
    assert name not in reader.list_tables()["TableNames"]
    assert refusal(lambda: reader.create_table(TableName=name, **TABLE))[0] == "ResourceInUseException"
    deadline = time.monotonic() + 10
    while name not in reader.list_tables()["TableNames"]:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert reader.describe_table(TableName=name)["Table"]["TableName"] == name


def test_new_configurations_are_not_seen_at_first(faults, client):
    """Versions and deployments of AppConfig are looked for by plans whose answer was lost."""
    faults.add("invisible", "appconfig", seconds=2)
    appconfig = client("appconfig")
    application = appconfig.create_application(Name=f"a-{uuid.uuid4()}")["Id"]
    profile = appconfig.create_configuration_profile(ApplicationId=application, Name="p", LocationUri="hosted")["Id"]
    environment = appconfig.create_environment(ApplicationId=application, Name="e")["Id"]
    strategy = appconfig.create_deployment_strategy(
        Name=f"s-{uuid.uuid4()}", DeploymentDurationInMinutes=0, GrowthFactor=100, FinalBakeTimeInMinutes=0
    )["Id"]
    of_profile = {"ApplicationId": application, "ConfigurationProfileId": profile}
    of_environment = {"ApplicationId": application, "EnvironmentId": environment}
    version = appconfig.create_hosted_configuration_version(
        **of_profile, Content=b"{}", ContentType="application/json"
    )["VersionNumber"]
    started = appconfig.start_deployment(
        **of_environment,
        ConfigurationProfileId=profile,
        ConfigurationVersion=str(version),
        DeploymentStrategyId=strategy,
    )["DeploymentNumber"]

    def seen():
        versions = appconfig.list_hosted_configuration_versions(**of_profile)["Items"]
        return [*versions, *appconfig.list_deployments(**of_environment)["Items"]]

    assert seen() == []
    missing = ("ResourceNotFoundException", 404)
    assert refusal(lambda: appconfig.get_deployment(**of_environment, DeploymentNumber=started)) == missing
    deadline = time.monotonic() + 10
    while len(seen()) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.1)


SCENARIO = """
title: A bad minute
environment: {kind: demo, account: "123456789012", regions: [us-east-1], names: {}}
timeline:
  - {at: -PT1H, fault: {kind: denied, service: sts}}
  - {at: -PT1H, lasts: PT10M, fault: {kind: denied, service: iam}}
  - {at: PT1H, fault: {kind: denied, service: dynamodb}}
"""


def test_scenarios_have_faults_in_their_timeline(tmp_path, simulate):
    """A drill with AWS at its worst is a file, like every other."""
    (tmp_path / "bad.yaml").write_text(SCENARIO)
    simulator = simulate(tmp_path / "bad.yaml")
    keys = {"aws_access_key_id": "a", "aws_secret_access_key": "b"}
    at = {"region_name": "us-east-1", "endpoint_url": simulator.endpoint, **keys}
    assert refusal(boto3.client("sts", **at).get_caller_identity) == ("AccessDenied", 403)
    boto3.client("iam", **at).list_users()
    boto3.client("dynamodb", **at).list_tables()


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ("{at: PT0S}", "either a call or a fault"),
        ("{at: PT0S, lasts: PT1S, call: 'sts:GetCallerIdentity'}", "lasts belongs to a fault"),
        ("{at: PT0S, save: x, fault: {kind: slow}}", "belong to a call"),
        ("{at: PT0S, fault: {kind: gremlins}}", "throttled"),
    ],
)
def test_wrong_events_are_refused_with_their_line(tmp_path, event, expected):
    """Whoever writes a drill must learn before it what is wrong with it."""
    (tmp_path / "bad.yaml").write_text(SCENARIO.split("timeline:", maxsplit=1)[0] + f"timeline:\n  - {event}\n")
    with pytest.raises(DocumentError, match=expected) as refused:
        load_scenario(tmp_path / "bad.yaml")
    assert "bad.yaml:5" in str(refused.value)


@pytest.mark.parametrize(
    "order",
    [{}, {"kind": "gremlins"}, {"kind": "denied", "takes_effect": True}, {"kind": "slow", "delay": -1}, {"clear": "x"}],
)
def test_wrong_orders_are_refused(idle_simulator, order):
    """A mistyped rule that is taken and never hits makes a test that cannot fail."""
    with pytest.raises(LookupError):
        idle_simulator.post_json(PAGE, order)
    assert idle_simulator.get_json(PAGE) == []


def test_nothing_is_complained_about(idle_simulator):
    """Broken connections are the rule here: a trace for each would bury what matters."""
    assert idle_simulator.complaints() == ""
