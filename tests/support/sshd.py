"""A real SSH server on 127.0.0.1 with keys and a configuration of its own, for tests of the line."""

import getpass
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

MISSING = "These tests need an SSH server and ssh: as root run scripts/test_servers.sh, or install openssh-server."
READY_WITHIN = 20.0  # seconds

CONFIG = """\
Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host_key
PidFile {folder}/sshd.pid
AuthorizedKeysFile {folder}/user_key.pub
AuthenticationMethods publickey
PermitRootLogin yes
StrictModes no
UsePAM no
PrintMotd no
PrintLastLog no
"""


class Sshd:
    """A running server; a context manager that stops it.

    Attributes:
        port: where it listens on 127.0.0.1.
    """

    def __init__(self, folder: Path, environ: Mapping[str, str] | None = None) -> None:
        """Start it; `environ` is set in every session."""
        server = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
        assert all((server, shutil.which("ssh"), shutil.which("ssh-keygen"))), MISSING
        self._folder = folder
        self.port = _free_port()
        for name in ("host_key", "user_key"):
            make = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)]
            subprocess.run(make, check=True, stdin=subprocess.DEVNULL)
        settings = "".join(f"SetEnv {name}={value}\n" for name, value in (environ or {}).items())
        (folder / "sshd_config").write_text(CONFIG.format(port=self.port, folder=folder) + settings)
        if os.geteuid() == 0:
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # sshd as root refuses to start without it
        self._command = [str(server), "-D", "-e", "-f", str(folder / "sshd_config")]
        self.start()

    def start(self) -> None:
        """Start it, for the first time or again, and wait until it listens."""
        with (self._folder / "sshd.log").open("wb") as log:
            self._process = subprocess.Popen(self._command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self._wait_until_ready()

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + READY_WITHIN
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
            except OSError:
                said = (self._folder / "sshd.log").read_text(errors="replace")
                assert self._process.poll() is None, f"sshd did not start: {said}"
                assert time.monotonic() < deadline, f"sshd did not listen within {READY_WITHIN} s: {said}"
                time.sleep(0.05)
            else:
                return

    def command(self, *remote: str) -> list[str]:
        """Return the command line that runs something in a terminal on the other side of the line."""
        options = {
            "Port": str(self.port),
            "IdentityFile": str(self._folder / "user_key"),
            "IdentitiesOnly": "yes",
            "StrictHostKeyChecking": "no",
            "UserKnownHostsFile": "/dev/null",
            "LogLevel": "ERROR",
            "EscapeChar": "none",
        }
        given = [word for name, value in options.items() for word in ("-o", f"{name}={value}")]
        return ["ssh", "-F", "/dev/null", "-tt", *given, f"{getpass.getuser()}@127.0.0.1", *remote]

    def sessions(self) -> list[int]:
        """Return the process of each open connection."""
        found = []
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                parent = int(stat.read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
            if parent == self._process.pid:
                found.append(int(stat.parent.name))
        return found

    def stop(self) -> None:
        """End the server; lines that are open stay."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        self._process.wait(10)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
