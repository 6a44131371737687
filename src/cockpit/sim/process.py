"""Starts the simulator as a child process; used by the demo, drills and tests. Imports neither moto nor botocore."""

import json
import subprocess
import sys
import tempfile
import threading
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from cockpit.model.clock import CLOCK_VARIABLE, Clock, clock_from

READY_WITHIN = 60.0  # seconds; a loaded machine needs many of them to import moto


class SimulatorFailed(Exception):
    """The simulator did not come up; the text is what it said, or how long it was silent."""


class Simulator:
    """A running simulator; a context manager that stops it.

    Attributes:
        endpoint: URL that AWS clients are pointed at.
        clock: the clock of the story; hand it to everything that takes part.
        environ: environment variables that make ordinary AWS clients, and the cockpit, use this simulator.
        account, region: where the scenario takes place.
    """

    def __init__(self, process: subprocess.Popen[bytes], ready: dict[str, Any], said: IO[bytes]) -> None:
        self._process = process
        self._said = said
        self.endpoint: str = ready["endpoint"]
        self.account: str = ready["account"]
        self.region: str = ready["region"]
        self.clock: Clock = clock_from({CLOCK_VARIABLE: ready["clock"]})
        self.environ: dict[str, str] = {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": "simulated",
            "AWS_SECRET_ACCESS_KEY": "simulated",
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_EC2_METADATA_DISABLED": "true",
            CLOCK_VARIABLE: ready["clock"],
        }

    @property
    def pid(self) -> int:
        """Return the child's process id."""
        return self._process.pid

    def get_json(self, path: str) -> Any:
        """Fetch one of the simulator's own pages, for example ``/_cockpit/calls``.

        Raises:
            LookupError: there is no such page.
        """
        return self._fetch(path, None)

    def post_json(self, path: str, order: Any) -> Any:
        """Give the simulator an order on one of its own pages, for example ``/_cockpit/hold``.

        Raises:
            LookupError: there is no such page, or the order makes no sense.
        """
        return self._fetch(path, json.dumps(order).encode())

    def _fetch(self, path: str, body: bytes | None) -> Any:
        request = urllib.request.Request(self.endpoint + path, data=body)  # noqa: S310 - our own http URL
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - our own http URL
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise LookupError(f"{path}: {error.read().decode(errors='replace')}") from error

    def wait(self) -> None:
        """Wait until the child ends by itself."""
        self._process.wait()

    def stop(self) -> None:
        """End the child; harmless when it has ended already."""
        if self._process.stdin is not None and not self._process.stdin.closed:
            self._process.stdin.close()
        try:
            self._process.wait(3)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._said.close()

    def complaints(self) -> str:
        """Return what the simulator wrote on stderr so far: empty if all is well."""
        self._said.seek(0)
        return self._said.read().decode(errors="replace")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def start_simulator(scenario: str | Path = "", speed: float = 1.0, seed: int = 1, port: int = 0) -> Simulator:
    """Start the simulator and wait until it is ready.

    Args:
        scenario: name of a scenario or path of its file; empty for an empty account.
        speed: seconds of the story per real second.
        seed: same seed, same story.
        port: 0 takes any free one.

    Raises:
        SimulatorFailed: bad scenario, missing extra `demo`, port taken, or no ready line within a minute.
    """
    command = [sys.executable, "-m", "cockpit.sim", "--with-parent", f"--speed={speed:g}", f"--seed={seed}"]
    command += [f"--scenario={scenario}", f"--port={port}"]
    said = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the simulator
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said)
    line = _first_line(process)
    if not line:
        silent = process.poll() is None
        process.kill()
        process.wait()
        said.seek(0)
        words = said.read().decode(errors="replace").strip()
        said.close()
        if silent:
            words = f"The simulator was not ready within {READY_WITHIN:g} s. {words}".strip()
        raise SimulatorFailed(words or "The simulator ended without a word.")
    return Simulator(process, json.loads(line), said)


def _first_line(process: subprocess.Popen[bytes]) -> bytes:
    """Return the ready line; empty if the process ended, or stayed silent for too long."""
    lines: list[bytes] = []
    stdout = process.stdout
    if stdout is None:
        return b""
    reader = threading.Thread(target=lambda: lines.append(stdout.readline()), daemon=True)
    reader.start()
    reader.join(READY_WITHIN)
    return lines[0] if lines else b""
