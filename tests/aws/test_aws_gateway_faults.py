"""The gateway against endpoints that misbehave: every ending is a Fault in words, and a definite no is definite."""

import socket

import pytest

from cockpit.aws import gateway as gateway_module
from cockpit.aws import settings
from cockpit.aws.gateway import Gateway
from cockpit.aws.port import CallRejected, GuardRefused, OutcomeUnknown, Permit, ReadFailed
from cockpit.model.clock import SystemClock
from cockpit.model.reading import FaultKind
from support.broken_endpoints import BrokenEndpoint, answer, hang_up, reset

ACCOUNT = "123456789012"
JSON_TYPE = "Content-Type: application/x-amz-json-1.0\r\n"


@pytest.fixture(autouse=True)
def _settings(monkeypatch, tmp_path):
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_DEFAULT_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIA1")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setitem(settings.READ_RETRIES, "total_max_attempts", 1)  # retries wait for seconds; one test has them


def _permit(service="dynamodb", operation="DeleteTable", call=0):
    return Permit("r", "s", 1, call, ACCOUNT, service, operation, "us-east-1")


async def _read(url, monkeypatch, service="dynamodb", operation="ListTables"):
    monkeypatch.setenv("AWS_ENDPOINT_URL", url)
    port = Gateway(None, SystemClock(), account=ACCOUNT)
    try:
        return await port.read(service, operation, "us-east-1", {})
    finally:
        await port.close()


async def _mutate(url, monkeypatch, permit=None, params=None):
    monkeypatch.setenv("AWS_ENDPOINT_URL", url)
    port = Gateway(None, SystemClock(), account=ACCOUNT)
    try:
        return await port.mutate(permit or _permit(), {"TableName": "Table"} if params is None else params)
    finally:
        await port.close()


def _closed_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"


def _error(status, code, message="words"):
    return answer(status, f'{{"__type": "x#{code}", "message": "{message}"}}'.encode(), JSON_TYPE)


@pytest.mark.parametrize(
    ("behaviour", "kind", "words"),
    [
        (_error("400 Bad Request", "ExpiredTokenException"), FaultKind.CREDENTIALS, "aws sso login"),
        (_error("403 Forbidden", "UnrecognizedClientException"), FaultKind.CREDENTIALS, "aws sso login"),
        (_error("400 Bad Request", "AccessDeniedException"), FaultKind.DENIED, "dynamodb:ListTables"),
        (_error("400 Bad Request", "ThrottlingException"), FaultKind.THROTTLED, "rate"),
        (_error("400 Bad Request", "ResourceNotFoundException"), FaultKind.NOT_FOUND, "Check the name"),
        (_error("400 Bad Request", "ValidationException"), FaultKind.REJECTED, "pointless"),
        (_error("400 Bad Request", "InvalidSignatureException"), FaultKind.CREDENTIALS, "clock"),
        (_error("500 Oops", "InternalServerError"), FaultKind.SERVICE, "Health"),
        (answer("503 Service Unavailable", b"<html>busy</html>"), FaultKind.SERVICE, "Health"),
        (
            answer("200 OK", b"<html>Please sign in</html>", "Content-Type: text/html\r\n"),
            FaultKind.UNREADABLE,
            "proxy",
        ),
        (answer("200 OK", b"", JSON_TYPE), FaultKind.UNREADABLE, "proxy"),
        (answer("200 OK", b'{"TableNames": 5}', JSON_TYPE), FaultKind.UNREADABLE, "proxy"),
        (hang_up, FaultKind.UNREACHABLE, "network"),
        (reset, FaultKind.UNREACHABLE, "network"),
    ],
)
async def test_reads_fail_in_words(monkeypatch, behaviour, kind, words):
    """Each trouble has its own class, names the call and says what to do next."""
    with BrokenEndpoint(behaviour) as endpoint, pytest.raises(ReadFailed) as failure:
        await _read(endpoint.url, monkeypatch)
    fault = failure.value.fault
    assert fault.kind is kind
    assert "dynamodb ListTables in us-east-1" in fault.message
    assert words in fault.remedy


async def test_reads_are_tried_again(monkeypatch):
    """A passing trouble of the service costs a second, not a failed pane."""
    monkeypatch.setitem(settings.READ_RETRIES, "total_max_attempts", 3)
    good, bad = answer("200 OK", b'{"TableNames": ["Table"]}', JSON_TYPE), answer("503 Service Unavailable")
    turns = iter((bad, good))

    def in_turn(connection, request):
        next(turns)(connection, request)

    with BrokenEndpoint(in_turn) as endpoint:
        answered = await _read(endpoint.url, monkeypatch)
        assert answered.body == {"TableNames": ["Table"]}
        assert len(endpoint.requests) == 2


