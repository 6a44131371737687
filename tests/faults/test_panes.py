"""Panes and `cockpit status` when AWS cannot be read: one by one, region by region, and back by themselves."""

import os
import socket
import subprocess
import sys

import pytest

from cockpit.aws import gateway
from cockpit.model.reading import FaultKind
from support.panes import ELSEWHERE, HERE, PANES, is_well, reading, soon, watching

pytestmark = pytest.mark.simulator


@pytest.fixture
def hub(simulator):
    """A running hub that watches two regions, and has read everything once."""
    with watching(simulator, HERE, ELSEWHERE) as hub:
        yield hub


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("server_error", FaultKind.SERVICE),
        ("throttled", FaultKind.THROTTLED),
        ("reset", FaultKind.UNREACHABLE),
        ("denied", FaultKind.DENIED),
        ("garbage", FaultKind.UNREADABLE),
        ("cut_short", FaultKind.UNREACHABLE),
    ],
)
def test_one_pane_degrades_and_recovers_by_itself(hub, faults, kind, expected):
    """A service in trouble would blank what others still know, or half an answer would show as "no alarms"."""
    before = reading(hub, "alarms").value
    faults.add(kind, "cloudwatch")
    soon(lambda: reading(hub, "alarms").fault is not None)
    failed = reading(hub, "alarms")
    assert failed.fault.kind is expected
    assert failed.value == before, "the last known value stays, with its age"
    assert is_well(hub, "deployments")
    assert is_well(hub, "restores")
    faults.clear()
    soon(lambda: is_well(hub, "alarms"))


@pytest.mark.parametrize(("service", "pane"), PANES.items())
def test_every_pane_fails_alone(hub, faults, service, pane):
    """Each pane rests on one service; the others go on being read."""
    faults.add("denied", service)
    soon(lambda: reading(hub, pane).fault is not None)
    since = {other: reading(hub, other).fetched_at for other in PANES.values() if other != pane}
    soon(lambda: all(reading(hub, other).fetched_at > since[other] for other in since))
    assert all(is_well(hub, other) for other in since)
    faults.clear()
    soon(lambda: is_well(hub, pane))


@pytest.mark.parametrize("kind", ["reset", "silent"])
def test_a_region_that_is_gone_never_blanks_the_other(hub, faults, monkeypatch, kind):
    """The region that is left is where one goes on working: it must not wait for the one that is gone."""
    monkeypatch.setattr(gateway, "READ_SECONDS", 1.0)
    monkeypatch.setattr(gateway, "LONG_READ_SECONDS", 1.0)
    number = faults.add(kind, region=ELSEWHERE)
    soon(lambda: all(reading(hub, pane, ELSEWHERE).fault for pane in PANES.values()))
    assert {reading(hub, pane, ELSEWHERE).fault.kind for pane in PANES.values()} == {FaultKind.UNREACHABLE}
    since = {pane: reading(hub, pane).fetched_at for pane in PANES.values()}
    soon(lambda: all(reading(hub, pane).fetched_at > since[pane] for pane in since), 5)
    assert all(is_well(hub, pane) for pane in since)
    faults.clear(number)
    soon(lambda: all(is_well(hub, pane, ELSEWHERE) for pane in since))


def test_expired_credentials_fail_every_pane_until_somebody_signs_in(sign_in, simulator, faults):
    """Signing in elsewhere must be enough: nobody restarts the cockpit in the middle of an incident."""
    sign_in("old")
    with watching(simulator, HERE) as hub:
        faults.add("expired", access_key="old")
        soon(lambda: all(reading(hub, pane).fault for pane in PANES.values()))
        assert {reading(hub, pane).fault.kind for pane in PANES.values()} == {FaultKind.CREDENTIALS}
        assert "aws sso login" in reading(hub, "alarms").fault.remedy
        assert all(reading(hub, pane).value is not None for pane in PANES.values())
        sign_in("new")
        soon(lambda: all(is_well(hub, pane) for pane in PANES.values()))


def status(tmp_path, *arguments, **settings):
    """Run `cockpit status` with the ordinary settings of this test."""
    return subprocess.run(
        [sys.executable, "-m", "cockpit", "status", *arguments],
        env={**os.environ, "HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path), **settings},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_status_shows_what_can_be_read(faults, tmp_path):
    """One region without an answer would cost the only look somebody has time for."""
    faults.add("reset", region=ELSEWHERE)
    faults.add("throttled", "codedeploy", region=HERE)
    done = status(tmp_path, "--region", HERE, "--region", ELSEWHERE)
    assert done.returncode == 2, done.stderr
    assert done.stderr == ""
    assert "account 123456789012" in done.stdout
    here, _, elsewhere = done.stdout.partition(f"== {ELSEWHERE}")
    assert "Rate exceeded" in here
    assert here.count("COULD NOT BE READ") == 1
    assert "RESTORES     0 running" in here
    assert elsewhere.count("COULD NOT BE READ") == len(PANES)


def closed_port():
    """Return an endpoint on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"


@pytest.mark.parametrize(
    "find_endpoint", [lambda: "http://no-such-host.invalid", closed_port], ids=["no name", "no listener"]
)
def test_status_without_a_line_says_so(tmp_path, find_endpoint):
    """An unknown name and a refused connection are no answer, and nothing is green."""
    done = status(tmp_path, AWS_ENDPOINT_URL=find_endpoint())
    assert done.returncode == 2
    assert "no connection" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
