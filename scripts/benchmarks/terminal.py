"""The program in a terminal: first paint, bytes and processor time while nothing happens."""

import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from time import monotonic, perf_counter

from benchmarks.row import Row, limit_row, ratio_row
from cockpit.sim.process import start_simulator
from support.terminal import Terminal

BARE = """
from textual.app import App
from textual.widgets import Static
class Bare(App):
    def compose(self):
        yield Static("ready to compare")
Bare().run(mouse=False)
"""
IDLE_SECONDS = 15.0
TICKS = os.sysconf("SC_CLK_TCK")

CONFIG = """
[environments.bench]
kind = "drill"
account = "123456789012"
regions = ["us-east-1"]
"""


def measure() -> Iterator[Row]:
    """Yield first paint, idle bytes, idle processor time."""
    with start_simulator("syncwell-corruption") as simulator, tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "cockpit.toml"
        config.write_text(CONFIG)
        environ = {**simulator.environ, "COCKPIT_STATE_DIR": folder}
        cockpit = [sys.executable, "-m", "cockpit", "open", "--config", str(config)]
        bare = min(_first_paint([sys.executable, "-c", BARE], environ, "ready to compare") for _ in range(5))
        ours = min(_first_paint(cockpit, environ, "UTC|Alarms|cockpit") for _ in range(5))
        yield ratio_row("first paint of the watch screen / of a bare Textual app", ours, bare, 1.25)
        yield from _idle(cockpit, environ)


def _first_paint(argv: Sequence[str], environ: dict[str, str], words: str) -> float:
    began = perf_counter()
    with Terminal(argv, environ) as terminal:
        terminal.wait(lambda text: any(word in text for word in words.split("|")), timeout=30)
        return perf_counter() - began


def _idle(argv: Sequence[str], environ: dict[str, str]) -> Iterator[Row]:
    with Terminal(argv, environ) as terminal:
        terminal.wait("ALARM", timeout=60)
        _let_pass(terminal, 5)
        bytes_before, ticks_before, began = terminal.received, _ticks(terminal.pid), monotonic()
        _let_pass(terminal, IDLE_SECONDS)
        passed = monotonic() - began
        received, ticks = terminal.received - bytes_before, _ticks(terminal.pid) - ticks_before
        resident = resident_mib(terminal.pid)
    yield limit_row("idle bytes to the terminal, 1 Hz clock, feeds on", received / passed, 300, "B/s")
    yield limit_row("idle processor time, feeds on", 100 * ticks / TICKS / passed, 1, "% of a core")
    yield Row("resident memory on the watch screen", f"{resident:.0f} MiB")


def _let_pass(terminal: Terminal, span: float) -> None:
    end = monotonic() + span
    while monotonic() < end:
        terminal.pump()


def _ticks(pid: int) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def resident_mib(pid: int) -> float:
    """Return the resident memory of a process."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