async def test_closed_port_is_unreachable(monkeypatch):
    """Nothing listens: said plainly, with the endpoint's address."""
    url = _closed_port()
    with pytest.raises(ReadFailed) as failure:
        await _read(url, monkeypatch)
    assert failure.value.fault.kind is FaultKind.UNREACHABLE
    assert url in failure.value.fault.message


async def test_unreachable_words_are_steady(monkeypatch):
    """The same trouble has the same words each time (no memory addresses): a pane must not flicker."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "https://nowhere.invalid")
    words = set()
    for _ in range(2):
        port = Gateway(None, SystemClock())
        with pytest.raises(ReadFailed) as failure:
            await port.identity("us-east-1")
        await port.close()
        words.add(failure.value.fault)
    assert len(words) == 1
    assert "0x" not in words.pop().message


async def test_missing_credentials_say_which_command_renews_them(monkeypatch):
    """Not signed in is a state with a remedy, not a traceback."""
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(ReadFailed) as failure:
        await _read(_closed_port(), monkeypatch)
    assert failure.value.fault.kind is FaultKind.CREDENTIALS
    assert "aws sso login" in failure.value.fault.remedy


async def test_unknown_profile_is_told_with_its_name():
    """A profile that does not exist must not end the program."""
    port = Gateway("prod-admin", SystemClock())
    with pytest.raises(ReadFailed) as failure:
        await port.identity("us-east-1")
    await port.close()
    assert failure.value.fault.kind is FaultKind.CREDENTIALS
    assert "prod-admin" in failure.value.fault.message
    assert "--profile prod-admin" in failure.value.fault.remedy


async def test_hostile_error_text_is_cleaned(monkeypatch):
    """An error message cannot repaint the terminal."""
    behaviour = _error("400 Bad", "ValidationException", "\\u001b[2Jgone")
    with BrokenEndpoint(behaviour) as endpoint, pytest.raises(ReadFailed) as failure:
        await _read(endpoint.url, monkeypatch)
    assert "\x1b" not in failure.value.fault.message


async def test_what_is_not_on_the_read_list_is_not_sent(monkeypatch):
    """The read door does not open for anything else, and nothing reaches the network."""
    with BrokenEndpoint(answer("200 OK", b"{}", JSON_TYPE)) as endpoint:
        with pytest.raises(GuardRefused):
            await _read(endpoint.url, monkeypatch, "dynamodb", "DeleteTable")
        assert endpoint.requests == []


async def test_hook_refuses_even_a_client_used_directly(monkeypatch):
    """Code that gets hold of a client cannot go around the guard: every operation of it is hooked."""
    with BrokenEndpoint(answer("200 OK", b"{}", JSON_TYPE)) as endpoint:
        monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint.url)
        port = Gateway(None, SystemClock(), account=ACCOUNT)
        for client in (
            await port._clients.reading("dynamodb", "us-east-1"),
            await port._clients.mutating("dynamodb", "us-east-1"),
        ):
            with pytest.raises(GuardRefused):
                await client.delete_table(TableName="Table")
        await port.close()
        assert endpoint.requests == []


@pytest.mark.parametrize(
    "behaviour",
    [
        _error("400 Bad Request", "ValidationException"),
        _error("400 Bad Request", "ThrottlingException"),
        _error("403 Forbidden", "AccessDeniedException"),
        _error("400 Bad Request", "ResourceInUseException"),
    ],
)
async def test_typed_refusals_are_definite(monkeypatch, behaviour):
    """AWS itself said no: the mutation did not take effect, and it was sent once."""
    with BrokenEndpoint(behaviour) as endpoint:
        with pytest.raises(CallRejected) as failure:
            await _mutate(endpoint.url, monkeypatch)
        assert failure.value.fault.code
        assert len(endpoint.requests) == 1


@pytest.mark.parametrize(
    "behaviour",
    [
        _error("500 Oops", "InternalServerError"),
        answer("503 Service Unavailable", b"<html>busy</html>"),
        answer("403 Forbidden", b"<html>proxy says no</html>", "Content-Type: text/html\r\n"),
        answer("408 Request Timeout", b'{"__type": "RequestTimeout"}', JSON_TYPE),
        answer("200 OK", b"<html>sign in</html>", "Content-Type: text/html\r\n"),
        hang_up,
        reset,
    ],
)
async def test_everything_else_is_unknown_and_sent_once(monkeypatch, behaviour):
    """No definite answer: never called a failure, never sent again."""
    with BrokenEndpoint(behaviour) as endpoint:
        with pytest.raises(OutcomeUnknown) as failure:
            await _mutate(endpoint.url, monkeypatch)
        assert len(endpoint.requests) == 1
    assert "dynamodb DeleteTable in us-east-1 was sent" in failure.value.evidence[0]


@pytest.mark.parametrize("behaviour", [hang_up, reset])
async def test_idempotent_http_methods_are_not_resent(monkeypatch, behaviour):
    """Aiohttp resends DELETE and PUT by itself; a mutation (AppConfig StopDeployment is a DELETE) must leave once."""
    permit = _permit("appconfig", "StopDeployment")
    params = {"ApplicationId": "app", "EnvironmentId": "env", "DeploymentNumber": 1}
    with BrokenEndpoint(behaviour) as endpoint:
        with pytest.raises(OutcomeUnknown):
            await _mutate(endpoint.url, monkeypatch, permit, params)
        assert len(endpoint.requests) == 1
        assert endpoint.requests[0].startswith(b"DELETE ")


async def test_redirects_of_mutations_are_not_followed(monkeypatch):
    """A redirect would send the mutation to a place nobody confirmed."""
    with BrokenEndpoint(answer("200 OK", b"{}", JSON_TYPE)) as elsewhere:
        redirect = answer("307 Temporary Redirect", b"", f"Location: {elsewhere.url}/\r\n")
        with BrokenEndpoint(redirect) as endpoint:
            with pytest.raises(OutcomeUnknown):
                await _mutate(endpoint.url, monkeypatch)
            assert len(endpoint.requests) == 1
        assert elsewhere.requests == []


async def test_time_out_is_unknown(monkeypatch):
    """A mutation without an answer in time may have happened."""
    monkeypatch.setattr(gateway_module, "MUTATE_SECONDS", 0.4)

    def silent(connection, _request):
        connection.settimeout(5)
        connection.recv(1)

    with BrokenEndpoint(silent) as endpoint, pytest.raises(OutcomeUnknown):
        await _mutate(endpoint.url, monkeypatch)


async def test_wrong_parameters_are_a_definite_no(monkeypatch):
    """Botocore's own validation stops the call before anything is sent."""
    with BrokenEndpoint(answer("200 OK", b"{}", JSON_TYPE)) as endpoint:
        with pytest.raises(CallRejected, match="parameters are wrong"):
            await _mutate(endpoint.url, monkeypatch, params={"Tabel": "x"})
        assert endpoint.requests == []


