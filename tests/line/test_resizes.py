"""A window that is dragged about while a step runs."""

import pytest
from long_job import pump_until, settle, start_job
from processes import cpu_seconds

from support.terminal import Terminal

pytestmark = [pytest.mark.terminal, pytest.mark.simulator]

SIZES = ((20, 5), (200, 60), (79, 23), (20, 60), (200, 5), (40, 10), (120, 40))
QUIET = 2.0  # seconds in which the processor time is measured
IDLE = 0.3  # share of a processor that a quiet run may use


def still(terminal: Terminal) -> list[str]:
    """Return the rows that do not change with every second."""
    return [line for line in terminal.lines if "elapsed" not in line and "·" not in line]


def test_storm_of_resizes_ends_in_the_right_screen(sshd, desk) -> None:
    """A resize would crash the screen, leave parts of another size, keep the processor busy, or disturb the step."""
    place = desk(30)
    with Terminal(sshd.command("sh", str(place.script())), {}, 100, 30) as terminal:
        start_job(terminal, place)
        terminal.resize(120, 40)
        settle(terminal)
        terminal.resize(100, 30)
        settle(terminal)
        before = still(terminal)
        for _ in range(6):
            for columns, rows in SIZES:
                terminal.resize(columns, rows)
                terminal.pump(0.02)
        terminal.resize(20, 5)
        settle(terminal)
        terminal.resize(100, 30)
        terminal.wait(lambda _: still(terminal) == before)
        burnt = cpu_seconds(place.pid())
        settle(terminal, QUIET)
        assert cpu_seconds(place.pid()) - burnt < IDLE * QUIET
        seen = place.observed()
        pump_until(terminal, lambda: place.observed() > seen, "the step does not go on")
