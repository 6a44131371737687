"""The watch screen over 10,000 alarms: from a key to the paint while full refreshes arrive, and memory."""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import quantiles
from time import monotonic, perf_counter

from benchmarks.row import Row, limit_row
from benchmarks.terminal import resident_mib
from cockpit.sim.process import start_simulator
from support.terminal import Terminal

SCENARIO = """
title: "Ten thousand alarms"
story: "The simulated service, with 10,000 alarms that are quiet."
based_on: {base}
quiet_alarms: 10000
"""
CONFIG = """
[environments.bench]
kind = "drill"
account = "123456789012"
regions = ["us-east-1"]
[environments.bench.watch]
every = "PT5S"
"""
KEYS = 60
BASE = Path(__file__).parents[2] / "scenarios" / "parts" / "syncwell-service.yaml"


def measure() -> Iterator[Row]:
    """Yield opening, key to paint, memory."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "many.yaml").write_text(SCENARIO.format(base=BASE))
        (folder / "cockpit.toml").write_text(CONFIG)
        with start_simulator(str(folder / "many.yaml")) as simulator:
            environ = {**simulator.environ, "COCKPIT_STATE_DIR": name}
            argv = [sys.executable, "-m", "cockpit", "open", "--config", str(folder / "cockpit.toml")]
            began = perf_counter()
            with Terminal(argv, environ) as terminal:
                terminal.wait(lambda text: "10,0" in text or "100" in text.split("in all")[0], timeout=120)
                yield Row("10,000 alarms on the screen after", f"{perf_counter() - began:.1f} s (100 pages)")
                times = _key_to_paint(terminal)
                yield limit_row(
                    "10,000 alarms: key to paint, p95, refreshes arriving", quantiles(times, n=20)[18], 50, "ms"
                )
                yield limit_row("10,000 alarms: key to paint, longest", max(times), 100, "ms")
                yield limit_row("10,000 alarms: resident memory", resident_mib(terminal.pid), 150, "MiB")


def _key_to_paint(terminal: Terminal) -> list[float]:
    """Return milliseconds from each key, up or down in the list, to the first bytes that answer it."""
    times = []
    for number in range(KEYS):
        terminal.settle(quiet=0.1)
        before = terminal.received
        began = monotonic()
        terminal.send("down" if number % 20 < 10 else "up")
        while terminal.received == before and monotonic() - began < 5:
            terminal.pump(0.005)
        times.append((monotonic() - began) * 1000)
    return times
