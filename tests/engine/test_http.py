"""HTTP steps against a real server on this machine."""

import asyncio
import socket

import pytest
from aiohttp import web

from cockpit.engine.actions.http import HttpAction
from cockpit.model.effect import Outcome
from cockpit.plans.actions.http import HttpSpec
from support.action_bench import Bench, a_plan


@pytest.fixture
async def server():
    """Serve a few answers; gives the address."""
    asked: list[str] = []

    async def answer(request: web.Request) -> web.StreamResponse:
        asked.append(request.path)
        if request.path == "/host":
            return web.json_response({"host": request.headers["Host"]})
        if request.path == "/slow":
            await asyncio.sleep(5)
        if request.path == "/moved":
            raise web.HTTPFound("http://elsewhere.example/login")
        if request.path == "/health":
            return web.json_response({"status": "ok", "version": request.headers.get("X-Want", "none")})
        if request.path == "/echo":
            return web.Response(text=request.headers.get("Authorization", "nobody"))
        times = asked.count(request.path)
        if (request.path, times) == ("/third-time-lucky", 3) or (request.path == "/twice-only" and times <= 2):
            return web.Response(text="well")
        return web.Response(text="broken \x1b[31m", status=503)

    app = web.Application()
    app.router.add_get("/{tail:.*}", answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}", asked
    await runner.cleanup()


async def look(url: str, **more):
    """Carry out an http step."""
    context = Bench(a_plan({"http": {"url": url, **more}}))
    assert isinstance(context.step.action, HttpSpec)
    return await HttpAction().perform(context, context.step.action)


async def test_a_healthy_answer_is_done(server):
    """Status, body and JSON as wanted: the step is done and the header was sent."""
    address, _ = server
    headers = {"X-Want": "7"}
    result = await look(
        f"{address}/health", headers=headers, expect_body="ok", expect_json="answer.status == 'ok' && answer.version"
    )
    assert (result.outcome, result.captured) == (Outcome.DONE, {"status": 200})


@pytest.mark.parametrize(
    ("path", "more", "words"),
    [
        ("/broken", {}, "answered 503: 200 was expected"),
        ("/health", {"expect_body": "fine"}, "does not contain fine"),
        ("/health", {"expect_json": "answer.status == 'down'"}, "not true: answer.status == 'down'"),
        ("/health", {"expect_json": "answer.missing"}, "has no value"),
        ("/broken", {"expect_status": 503, "expect_json": "answer"}, "the body is not JSON"),
        ("/slow", {"timeout": "PT0.3S"}, "did not answer within"),
    ],
)
async def test_another_answer_fails_and_says_why(server, path, more, words):
    """A smoke test that only looks at the connection would wave a broken service through."""
    address, _ = server
    result = await look(f"{address}{path}", **more)
    assert result.outcome is Outcome.FAILED
    assert words in result.reason
    assert "\x1b" not in result.reason


async def test_a_redirect_is_not_followed(server):
    """A login page elsewhere that answers 200 must not count as a healthy service, and gets none of our headers."""
    address, asked = server
    result = await look(f"{address}/moved", headers={"Authorization": "secret"})
    assert result.outcome is Outcome.FAILED
    assert "it leads to http://elsewhere.example/login" in result.reason
    assert asked == ["/moved"]


async def test_an_unreachable_service_is_a_sentence():
    """No traceback if nobody listens."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    result = await look(f"http://127.0.0.1:{port}/")
    assert (result.outcome, "could not be reached" in result.reason) == (Outcome.FAILED, True)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://x/y", "no url at all"])
async def test_only_http_addresses_are_asked(url):
    """A plan must not read local files through an http step."""
    result = await look(url)
    assert (result.outcome, "nothing was requested" in result.reason) == (Outcome.FAILED, True)


async def test_a_server_is_looked_at_before_any_name_leads_to_it(server):
    """A stack could be tested only after users are led to it (ledger E-06), or under a wrong name."""
    address, _ = server
    url, port = "http://api.nowhere.invalid/host", address.rpartition(":")[2]
    result = await look(url, connect_to=f"localhost:{port}", expect_json="answer.host == 'api.nowhere.invalid'")
    assert (result.outcome, result.captured) == (Outcome.DONE, {"status": 200})
    result = await look(f"http://api.nowhere.invalid:{port}/host", connect_to="127.0.0.1", expect_status=200)
    assert result.outcome is Outcome.DONE
    result = await look(url)
    assert "could not be reached" in result.reason


@pytest.mark.parametrize("server_name", ["user@localhost", "localhost/path", "localhost:http"])
async def test_what_is_no_server_is_not_connected_to(server_name):
    """A value that is no host could lead the request elsewhere."""
    result = await look("http://api.nowhere.invalid/host", connect_to=server_name)
    assert "is no host to connect to; nothing was requested" in result.reason


async def test_a_service_just_started_is_given_time(server):
    """A backend that needs two seconds after its restart would fail the rollback."""
    address, asked = server
    result = await look(f"{address}/third-time-lucky", within="PT10S", every="PT0.01S")
    assert (result.outcome, len(asked)) == (Outcome.DONE, 3)


async def test_a_soak_that_breaks_says_how_long_it_held(server):
    """A service that falls over a minute after its restart would be called stable."""
    address, _ = server
    result = await look(f"{address}/twice-only", every="PT10S", hold="PT15M")
    assert result.outcome is Outcome.FAILED
    assert result.reason.startswith("It was as wanted for 20 s, then no longer. ")


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"expect_headers": {"Content-Type": "text/html"}}, "the header Content-Type is 'application/json"),
        ({"expect_headers": {"X-None": "."}}, "the header X-None is missing"),
        ({"expect_text": "version 3"}, "the body does not contain version 3"),
    ],
)
async def test_headers_and_text_are_looked_at(server, more, words):
    """An error page that answers 200 would pass for the application."""
    address, _ = server
    result = await look(f"{address}/health", **more)
    assert (result.outcome, words in result.reason) == (Outcome.FAILED, True), result.reason


async def test_a_token_comes_from_the_keyring_and_is_never_shown(server, monkeypatch):
    """A token in a plan, a journal or an error message is a token for everybody."""
    address, _ = server
    monkeypatch.setattr("keyring.get_password", lambda service, name: f"s3cret-{service}-{name}")
    context = Bench(a_plan({"http": {"url": f"{address}/echo", "bearer": "api", "expect_text": "no such words"}}))
    assert isinstance(context.step.action, HttpSpec)
    result = await HttpAction().perform(context, context.step.action)
    assert "it begins 'Bearer (secret, not kept)'" in result.reason
    assert "s3cret" not in f"{result} {context.records} {context.seen}"


async def test_a_token_that_is_missing_is_asked_for(server, monkeypatch):
    """The step would go out without a token, and fail with a 401 that nobody understands."""
    address, asked = server
    monkeypatch.setattr("keyring.get_password", lambda service, name: None)
    result = await look(f"{address}/echo", bearer="api")
    assert (result.outcome, "keyring set cockpit api" in result.reason, asked) == (Outcome.FAILED, True, [])
