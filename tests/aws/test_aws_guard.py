"""The guard by itself: permits, tickets and hooks."""

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.aws.catalogue import shared_catalogue
from cockpit.aws.guard import Guard, SentOnceOnly, count_on_wire
from cockpit.aws.port import GuardRefused, Permit
from cockpit.aws.read_list import CREDENTIAL_CALLS, READ_LIST, is_read

ACCOUNT = "123456789012"


def _permit(**changes):
    values = {
        "run_id": "r",
        "step": "s",
        "attempt": 1,
        "call": 0,
        "account": ACCOUNT,
        "service": "dynamodb",
        "operation": "CreateTable",
        "region": "us-east-1",
    }
    return Permit(**(values | changes))


def _model(service, operation):
    service_id = SimpleNamespace(hyphenize=lambda: service)
    return SimpleNamespace(name=operation, service_model=SimpleNamespace(service_name=service, service_id=service_id))


def _check(guard, service, operation, region="us-east-1"):
    guard.check_call(model=_model(service, operation), context={"client_region": region})
    guard.check_send(event_name=f"before-send.{service}.{operation}")


def test_without_a_permit_only_reads_and_signing_in_pass():
    """Over every operation of every service of botocore: nothing else passes."""
    catalogue = shared_catalogue()
    every = {(service, operation) for service in catalogue.services() for operation in catalogue.operations(service)}
    guard = Guard(ACCOUNT)
    passed = set()
    for service, operation in every:
        try:
            _check(guard, service, operation)
        except GuardRefused:
            continue
        passed.add((service, operation))
    listed = {(service, operation) for service, operations in READ_LIST.items() for operation in operations}
    assert passed == (listed | CREDENTIAL_CALLS) & every
    assert len(every) > 10_000


@pytest.mark.parametrize("operation", ["GetParameter", "GetParameterHistory"])
def test_a_read_that_would_reveal_a_secret_is_refused(operation):
    """A parameter may be read as it is stored; decrypted, it would end on the screen and in the journal."""
    guard, model = Guard(ACCOUNT), _model("ssm", operation)
    for params in ({"Name": "host"}, {"Name": "host", "WithDecryption": False}):
        guard.check_call(model=model, params=params, context={"client_region": "us-east-1"})
    with pytest.raises(GuardRefused, match="would reveal a secret"):
        guard.check_call(model=model, params={"Name": "host", "WithDecryption": True}, context={})


def test_a_permit_opens_exactly_its_call():
    """The named operation passes in its region; another operation, service or region does not."""
    guard = Guard(ACCOUNT)
    with guard.admit(_permit(), ACCOUNT):
        guard.check_call(model=_model("dynamodb", "CreateTable"), context={"client_region": "us-east-1"})
        for service, operation, region in (
            ("dynamodb", "DeleteTable", "us-east-1"),
            ("ecs", "UpdateService", "us-east-1"),
            ("dynamodb", "CreateTable", "eu-west-1"),
            ("dynamodb", "CreateTable", ""),
        ):
            with pytest.raises(GuardRefused, match="the permit is for"):
                guard.check_call(model=_model(service, operation), context={"client_region": region})
        _check(guard, "dynamodb", "CreateTable")
    with pytest.raises(GuardRefused):
        _check(guard, "dynamodb", "CreateTable")


def test_a_permit_sends_once():
    """A retry below the gateway must not send a mutation again."""
    guard = Guard(ACCOUNT)
    with guard.admit(_permit(), ACCOUNT):
        _check(guard, "dynamodb", "CreateTable")
        with pytest.raises(GuardRefused, match="second time"):
            guard.check_send(event_name="before-send.dynamodb.CreateTable")


def test_the_wire_is_counted_too():
    """Aiohttp's own resending and redirects are stopped, and a client that can mutate is dead without a permit."""
    guard = Guard(ACCOUNT)
    with pytest.raises(GuardRefused, match="without a permit"):
        count_on_wire()
    with guard.admit(_permit(), ACCOUNT) as ticket:
        count_on_wire()
        assert ticket.on_wire == 1
        with pytest.raises(SentOnceOnly):
            count_on_wire()


@pytest.mark.parametrize(
    ("account", "permit", "actual", "words"),
    [
        (None, _permit(), ACCOUNT, "names no account"),
        ("999999999999", _permit(), ACCOUNT, "armed for account"),
        (ACCOUNT, _permit(account="999999999999"), ACCOUNT, "armed for account"),
        (ACCOUNT, _permit(), "999999999999", "credentials belong to"),
        (ACCOUNT, _permit(operation="DescribeTable"), ACCOUNT, "is a read"),
    ],
)
def test_permits_that_do_not_fit(account, permit, actual, words):
    """Environment, run and credentials must name the same account."""
    guard = Guard(account)
    with pytest.raises(GuardRefused, match=words), guard.admit(permit, actual):
        pytest.fail("the permit was admitted")


def test_a_permit_is_used_up_even_if_nothing_was_sent():
    """A second use of the same call of the same attempt is refused, whatever became of the first."""
    guard = Guard(ACCOUNT)
    with guard.admit(_permit(), ACCOUNT):
        pass
    with pytest.raises(GuardRefused, match="used before"), guard.admit(_permit(), ACCOUNT):
        pytest.fail("the permit was admitted twice")
    with guard.admit(_permit(call=1), ACCOUNT):
        pass


@given(st.text(max_size=30), st.text(max_size=30))
def test_unknown_names_are_refused(service, operation):
    """Names that are no service or operation at all are refused as well."""
    if not is_read(service, operation) and (service, operation) not in CREDENTIAL_CALLS and "." not in service:
        with pytest.raises(GuardRefused):
            _check(Guard(ACCOUNT), service, operation)


def test_a_sending_that_was_never_checked_is_refused():
    """A request whose service the guard has not seen being built does not leave."""
    with pytest.raises(GuardRefused):
        Guard(ACCOUNT).check_send(event_name="before-send.dynamodb.DescribeTable")
