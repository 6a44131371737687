"""The cockpit over the simulated AWS: from the first frame to an armed run, and no key that changes anything."""

import string
import sys
import time
from pathlib import Path

import pytest

from cockpit.aws.read_list import is_read
from support.terminal import KEYS, ScreenTimeoutError, Terminal

COCKPIT = (sys.executable, "-m", "cockpit")
FIRST_FRAME_SECONDS = 10.0  # DESIGN and the README promise it
SLACK = 3  # a loaded machine

CONFIG = """
[environments.prod]
kind = "production"
account = "123456789012"
regions = ["us-east-1"]
"""


def press_until(terminal: Terminal, key: str, wanted: str) -> str:
    """Press a key once a second until the screen shows a text; return the screen."""
    for _ in range(20):
        terminal.press(key)
        try:
            return terminal.wait(wanted, timeout=1)
        except ScreenTimeoutError:
            continue
    return terminal.wait(wanted, timeout=1)


@pytest.mark.terminal
@pytest.mark.simulator
def test_demo_from_first_frame_to_an_armed_run(tmp_path: Path) -> None:
    """`cockpit demo` fires alarms soon, its hint leads to Plan G, the typed name arms, quitting aborts nothing."""
    began = time.monotonic()
    with Terminal((*COCKPIT, "demo"), {"COCKPIT_STATE_DIR": str(tmp_path)}) as terminal:
        terminal.wait("▲ ALARM", timeout=FIRST_FRAME_SECONDS * SLACK)
        assert time.monotonic() - began < FIRST_FRAME_SECONDS * SLACK
        terminal.wait("Press p, choose Plan G")
        terminal.wait("◆ DEMO x10  123456789012 us-east-1")
        terminal.wait("PLANS THAT MATCH")
        terminal.wait("syncwell-backend/syncwell-worker")
        terminal.press("\t\r")  # in one piece, as over a bad line: Enter must find the focus moved
        terminal.wait("application   syncwell-backend")
        terminal.press("escape")
        terminal.wait("PLANS THAT MATCH")
        terminal.press("p")
        terminal.wait("LAST RESORT Plan G")
        terminal.press("enter")
        terminal.wait("4 h (documented)")
        terminal.press("enter")
        terminal.wait("[ Live run … ]")
        terminal.press("tab", "tab", "enter")
        terminal.wait("Arm this cockpit for a live run")
        time.sleep(0.6)  # dialogs are deaf for their first half second
        terminal.press("d", "e", "m", "o", "enter")
        terminal.wait("1/")
        text = press_until(terminal, "escape", "elapsed")
        assert "ARMED" in text.splitlines()[0]
        terminal.press("q")
        terminal.wait("Quitting is not aborting")
        time.sleep(0.6)
        terminal.press("tab", "enter")
        assert terminal.exit_code() == 0
    journals = list(tmp_path.glob("rehearsals/**/runs/*/journal.jsonl"))
    assert len(journals) == 1


@pytest.mark.terminal
@pytest.mark.simulator
def test_no_key_changes_anything(tmp_path: Path, simulate) -> None:
    """Every key on every screen that is reached without arming: the endpoint sees reads and nothing else."""
    simulator = simulate("syncwell-corruption")
    config = tmp_path / "cockpit.toml"
    config.write_text(CONFIG)
    environ = {**simulator.environ, "COCKPIT_STATE_DIR": str(tmp_path), "COCKPIT_CONFIG": str(config)}
    keys = [key for key in string.ascii_letters + string.digits + string.punctuation if key not in "qQ"]
    with Terminal(COCKPIT, environ, columns=100, rows=30) as terminal:
        terminal.wait("▲ ALARM", timeout=30)
        terminal.wait(lambda text: "reading" not in text)
        for way_in in (("p", "enter"), ("p", "enter", "enter"), ()):
            for key in [*keys, *(name for name in KEYS if name not in ("escape", "enter"))]:
                terminal.press(key)
            terminal.press("escape", "escape", "escape", "escape")
            terminal.wait(lambda text: "DEPLOYMENTS" in text)
            terminal.press(*way_in)
        terminal.press("escape", "escape", "escape")
        terminal.wait(lambda text: "DEPLOYMENTS" in text)
    counts = simulator.get_json("/_cockpit/calls")["counts"]
    sent = [name.partition(":") for name in counts]
    assert [f"{service}:{operation}" for service, _, operation in sent if not is_read(service, operation)] == []
    assert counts["cloudwatch:DescribeAlarms"] >= 1
