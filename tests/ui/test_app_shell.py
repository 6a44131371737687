"""The shell around the screens: first paint, opening, leaving, signals."""

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cockpit.ui.ending import LEAVE_SECONDS
from support.terminal import Terminal

COCKPIT = (sys.executable, "-m", "cockpit")
HEAVY = (
    "pydantic",
    "botocore",
    "aiobotocore",
    "yaml",
    "cockpit.engine",
    "cockpit.plans",
    "cockpit.feeds",
)
CONFIG = """
[environments.prod]
kind = "production"
account = "123456789012"
regions = ["us-east-1"]
"""


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """An endpoint that refuses every connection: the cockpit must open all the same."""
    (tmp_path / "cockpit.toml").write_text(CONFIG)
    return {
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "x",
        "COCKPIT_STATE_DIR": str(tmp_path / "state"),
        "COCKPIT_CONFIG": str(tmp_path / "cockpit.toml"),
    }


@pytest.fixture
def terminal(environ: dict[str, str]) -> Iterator[Terminal]:
    """The real program in a terminal of 80x24."""
    with Terminal(COCKPIT, environ) as opened:
        yield opened


def test_first_paint_needs_no_aws_code() -> None:
    """What is imported before the first paint holds neither AWS nor plans nor engine: the start-up budget."""
    code = "import sys, json, cockpit.ui.launch; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = json.loads(done.stdout)
    assert [name for name in loaded if name.startswith(HEAVY)] == []
    assert "textual.app" in loaded


@pytest.mark.terminal
def test_unreachable_endpoint_is_a_state_of_the_panes(terminal: Terminal) -> None:
    """With nothing reachable the cockpit opens, says FAILED in each pane, and still quits at once."""
    terminal.wait(lambda text: text.count("FAILED") == 3)
    assert "▲ PRODUCTION prod" in terminal.lines[0]
    assert "account ?" in terminal.lines[0]
    assert "READ-ONLY" in terminal.lines[0]
    terminal.press("q")
    assert terminal.exit_code() == 0


@pytest.mark.terminal
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_signals_restore_the_terminal(terminal: Terminal, number: signal.Signals) -> None:
    """A dropped line or a kill ends the program in order: status 128 + n, cursor and screen given back."""
    terminal.wait("ALARMS")
    os.kill(terminal.pid, number)
    assert terminal.exit_code() == 128 + number
    assert not terminal._screen.cursor.hidden


@pytest.mark.terminal
def test_broken_configuration_is_said_with_its_line(environ: dict[str, str]) -> None:
    """A misspelt setting gives file and line on the ordinary screen, status 2, no traceback."""
    Path(environ["COCKPIT_CONFIG"]).write_text(CONFIG.replace("account", "acount"))
    with Terminal(COCKPIT, environ) as terminal:
        text = terminal.wait(lambda shown: "cockpit.toml:4" in shown.replace("\n", ""))
        assert "Traceback" not in text
        assert terminal.exit_code() == 2


def test_without_a_terminal_it_says_what_to_use(environ: dict[str, str]) -> None:
    """In a pipe the full screen makes no sense: status 2 and the names of the commands that work there."""
    done = subprocess.run(COCKPIT, env={**os.environ, **environ}, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "cockpit status" in done.stderr


@pytest.mark.terminal
def test_resized_to_nothing_and_back(environ: dict[str, str]) -> None:
    """A real terminal made tiny says so, and shows everything again when it grows."""
    with Terminal(COCKPIT, {**environ, "COLUMNS": "", "LINES": ""}) as terminal:  # else they win over the real size
        terminal.wait("ALARMS")
        terminal.resize(30, 5)
        terminal.wait("too small: 80x24 wanted")
        terminal.resize(100, 30)
        terminal.wait("RESTORES")


@pytest.mark.terminal
@pytest.mark.parametrize("variable", ["NO_COLOR", "TERM"])
def test_plain_terminals_show_the_same_words(environ: dict[str, str], variable: str) -> None:
    """Without colours, or on a dumb xterm, every state still has its word and glyph."""
    value = "1" if variable == "NO_COLOR" else "xterm"
    with Terminal(COCKPIT, {**environ, variable: value}) as terminal:
        text = terminal.wait(lambda shown: "FAILED" in shown)
        assert "READ-ONLY" in text
        assert "▲ PRODUCTION" in text


@pytest.mark.terminal
def test_a_stalled_line_cannot_keep_the_program(terminal: Terminal) -> None:
    """With a terminal that reads nothing any more the event loop stands still; a kill ends the program all the same."""
    terminal.wait("ALARMS")
    for _ in range(300):
        terminal._child.send("\t")  # each paints a pane, and nobody takes the bytes
        time.sleep(0.01)
    os.kill(terminal.pid, signal.SIGTERM)
    deadline = time.monotonic() + LEAVE_SECONDS * 3
    while terminal._child.isalive() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not terminal._child.isalive()
    assert terminal._child.exitstatus == 128 + signal.SIGTERM


@pytest.mark.terminal
def test_back_from_the_shell_everything_is_there(environ: dict[str, str]) -> None:
    """Ctrl-Z gives the shell back; after `fg` the whole screen is painted anew, not only what ticks."""
    with Terminal(("bash", "--norc", "--noprofile", "-i"), environ) as terminal:
        terminal.press(shlex.join(COCKPIT), "enter")
        terminal.wait(lambda text: text.count("FAILED") == 3)
        terminal.press("\x1a")
        terminal.wait("Stopped")
        terminal._screen.reset()
        terminal.press("fg", "enter")
        text = terminal.wait(lambda shown: shown.count("FAILED") == 3)
        assert "READ-ONLY" in text.splitlines()[0]


FAULTY = """
import sys
from cockpit.ui.app import CockpitApp
def fail(self):
    secret = "s3cr3t-value"
    raise RuntimeError("what nobody expected")
CockpitApp.action_help = fail
sys.argv = ["cockpit"]
from cockpit.cli.program import program
program()
"""


@pytest.mark.terminal
def test_a_fault_of_the_screens_is_a_sentence_too(environ: dict[str, str]) -> None:
    """Textual would leave a traceback with the values of all variables on the terminal, in red, at 03:00."""
    with Terminal((sys.executable, "-c", FAULTY), environ) as terminal:
        terminal.wait("ALARMS")
        terminal.press("?")
        assert terminal.exit_code() == 70
        received = bytes(terminal.raw)
    left_behind = received.rpartition(b"\x1b[?1049l")[2].decode()
    assert "a fault of its own: RuntimeError: what nobody expected" in left_behind
    assert b"Traceback" not in received
    assert b"s3cr3t-value" not in received
    (file,) = (Path(environ["COCKPIT_STATE_DIR"]) / "faults").iterdir()
    assert "in fail" in file.read_text()
