"""Signals from shells and systems, over a real line: what the terminal is left as, and what becomes of the step."""

import os
import signal

import pytest
from long_job import Desk, kinds, pump_until, settle, start_job
from processes import alive, cpu_seconds

from support.terminal import Terminal

pytestmark = [pytest.mark.terminal, pytest.mark.simulator]

SIZES = ((20, 5), (200, 60), (79, 23), (20, 60), (200, 5), (40, 10), (120, 40))
QUIET = 2.0  # seconds in which the processor time is measured
IDLE = 0.3  # share of a processor that a quiet run may use
SHELL = ("env", "PS1='$ '", "bash", "--norc", "--noprofile", "-i")


def screen_was_given_back(terminal: Terminal) -> bool:
    """Tell whether the last that the terminal was told is: ordinary screen, cursor, wrapping, no focus reports."""
    pairs = (("?1049l", "?1049h"), ("?25h", "?25l"), ("?1004l", "?1004h"), ("?7h", "?7l"))
    raw = terminal.raw.decode(errors="replace")
    return all(raw.rfind(f"\x1b[{back}") > raw.rfind(f"\x1b[{taken}") for back, taken in pairs)


def end_by_sigterm(terminal: Terminal, place: Desk) -> None:
    """End the cockpit; the terminal is as it was before."""
    os.kill(place.pid(), signal.SIGTERM)
    pump_until(terminal, lambda: not alive(place.pid()), "SIGTERM does not end the cockpit")
    assert place.status() == 128 + signal.SIGTERM
    settle(terminal)
    assert place.terminal_is_as_before()
    assert screen_was_given_back(terminal)


def test_ctrl_z_and_fg_in_a_shell(sshd, desk) -> None:
    """Ctrl-Z would leave a terminal without echo or prompt; after fg the step's end would be lost."""
    place = desk(6)
    with Terminal(sshd.command(*SHELL), {}, 100, 30) as terminal:
        terminal.wait("$")
        terminal.press(f"sh {place.script()}", "enter")
        start_job(terminal, place)
        terminal.press("\x1a")
        pump_until(terminal, lambda: b"Stopped" in terminal.raw, "no shell takes over")
        terminal.press(f"stty -a > {place.folder}/stty.after; echo at ho''me", "enter")
        pump_until(terminal, lambda: b"at home" in terminal.raw, "the shell does not answer")
        assert place.terminal_is_as_before()
        assert terminal.raw.rfind(b"\x1b[?1049l") > terminal.raw.rfind(b"\x1b[?1049h")
        terminal.press("fg", "enter")
        terminal.wait("ENDED: finished", timeout=30)
        assert place.marks() == ["go", "end"]
        assert kinds(place.journal()).count("intent") == 1
        end_by_sigterm(terminal, place)


def storm_of_resizes(terminal: Terminal, place: Desk) -> None:
    """Drag the window about, down to 20x5 and back: the right screen at the end, and a quiet processor."""
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


def still(terminal: Terminal) -> list[str]:
    """Return the rows that do not change with every second."""
    return [line for line in terminal.lines if "elapsed" not in line and "·" not in line]


def test_resizes_stops_and_the_end_leave_step_and_terminal_right(sshd, desk) -> None:
    """Resizes would crash the screen, a stop would be for ever, an end would leave a raw terminal and nobody the wiser.

    One session for all of it, in the order of ever worse treatment.
    """
    place = desk(60)
    with Terminal(sshd.command("sh", str(place.script())), {}, 100, 30) as terminal:
        start_job(terminal, place)
        storm_of_resizes(terminal, place)
        terminal.press("\x1a")
        settle(terminal)
        seen = place.observed()
        pump_until(terminal, lambda: place.observed() > seen, "it has stopped for ever")
        os.kill(place.pid(), signal.SIGSTOP)
        settle(terminal)
        seen = place.observed()
        os.kill(place.pid(), signal.SIGCONT)
        pump_until(terminal, lambda: place.observed() > seen, "the step is not found again")
        assert not screen_was_given_back(terminal)
        end_by_sigterm(terminal, place)
        assert f"cockpit runs resume {place.run_id()}" in terminal.raw.decode(errors="replace")
    assert not place.journal().problems
    assert "run_ended" not in kinds(place.journal())
    assert place.marks() == ["go"]
