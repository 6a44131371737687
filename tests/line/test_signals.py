"""Signals from shells and systems, over a real line: what the terminal is left as, and what becomes of the step."""

import os
import signal

import pytest
from long_job import Desk, kinds, pump_until, settle, start_job
from processes import alive

from support.terminal import Terminal

pytestmark = [pytest.mark.terminal, pytest.mark.simulator]

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


def test_sigterm_gives_the_terminal_back_and_says_how_to_go_on(sshd, desk) -> None:
    """A kill would leave a raw terminal on the other screen, and nobody knew that the run can be resumed."""
    place = desk(30)
    with Terminal(sshd.command("sh", str(place.script())), {}, 100, 30) as terminal:
        start_job(terminal, place)
        assert not screen_was_given_back(terminal)
        end_by_sigterm(terminal, place)
        assert f"cockpit runs resume {place.run_id()}" in terminal.raw.decode(errors="replace")
    assert not place.journal().problems
    assert "run_ended" not in kinds(place.journal())
    assert place.marks() == ["go"]


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


def test_ctrl_z_without_a_shell_and_a_stop_from_elsewhere(sshd, desk) -> None:
    """The only program of its line would stop for ever; one stopped from elsewhere would leave the terminal raw."""
    place = desk(30)
    with Terminal(sshd.command("sh", str(place.script())), {}, 100, 30) as terminal:
        start_job(terminal, place)
        terminal.press("\x1a")
        settle(terminal)
        seen = place.observed()
        pump_until(terminal, lambda: place.observed() > seen, "it has stopped for ever")
        os.kill(place.pid(), signal.SIGSTOP)
        settle(terminal)
        seen = place.observed()
        os.kill(place.pid(), signal.SIGCONT)
        pump_until(terminal, lambda: place.observed() > seen, "the step is not found again")
        end_by_sigterm(terminal, place)