async def test_account_that_cannot_be_proven_refuses(monkeypatch):
    """Without STS nobody knows which account would be changed."""
    with pytest.raises(GuardRefused, match="could not be proven"):
        await _mutate(_closed_port(), monkeypatch)


async def test_other_account_refuses(monkeypatch):
    """Credentials of another account than the run's change nothing."""
    permit = Permit("r", "s", 1, 0, "999999999999", "dynamodb", "DeleteTable", "us-east-1")
    with BrokenEndpoint(answer("200 OK", b"{}", JSON_TYPE)) as endpoint:
        monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint.url)
        port = Gateway(None, SystemClock(), account="999999999999")
        with pytest.raises(GuardRefused, match="credentials belong to account 123456789012"):
            await port.mutate(permit, {"TableName": "Table"})
        await port.close()
        assert endpoint.requests == []


async def test_signing_in_elsewhere_is_noticed(monkeypatch, tmp_path):
    """After expired or missing credentials are renewed, the same connection works again without a restart."""
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with BrokenEndpoint(answer("200 OK", b'{"TableNames": ["Table"]}', JSON_TYPE)) as endpoint:
        monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint.url)
        port = Gateway(None, SystemClock())
        with pytest.raises(ReadFailed):
            await port.read("dynamodb", "ListTables", "us-east-1", {})
        (tmp_path / "credentials").write_text("[default]\naws_access_key_id=AKIA2\naws_secret_access_key=secret\n")
        answered = await port.read("dynamodb", "ListTables", "us-east-1", {})
        await port.close()
    assert answered.body == {"TableNames": ["Table"]}
