"""`cockpit sim` and `cockpit scenarios`."""

import json
import os
import signal
import subprocess
import sys
import urllib.request
from contextlib import contextmanager

import pytest

from cockpit.sim.scenario import find_scenarios
from support.terminal import as_from_a_desk

COCKPIT = (sys.executable, "-m", "cockpit")


@contextmanager
def started(*words):
    """The program as a terminal starts it; it ends with the test."""
    with subprocess.Popen(
        [*COCKPIT, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=as_from_a_desk,  # noqa: PLW1509 - sets two signals, no more
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def test_scenarios_lists_each_in_one_line_without_loading_the_simulator():
    """Nobody would know what can be played, or the list would take seconds."""
    code = (
        "import sys\nfrom cockpit.cli.scenarios import command\ncommand(standalone_mode=False)\n"
        "print('moto' in sys.modules, file=sys.stderr)"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    names = [line.split()[0] for line in said.stdout.splitlines()]
    assert names == [path.stem for path in find_scenarios()]
    assert {"syncwell-corruption", "propie-data-rollback"} <= set(names)
    assert said.stderr.strip() == "False"


@pytest.mark.simulator
def test_sim_prints_what_a_shell_needs_and_ends_with_ctrl_c():
    """Clients could not be pointed at it, or it would have to be killed."""
    with started("sim", "--speed", "20") as process:
        lines = []
        while not (lines and lines[-1].startswith("# Not AWS")):
            lines.append(process.stdout.readline().decode())
            assert lines[-1], process.stderr.read().decode()
        exports = dict(
            line.removeprefix("export ").strip().split("=", 1) for line in lines if line.startswith("export")
        )
        page = urllib.request.urlopen(exports["AWS_ENDPOINT_URL"] + "/_cockpit/calls", timeout=30)  # noqa: S310 - our own
        assert json.load(page)["counts"] == {}
        assert {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION", "COCKPIT_CLOCK"} <= set(exports)
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0


@pytest.mark.parametrize("arguments", [["no-such-scenario"], ["--speed", "0"], ["--port", "70000"]])
def test_sim_refuses_bad_input_in_words(arguments):
    """A typing error would give a traceback."""
    said = subprocess.run(
        [*COCKPIT, "sim", *arguments], capture_output=True, text=True, timeout=60, check=False, env=os.environ.copy()
    )
    assert said.returncode == 2
    assert "Traceback" not in said.stderr
    assert arguments[-1] in said.stderr
