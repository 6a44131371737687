"""The cockpit in tmux: the line dies, another one attaches."""

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from long_job import Desk, kinds, pump_until, start_job, until

from support.sshd import Sshd
from support.terminal import Terminal

pytestmark = [pytest.mark.terminal, pytest.mark.simulator]


class Tmux:
    """A tmux server of its own, by a socket in the test's folder."""

    def __init__(self, folder: Path) -> None:
        self.words = ("tmux", "-f", "/dev/null", "-S", str(folder / "tmux"))

    def do(self, *words: str) -> None:
        """Run a tmux command; that its server has ended is no fault."""
        subprocess.run([*self.words, *words], check=False, capture_output=True, timeout=10)

    def line(self, sshd: Sshd, *words: str) -> list[str]:
        """Return the command line for tmux over the line."""
        return sshd.command("env", "LANG=C.UTF-8", "TERM=xterm-256color", *self.words, *words)


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[Tmux]:
    """Give a tmux server that ends with the test."""
    made = Tmux(tmp_path)
    yield made
    made.do("kill-server")


def test_detach_and_attach_from_another_window(sshd: Sshd, desk, tmux: Tmux) -> None:
    """A dead line would end a cockpit in tmux, or another window would show it wrongly."""
    place: Desk = desk(30)
    with Terminal(tmux.line(sshd, "new-session", "-s", "ops", "sh", str(place.script())), {}, 100, 30) as terminal:
        start_job(terminal, place)
        os.kill(terminal.pid, signal.SIGKILL)
    seen = place.observed()
    until(lambda: place.observed() > seen, "the step does not go on without a line")
    with Terminal(tmux.line(sshd, "attach"), {}, 80, 24) as terminal:
        terminal.wait("Long job")
        terminal.wait(lambda text: text.splitlines()[4].endswith("╮") and "INTENT on disk" in text)
        tmux.do("detach-client", "-s", "ops")
        terminal.wait("detached")
    with Terminal(tmux.line(sshd, "attach"), {}, 120, 40) as terminal:
        terminal.wait(lambda text: text.splitlines()[-2].startswith("╰") and "INTENT on disk" in text)
        seen = place.observed()
        pump_until(terminal, lambda: place.observed() > seen, "the step does not go on")
        os.kill(place.pid(), signal.SIGTERM)
        assert place.status() == 128 + signal.SIGTERM
    assert kinds(place.journal()).count("intent") == 1
    assert place.marks() == ["go"]
