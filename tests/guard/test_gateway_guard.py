"""The connection to AWS against a real endpoint that counts: only a fitting permit lets a change through, once."""

import asyncio
from collections import Counter

import pytest
from botocore import xform_name
from botocore.exceptions import HTTPClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cockpit.aws.gateway import Gateway
from cockpit.aws.port import AwsFailure, GuardRefused, Permit
from cockpit.aws.read_list import is_read
from cockpit.model.clock import SystemClock

pytestmark = pytest.mark.simulator

ACCOUNT, REGION = "123456789012", "us-east-1"
CHANGES = {
    ("ecs", "UpdateService"): {"cluster": "none", "service": "none", "desiredCount": 0},
    ("dynamodb", "DeleteTable"): {"TableName": "none"},
    ("dynamodb", "PutItem"): {"TableName": "none", "Item": {"pk": {"S": "1"}}},
    ("codedeploy", "StopDeployment"): {"deploymentId": "d-ABCDEFGHI"},
    ("cloudwatch", "DeleteAlarms"): {"AlarmNames": ["none"]},
}
# Reads by their name that are none by the guard's list: they would show secrets, or are made for others.
NO_READS = {
    ("secretsmanager", "GetSecretValue"): {"SecretId": "none"},
    ("ssm", "GetParameter"): {"Name": "none", "WithDecryption": True},
    ("ssm", "GetParametersByPath"): {"Path": "/", "WithDecryption": True},
    ("sts", "GetSessionToken"): {},
    ("ecr", "GetAuthorizationToken"): {},
}
READS = {
    ("ecs", "ListClusters"): {},
    ("dynamodb", "ListTables"): {},
    ("cloudwatch", "DescribeAlarms"): {},
}
ALL = {**CHANGES, **NO_READS, **READS}
CALLS = st.sampled_from(sorted(ALL))
PERMITS = st.builds(
    lambda call, account, region, number: Permit("run", "step", 1, number, account, *call, region),
    CALLS,
    st.sampled_from([ACCOUNT, ACCOUNT, "999999999999", ""]),
    st.sampled_from([REGION, "eu-west-1"]),
    st.integers(0, 10_000),
)


@pytest.fixture
def counted(idle_simulator, monkeypatch):
    """Return what counts the calls that reached the endpoint while it ran a coroutine."""
    for name, value in idle_simulator.environ.items():
        monkeypatch.setenv(name, value)
    loop = asyncio.new_event_loop()

    def run(work):
        before = Counter(idle_simulator.get_json("/_cockpit/calls")["counts"])
        try:
            outcome = loop.run_until_complete(work)
        except (AwsFailure, HTTPClientError) as failure:
            outcome = failure
        after = Counter(idle_simulator.get_json("/_cockpit/calls")["counts"])
        return outcome, {name for name in after - before if not is_read(*name.split(":"))}

    yield run
    loop.close()


def gateway(account=ACCOUNT):
    return Gateway(None, SystemClock(), account=account)


def settled(**more):
    return settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], **more)


def test_permits_let_exactly_their_own_call_through_once(counted):
    """A permit for another call, account or region, or a used one, would let a change through."""
    doors = {account: gateway(account) for account in (ACCOUNT, "999999999999", None)}
    used = set()

    @given(PERMITS, st.sampled_from(sorted(doors, key=str)))
    @settled(max_examples=80)
    def check(permit, armed_for):
        door, name = doors[armed_for], f"{permit.service}:{permit.operation}"
        outcome, arrived = counted(door.mutate(permit, dict(ALL[permit.service, permit.operation])))
        fits = permit.account == ACCOUNT == armed_for and not is_read(permit.service, permit.operation)
        fresh = (armed_for, permit.call) not in used
        if fits:
            used.add((armed_for, permit.call))
        assert arrived <= {name}
        assert (name in arrived) == (fits and fresh), (permit, outcome)
        assert isinstance(outcome, GuardRefused) != (fits and fresh)

    check()
    for door in doors.values():
        counted(door.close())


def test_a_permit_for_a_region_of_another_environment_is_refused(counted):
    """A plan's region that the environment does not name would be changed all the same."""
    door = Gateway(None, SystemClock(), account=ACCOUNT, regions=("us-east-1", "us-west-2"))
    params = {"TableName": "users", "DeletionProtectionEnabled": True}
    permit = Permit("run", "step", 1, 0, ACCOUNT, "dynamodb", "UpdateTable", "eu-west-1")
    outcome, arrived = counted(door.mutate(permit, params))
    counted(door.close())
    assert isinstance(outcome, GuardRefused)
    assert "the environment's regions are us-east-1, us-west-2" in str(outcome)
    assert not arrived


def test_nothing_but_reads_goes_out_without_a_permit(counted):
    """Some way past the engine, or a read that shows secrets, would reach AWS."""
    door = gateway()

    @given(CALLS, st.sampled_from(["read", "reading client", "mutating client", "client inside another permit"]))
    @settled(max_examples=60)
    def check(call, way):
        outcome, arrived = counted(sent(door, call, way))
        assert not arrived, (way, outcome)
        if call not in READS:
            assert isinstance(outcome, GuardRefused), (call, way, outcome)

    check()
    counted(door.close())


async def sent(door, call, way):
    (service, operation), params = call, ALL[call]
    if way == "read":
        return await door.read(service, operation, REGION, dict(params))
    if way == "reading client":
        client = await door._clients.reading(service, REGION)
        return await getattr(client, xform_name(operation))(**params)
    client = await door._clients.mutating(service, REGION)
    if way == "mutating client":
        return await getattr(client, xform_name(operation))(**params)
    other = Permit("run", "step", 2, 0, ACCOUNT, "sns", "Publish", REGION)
    door._guard._used.clear()
    with door._guard.admit(other, ACCOUNT):
        return await getattr(client, xform_name(operation))(**params)
