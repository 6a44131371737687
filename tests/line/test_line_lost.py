"""The line is gone in the middle of a step: killed, closed, with and without a signal that says so."""

import os
import signal

import pytest
from long_job import Desk, kinds, start_job, until
from processes import alive, cpu_seconds

from support.line_operator import LineOperator
from support.terminal import Terminal

pytestmark = [pytest.mark.terminal, pytest.mark.simulator]

LOST = 128 + signal.SIGHUP
BUSY = 1.0  # seconds of processor time that an orderly end may take
LONG = 4  # seconds the program takes


def finish_by_resuming(desk: Desk) -> None:
    """Take the run up again in plain lines; the program ran once, from its beginning to its end."""
    before = desk.journal()
    assert not before.problems
    assert "run_ended" not in kinds(before)
    operator = LineOperator(["runs", "resume", desk.run_id()], desk.environ, desk.folder)
    assert operator.run(timeout=60) == 0, operator.tail()
    after = desk.journal()
    assert not after.problems
    assert after.entries[: len(before.entries)] == before.entries
    assert kinds(after).count("intent") == 1
    assert desk.marks() == ["go", "end"]


@pytest.mark.parametrize(
    ("how", "start", "trap"),
    [
        pytest.param(signal.SIGKILL, "", ":", id="connection killed"),
        pytest.param(signal.SIGHUP, "", ":", id="window closed"),
        pytest.param(signal.SIGKILL, "setsid", ":", id="no SIGHUP comes"),
        pytest.param(signal.SIGKILL, "", "", id="SIGHUP ignored as by nohup"),
    ],
)
def test_lost_line_ends_the_screen_and_nothing_else(sshd, desk, how, start, trap) -> None:
    """A cockpit without a terminal would spin for ever, or its step would die with the line or run twice."""
    place = desk(LONG)
    with Terminal(sshd.command("sh", str(place.script(start, trap))), {}, 100, 30) as terminal:
        start_job(terminal, place)
        cockpit, burnt = place.pid(), [cpu_seconds(place.pid())]
        os.kill(terminal.pid, how)
        until(lambda: burnt.append(cpu_seconds(cockpit)) or not alive(cockpit), "the cockpit goes on without a line")
        assert place.status() == LOST
    assert max(burnt) - burnt[0] < BUSY
    assert place.marks() == ["go"]
    finish_by_resuming(place)
