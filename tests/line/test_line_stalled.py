"""The line stops taking anything, for a minute or while the program is told to end."""

import os
import re
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from long_job import Desk, kinds, pump_until, settle, start, start_job, until
from processes import cpu_seconds, line_is_full, parent

from cockpit.ui.ending import LEAVE_SECONDS
from support.terminal import Terminal

pytestmark = [pytest.mark.terminal, pytest.mark.simulator]

STALL = 60.0  # seconds
RESTORE_SPEED = 30  # seconds of the story per second: the restore ends within the stall
ANSWER = LEAVE_SECONDS + 3.0  # seconds a slow answer takes: longer than the screens may take to end
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


def looks(simulator) -> int:
    """Return how often AWS was asked about a table."""
    return int(simulator.get_json("/_cockpit/calls")["counts"].get("dynamodb:DescribeTable", 0))


def shows_the_present(terminal: Terminal, place: Desk) -> bool:
    """Tell whether the elapsed time on the screen is right to three seconds."""
    shown = re.search(r"RTO +(\d+) min (\d+) s elapsed", terminal.text)
    elapsed = (datetime.now(UTC) - place.journal().entries[0].at).total_seconds()
    return shown is not None and abs(60 * int(shown.group(1)) + int(shown.group(2)) - elapsed) < 3


@pytest.mark.long
def test_steps_go_on_while_the_line_stalls_for_a_minute_and_while_it_ends_them(sshd, desk, simulate, tmp_path) -> None:
    """A stalled line would stop a recovery, burn the processor, leave a screen that shows the past, or never end.

    Two lines at once: a program of a `shell` step on the one, Plan G's own wait for a restored table on the other.
    """
    place = desk(int(STALL) + 60)
    (tmp_path / "restore").mkdir()
    restore = Desk(tmp_path / "restore", simulate("syncwell-corruption", speed=RESTORE_SPEED), 0)
    with (
        Terminal(sshd.command("sh", str(restore.script())), {}, 100, 30) as other,
        Terminal(sshd.command("sh", str(place.script())), {}, 100, 30) as terminal,
    ):
        start_job(terminal, place)
        start(other, "Line restore")
        pump_until(other, lambda: "is CREATING" in restore.seen("restored_wait"), "the restore is not on its way")
        with stalled(terminal, place), stalled(other, restore):
            began, burnt, first = time.monotonic(), cpu_seconds(place.pid()), place.observed()
            asked = looks(restore.simulator)
            half = first + int(STALL / 2)
            until(lambda: place.observed() >= half, "the journal stands still", STALL / 2 + 5)
            assert looks(restore.simulator) > asked, "nobody waits for the table"
            until(lambda: place.observed() >= first + int(STALL) - 2, "the journal stands still", STALL / 2 + 5)
            until(lambda: time.monotonic() - began >= STALL, "", STALL)
            assert line_is_full(place.pid())
            assert cpu_seconds(place.pid()) - burnt < IDLE * STALL
            assert "is ACTIVE" in restore.seen("restored_wait"), "the step came to no end without its line"
        other.wait("Confirm — 5/6", timeout=30)  # what comes after the wait
        pump_until(terminal, lambda: shows_the_present(terminal, place), "the screen shows the past")
        with stalled(terminal, place):
            os.kill(place.pid(), signal.SIGTERM)
            assert place.status(20) == 128 + signal.SIGTERM
            assert place.terminal_is_as_before()
            assert place.marks() == ["go"]
        settle(terminal)
    for each in (place, restore):
        assert not each.journal().problems
        assert "run_ended" not in kinds(each.journal())
        assert kinds(each.journal()).count("intent") == 1


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
