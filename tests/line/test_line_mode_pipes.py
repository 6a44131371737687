"""Plain lines whose reader goes away in the middle of a step."""

import os
import signal
import subprocess
import sys

import pytest
from long_job import kinds, until
from processes import alive

from support.line_operator import LineOperator
from support.terminal import Terminal

pytestmark = pytest.mark.simulator

NOT_FINISHED = 1
ANSWERS = "rehearsal\nyes\n"


def resume(place) -> None:
    operator = LineOperator(["runs", "resume", place.run_id()], place.environ, place.folder)
    assert operator.run(timeout=60) == 0, operator.tail()
    assert place.marks() == ["go", "end"]
    assert kinds(place.journal()).count("intent") == 1


def test_closed_output_leaves_in_words(desk) -> None:
    """`cockpit run … | head` would end in a traceback, or go on with nobody to see it."""
    place = desk(4)
    process = subprocess.Popen(
        [sys.executable, "-m", "cockpit", "run", "line/long-job"],
        env={**os.environ, **place.environ},
        cwd=place.folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdin.write(ANSWERS)
    process.stdin.flush()
    until(place.marks, "the program has not started")
    process.stdout.close()
    assert process.wait(20) == NOT_FINISHED
    said = process.stderr.read()
    assert "Leaving." in said
    assert f"Go on with: cockpit runs resume {place.run_id()}" in said
    assert "Traceback" not in said
    assert "Exception" not in said
    resume(place)


@pytest.mark.terminal
@pytest.mark.parametrize("start", ["", "setsid"], ids=["SIGHUP comes", "no SIGHUP comes"])
def test_lost_line_leaves_the_run_to_be_resumed(sshd, desk, start) -> None:
    """Plain lines without a terminal would wait for ever, or take their step with them."""
    place = desk(4)
    script = place.script(start, arguments="run line/long-job")
    with Terminal(sshd.command("sh", str(script)), {}, 100, 30) as terminal:
        terminal.wait("to arm it")
        terminal.press("rehearsal", "enter")
        terminal.wait("Type yes to send it")
        terminal.press("yes", "enter")
        until(place.marks, "the program has not started")
        cockpit = place.pid()
        os.kill(terminal.pid, signal.SIGKILL)
        until(lambda: not alive(cockpit), "the cockpit goes on without a line")
        assert place.status() == NOT_FINISHED
    resume(place)
