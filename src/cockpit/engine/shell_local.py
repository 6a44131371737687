"""Programs on this machine; `shell_keeper` runs them."""

import asyncio
import fcntl
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from cockpit.engine import shell_keeper
from cockpit.engine.shell_job import KEPT_OUTPUT, CannotStart, JobView, Order
from cockpit.model.text import clean

_LOOK_EVERY = 0.1  # seconds
_HANDED_ON = ("PATH", "HOME", "LANG")


class LocalJob:
    """A program on this machine, with its files in a folder of the run."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._keeper: subprocess.Popen[bytes] | None = None

    async def start(self, order: Order) -> None:
        """Start the program (`Job.start`)."""
        if self._was_started:
            return
        if not Path(order.cwd).is_dir():  # noqa: ASYNC240 - one look at a folder
            raise CannotStart(f"The folder {clean(order.cwd)} does not exist.")
        try:
            self._start(order)
        except OSError as error:
            raise CannotStart(f"{clean(order.argv[0])} could not be started: {error.strerror}.") from error

    async def look(self, patience: float) -> JobView:
        """Return how it stands (`Job.look`)."""
        deadline = time.monotonic() + patience
        while (view := self._view()).state == "running" and time.monotonic() < deadline:  # noqa: ASYNC110 - a process
            await asyncio.sleep(_LOOK_EVERY)
        return view

    async def settle(self) -> JobView:
        """Return how it stands: no order is ever on its way on this machine."""
        return self._view()

    async def forget(self) -> None:
        """Remove its folder."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _view(self) -> JobView:
        kept = self._is_kept  # asked before the end is looked for: a keeper writes it, then goes
        if self._keeper is not None:
            self._keeper.poll()  # reaps it
        end = _load(self._folder / "ended.json")
        streams = (self._tail("stdout"), self._tail("stderr"))
        if end is not None:
            return JobView("ended", end.get("exit"), str(end.get("error") or ""), *streams)
        if kept:
            return JobView("running", None, "", *streams)
        return JobView("vanished" if self._was_started else "absent", None, "", *streams)

    def _start(self, order: Order) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        env = {name: os.environ[name] for name in _HANDED_ON if name in os.environ} | dict(order.env)
        job = {"argv": list(order.argv), "cwd": order.cwd, "env": env, "timeout": order.timeout, "stdin": order.stdin}
        with (self._folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            shell_keeper.write_json(self._folder / "job.json", job)
            # -I: nothing of the caller's Python settings; the lock travels with the descriptor.
            self._keeper = subprocess.Popen(
                [sys.executable, "-I", str(Path(shell_keeper.__file__)), str(self._folder)],
                env={"PATH": os.environ.get("PATH", os.defpath)},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                pass_fds=(lock.fileno(),),
            )

    @property
    def _was_started(self) -> bool:
        """Tell whether the program may have started, by this process or an earlier one. False: it surely did not."""
        return (self._folder / "started.json").exists() or self._is_kept

    @property
    def _is_kept(self) -> bool:
        """Tell whether the keeper is alive. It holds the lock; the system frees it when it dies, however it dies."""
        try:
            with (self._folder / "lock").open("r") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except OSError:
            return False
        return False

    def _tail(self, stream: str) -> str:
        try:
            with (self._folder / stream).open("rb") as file:
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
