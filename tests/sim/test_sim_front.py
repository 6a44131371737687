"""The simulator's process and its front."""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from email.utils import parsedate_to_datetime

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from cockpit.sim.process import SimulatorFailed, start_simulator

pytestmark = pytest.mark.simulator


def client(simulator, service):
    """Return an ordinary client, with the retries that a user's client has."""
    return boto3.client(
        service,
        region_name="us-east-1",
        endpoint_url=simulator.endpoint,
        aws_access_key_id="a",
        aws_secret_access_key="b",  # noqa: S106 - the simulator checks none
        config=Config(retries={"mode": "standard", "max_attempts": 3}),
    )


@pytest.mark.parametrize(
    ("service", "method", "params"),
    [
        ("dynamodb", "execute_statement", {"Statement": "SELECT * FROM t"}),
        ("cloudwatch", "describe_alarm_contributors", {"AlarmName": "a"}),
        ("iam", "list_delegation_requests", {}),
        ("appconfig", "list_extensions", {}),
        ("health", "describe_events", {}),
        ("ec2", "describe_fpga_images", {}),
    ],
)
def test_what_is_not_simulated_is_refused_once_in_words(idle_simulator, service, method, params):
    """A missing operation would be retried as a fault, or hidden behind a parser error, in any protocol."""
    with pytest.raises(ClientError) as refused:
        getattr(client(idle_simulator, service), method)(**params)
    answer = refused.value.response
    assert answer["Error"]["Code"] == "NotSimulated"
    assert service in answer["Error"]["Message"]
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert answer["ResponseMetadata"]["RetryAttempts"] == 0


@pytest.mark.parametrize(
    ("body", "status", "expected"),
    [
        ("Action=DescribeAlarms&AlarmTypes.member.1=MetricAlarm", 200, "<MetricAlarms/>"),
        ("Action=SetAlarmState&AlarmName=a&StateValue=OK&StateReason=r", 404, "<Code>ResourceNotFound</Code>"),
        ("Action=NoSuchThing", 400, "<Code>NotSimulated</Code>"),
    ],
)
def test_cloudwatch_speaks_the_query_protocol_too(idle_simulator, body, status, expected):
    """Older clients, among them AWS CLI 1 and many SDKs, would be lost."""
    scope = "a/20260131/us-east-1/monitoring/aws4_request"
    request = urllib.request.Request(  # noqa: S310 - our own http URL
        idle_simulator.endpoint,
        data=f"{body}&Version=2010-08-01".encode(),
        headers={"Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=x"},
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - our own http URL
            got, text = answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        got, text = error.code, error.read().decode()
    assert got == status
    assert expected in text


def test_calls_are_counted_by_service_and_operation(simulate):
    """Nobody could prove that no mutation reached the endpoint."""
    simulator = simulate()
    client(simulator, "dynamodb").list_tables()
    client(simulator, "dynamodb").list_tables()
    client(simulator, "sts").get_caller_identity()
    client(simulator, "appconfig").list_applications()
    calls = simulator.get_json("/_cockpit/calls")
    assert calls["counts"] == {"dynamodb:ListTables": 2, "sts:GetCallerIdentity": 1, "appconfig:ListApplications": 1}
    assert [call["status"] for call in calls["calls"]] == [200, 200, 200, 200]


def test_the_date_header_is_the_storys_time(simulate):
    """The cockpit's clock-skew check would compare with the machine's clock instead of AWS's."""
    simulator = simulate(speed=5000)
    answer = client(simulator, "sts").get_caller_identity()
    said = parsedate_to_datetime(answer["ResponseMetadata"]["HTTPHeaders"]["date"])
    assert abs((simulator.clock.now() - said).total_seconds()) < 5000
    assert (said.timestamp() - time.time()) > 60


def test_an_unsigned_request_is_refused(idle_simulator):
    """Without a signature moto would take anything for S3."""
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(idle_simulator.endpoint + "/", timeout=10)  # noqa: S310 - our own http URL
    assert refused.value.code == 403
    assert "not signed" in json.load(refused.value)["message"]


def test_an_unknown_page_names_the_known_ones(idle_simulator):
    """A misspelt page would look like an empty truth."""
    with pytest.raises(LookupError, match="truth"):
        idle_simulator.get_json("/_cockpit/trut")


def test_it_ends_when_its_parent_dies():
    """A crashed cockpit would leave simulators behind."""
    code = (
        "import os, sys\nfrom cockpit.sim.process import start_simulator\n"
        "print(start_simulator().pid, flush=True)\nos._exit(1)"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    pid = int(said.stdout)
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.05)
    pytest.fail("the simulator outlived its parent")


_STAGE = (
    "title: x\nenvironment: {kind: demo, account: '123456789012', regions: [us-east-1]}\ntimeline:\n  - at: -PT1M\n"
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("title: x\n", "environment"),
        ("title: x\ntimelin: []\n", "scenario.yaml:2"),
        ("title: x\nbased_on: nowhere.yaml\n", "nowhere.yaml"),
        (_STAGE + "    call: dynamodb:DescribeTable\n    with: {TableName: none}\n", "scenario.yaml:4"),
        (_STAGE + "    call: dynamodb:DescribeTables\n", "no operation DescribeTables"),
        (_STAGE + "    call: dynamodb:DescribeTable\n    with: {TableName: '{{ nobody.Id }}'}\n", "nobody.Id"),
    ],
)
def test_a_broken_scenario_says_where_and_what(tmp_path, text, expected):
    """Whoever writes a scenario would get a traceback."""
    path = tmp_path / "scenario.yaml"
    path.write_text(text)
    with pytest.raises(SimulatorFailed) as failed:
        start_simulator(path)
    assert expected in str(failed.value)
    assert "Traceback" not in str(failed.value)


def test_an_unknown_scenario_names_the_known_ones():
    """A misspelt name would leave the operator guessing."""
    with pytest.raises(SimulatorFailed, match="syncwell-corruption"):
        start_simulator("syncwell-corrupted")


def test_a_taken_port_is_said(idle_simulator):
    """The reason would be hidden in a traceback."""
    port = int(idle_simulator.endpoint.rpartition(":")[2])
    with pytest.raises(SimulatorFailed, match=str(port)):
        start_simulator(port=port)
