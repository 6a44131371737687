"""The line stops taking anything, for a minute or while the program is told to end."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from long_job import Desk, kinds, pump_until, settle, start, start_job, until
from processes import cpu_seconds, line_is_full, parent

from support.terminal import Terminal

pytestmark = [pytest.mark.terminal, pytest.mark.simulator]

STALL = 60.0  # seconds
ANSWER = 10.0  # seconds a slow answer takes: longer than the screens may take to end
IDLE = 0.2  # share of a processor that a cockpit without a working line may use


@contextmanager
def stalled(terminal: Terminal, place: Desk) -> Iterator[None]:
    """Stop both ends of the line, and make the cockpit paint until its terminal takes nothing more."""
    cockpit = place.pid()
    server = parent(parent(cockpit))
    ends = (terminal.pid, server)
    for end in ends:
        os.kill(end, signal.SIGSTOP)
    try:
        until(lambda: os.kill(cockpit, signal.SIGWINCH) or line_is_full(cockpit), "the line takes everything")
        yield
    finally:
        for end in ends:
            os.kill(end, signal.SIGCONT)


def test_step_goes_on_while_the_line_stalls_for_a_minute(sshd, desk) -> None:
    """A stalled line would stop the recovery, burn the processor, or leave a screen that shows the past."""
    place = desk(int(STALL) + 5)
    with Terminal(sshd.command("sh", str(place.script())), {}, 100, 30) as terminal:
        start_job(terminal, place)
        with stalled(terminal, place):
            began, burnt, first = time.monotonic(), cpu_seconds(place.pid()), place.observed()
            half = first + int(STALL / 2)
            until(lambda: place.observed() >= half, "the journal stands still", STALL / 2 + 5)
            until(lambda: place.observed() >= first + int(STALL) - 2, "the journal stands still", STALL / 2 + 5)
            until(lambda: time.monotonic() - began >= STALL, "", STALL)
            assert line_is_full(place.pid())
            assert cpu_seconds(place.pid()) - burnt < IDLE * STALL
        terminal.wait("ENDED: finished", timeout=30)
        assert place.marks() == ["go", "end"]
        assert kinds(place.journal()).count("intent") == 1


def test_stalled_line_cannot_keep_the_program_from_ending(sshd, desk) -> None:
    """A cockpit that was told to end would hang for as long as the line does, or leave the terminal raw."""
    place = desk(30)
    with Terminal(sshd.command("sh", str(place.script())), {}, 100, 30) as terminal:
        start_job(terminal, place)
        with stalled(terminal, place):
            os.kill(place.pid(), signal.SIGTERM)
            assert place.status(20) == 128 + signal.SIGTERM
            assert place.terminal_is_as_before()
            assert place.marks() == ["go"]
        settle(terminal)
    assert not place.journal().problems
    assert "run_ended" not in kinds(place.journal())


def test_answer_of_a_call_under_way_is_waited_for(sshd, desk, idle_simulator) -> None:
    """A kill over a stalled line would cost the answer of a call: its outcome unknown for no reason."""
    place = desk(1)
    order = {"kind": "slow", "service": "sns", "operation": "CreateTopic", "delay": ANSWER, "count": 1}
    idle_simulator.post_json("/_cockpit/faults", order)
    with Terminal(sshd.command("sh", str(place.script())), {}, 100, 30) as terminal:
        start(terminal, "Slow call")
        pump_until(terminal, lambda: "intent" in kinds(place.journal()), "the call is not on its way")
        with stalled(terminal, place):
            assert "acked" not in kinds(place.journal())
            os.kill(place.pid(), signal.SIGTERM)
            assert place.status(ANSWER + 10) == 128 + signal.SIGTERM
        settle(terminal)
    assert "acked" in kinds(place.journal())
