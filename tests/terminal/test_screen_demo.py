"""`cockpit demo` and bad places, in a pseudo-terminal."""

import contextlib
import os
import sys
import time
from pathlib import Path

import pytest

from cockpit.sim.process import start_simulator
from support.terminal import Terminal

pytestmark = [pytest.mark.simulator, pytest.mark.terminal]

COCKPIT = [sys.executable, "-m", "cockpit"]
CONFIG = """
[environments.rehearsal]
kind = "drill"
account = "{account}"
regions = ["{region}"]
"""


def children_of(pid: int) -> list[int]:
    """Return the processes that a process has started; its threads come and go meanwhile."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            found += (int(word) for word in (task / "children").read_text().split())
    return found


@pytest.mark.alone
def test_demo_shows_firing_alarms_within_ten_seconds_and_leaves_nothing_behind(tmp_path):
    """A newcomer would look at an empty screen, or a simulated AWS would go on running after quitting."""
    began = time.monotonic()
    with Terminal([*COCKPIT, "demo"], {"COCKPIT_STATE_DIR": str(tmp_path)}) as terminal:
        terminal.wait(lambda text: "▲ ALARM" in text and "syncwell-config-overwrites" in text, timeout=60)
        took = time.monotonic() - began
        children = children_of(terminal.pid)
        terminal.press("q")
        assert terminal.exit_code() == 0
    assert took < 10, f"{took:.1f} s"
    assert children
    deadline = time.monotonic() + 10
    while any(Path(f"/proc/{child}").exists() for child in children):
        assert time.monotonic() < deadline, "the simulator is still there"
        time.sleep(0.1)


def test_demo_dies_with_a_killed_cockpit(tmp_path):
    """A killed cockpit would leave its simulated AWS behind for ever."""
    with Terminal([*COCKPIT, "demo"], {"COCKPIT_STATE_DIR": str(tmp_path)}) as terminal:
        terminal.wait("▲ ALARM", timeout=60)
        children = children_of(terminal.pid)
        os.kill(terminal.pid, 9)
    deadline = time.monotonic() + 10
    while any(Path(f"/proc/{child}").exists() for child in children):
        assert time.monotonic() < deadline, "the simulator is still there"
        time.sleep(0.1)


def test_an_unreachable_endpoint_is_said_in_every_pane(tmp_path):
    """A dead line to AWS would look like a healthy, empty account, or end the program."""
    config = tmp_path / "cockpit.toml"
    config.write_text(CONFIG.format(account="123456789012", region="us-east-1"))
    environ = {
        "COCKPIT_STATE_DIR": str(tmp_path),
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "x",
    }
    with Terminal([*COCKPIT, "open", "--config", str(config)], environ) as terminal:
        text = terminal.wait(lambda text: text.count("FAILED") >= 3, timeout=60)
        assert "127.0.0.1:9" in text or "reach" in text, text
        terminal.press("q")
        assert terminal.exit_code() == 0


@pytest.fixture(scope="module")
def simulator():
    with start_simulator("syncwell-corruption") as running:
        yield running


def test_a_wrong_account_is_refused_before_anything_starts(simulator, tmp_path):
    """A run would be started in an account it was not meant for."""
    config = tmp_path / "cockpit.toml"
    config.write_text(CONFIG.format(account="999999999999", region="us-east-1"))
    environ = {**simulator.environ, "COCKPIT_STATE_DIR": str(tmp_path)}
    with Terminal([*COCKPIT, "open", "--config", str(config)], environ) as terminal:
        text = terminal.wait("999999999999", timeout=60)
        assert "123456789012" in text


def test_a_terminal_too_small_says_so_and_recovers(simulator, tmp_path):
    """A small window would crash the cockpit or show a torn screen."""
    config = tmp_path / "cockpit.toml"
    config.write_text(CONFIG.format(account="123456789012", region="us-east-1"))
    environ = {**simulator.environ, "COCKPIT_STATE_DIR": str(tmp_path), "COLUMNS": "", "LINES": ""}
    with Terminal([*COCKPIT, "open", "--config", str(config)], environ) as terminal:
        terminal.wait("▲ ALARM", timeout=60)
        terminal.resize(20, 5)
        terminal.wait("80x24", timeout=10)
        terminal.resize(80, 24)
        terminal.wait("▲ ALARM", timeout=10)
