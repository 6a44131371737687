"""A program that runs beside the cockpit, found again by its folder (`shell_keeper` runs it)."""

import fcntl
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cockpit.engine import shell_keeper

KEPT_OUTPUT = 200_000  # bytes of each stream that are read back


@dataclass(frozen=True, slots=True)
class JobEnd:
    """How a program ended. `error` says why it has no proper end: not started, or ended at its time limit."""

    exit: int | None
    error: str


class ShellJob:
    """One run of one program, in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._keeper: subprocess.Popen[bytes] | None = None

    @property
    def was_started(self) -> bool:
        """Tell whether the program may have started, by this process or an earlier one. False: it surely did not."""
        return (self.folder / "started.json").exists() or self.is_kept

    def start(self, argv: list[str], cwd: str, env: dict[str, str], timeout: float) -> None:
        """Start the program.

        Raises:
            OSError: the folder cannot be written or the keeper cannot be started; the program did not start.
        """
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (self.folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            shell_keeper.write_json(
                self.folder / "job.json", {"argv": argv, "cwd": cwd, "env": env, "timeout": timeout}
            )
            # -I: nothing of the caller's Python settings; the lock travels with the descriptor.
            self._keeper = subprocess.Popen(
                [sys.executable, "-I", str(Path(shell_keeper.__file__)), str(self.folder)],
                env={"PATH": os.environ.get("PATH", os.defpath)},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                pass_fds=(lock.fileno(),),
            )

    def end(self) -> JobEnd | None:
        """Return how the program ended; None while it has not."""
        if self._keeper is not None:
            self._keeper.poll()  # reaps it
        found = _load(self.folder / "ended.json")
        return None if found is None else JobEnd(found.get("exit"), str(found.get("error") or ""))

    @property
    def is_kept(self) -> bool:
        """Tell whether the keeper is alive. It holds the lock; the system frees it when it dies, however it dies."""
        try:
            with (self.folder / "lock").open("r") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except OSError:
            return False
        return False

    def output(self, stream: str = "stdout") -> str:
        """Return what the program has written so far, at most the last `KEPT_OUTPUT` bytes."""
        try:
            with (self.folder / stream).open("rb") as file:
                file.seek(max(0, os.fstat(file.fileno()).st_size - KEPT_OUTPUT))
                return file.read().decode("utf-8", "replace")
        except OSError:
            return ""


def _load(path: Path) -> dict[str, Any] | None:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None
