"""A host for plans to run programs on: a real SSH server on 127.0.0.1, with strict keys and one shared connection."""

import getpass
import os
import signal
from pathlib import Path
from types import TracebackType
from typing import Self

from cockpit.config.schema import Host
from support.sshd import Sshd


class RemoteHost:
    """A running SSH server; a context manager that stops it.

    Attributes:
        host: as cockpit.toml would have it.
        jobs: the folder in which the cockpit keeps its programs there.
    """

    def __init__(self, folder: Path, env: dict[str, str] | None = None) -> None:
        self._folder = folder
        state = folder / "state"
        self.jobs = state / "cockpit" / "jobs"
        self._sshd = Sshd(folder, {"XDG_STATE_HOME": str(state)})
        kind, key, *_ = (folder / "host_key.pub").read_text().split()
        (folder / "known_hosts").write_text(f"[127.0.0.1]:{self._sshd.port} {kind} {key}\n")
        self.host = Host(
            destination=f"{getpass.getuser()}@127.0.0.1",
            options={
                "Port": str(self._sshd.port),
                "IdentityFile": str(folder / "user_key"),
                "IdentitiesOnly": "yes",
                "UserKnownHostsFile": str(folder / "known_hosts"),
                "GlobalKnownHostsFile": "/dev/null",
                "ControlMaster": "auto",
                "ControlPath": f"/tmp/cockpit-{os.getpid()}-%C",
                "ControlPersist": "20",
            },
            env=env or {},
        )

    def cut_lines(self) -> None:
        """Cut every open connection: the server goes on and takes new ones."""
        for pid in self._sshd.sessions():
            os.kill(pid, signal.SIGKILL)

    def hang_up(self) -> None:
        """Cut every connection and take no new one, until `answer`."""
        sessions = self._sshd.sessions()
        self._sshd.stop()
        for pid in sessions:
            os.kill(pid, signal.SIGKILL)

    def answer(self) -> None:
        """Take connections again."""
        self._sshd.start()

    def stop(self) -> None:
        """End the server and its connections."""
        self.cut_lines()
        self._sshd.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
