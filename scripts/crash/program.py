"""The cockpit's own command in a process of its own, forked: what it imports is imported once for all its lives.

Starting Python anew would take most of the machine's time, and the story would move on meanwhile.
"""

import gc
import os
import select
import signal
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path

from cockpit.cli.main import main
from crash.doom import Fate, bind

_HEAVY = (
    "cockpit.cli.run",
    "cockpit.cli.runs",
    "cockpit.cli.driving",
    "cockpit.cli.line_mode",
    "cockpit.aws.gateway",
    "cockpit.engine.driver",
    "cockpit.plans.catalogue",
    "aiobotocore.session",
    "aiobotocore.httpsession",
)
_BROKEN = 70  # exit code of a program that ended by an exception


def import_once() -> None:
    """Import what every life needs."""
    for name in _HEAVY:
        import_module(name)
    gc.collect()
    gc.freeze()  # what the lives share stays shared: their garbage collection does not touch it


class Program:
    """One life: `cockpit` with arguments, its standard streams being pipes. The caller has one thread only.

    Attributes:
        said: lines printed so far (both streams).
        code: exit code, negative for a signal; None while it runs.
    """

    def __init__(self, argv: Sequence[str], env: Mapping[str, str], cwd: Path, fate: Fate | None = None) -> None:
        self.said: list[str] = []
        self.code: int | None = None
        self._rest = b""
        typed, self._typing = os.pipe()
        self._hearing, spoken = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            os.chdir(cwd)
            os.environ.update(env)
            _live(argv, fate, typed, spoken)
        os.close(typed)
        os.close(spoken)

    def hear(self, seconds: float) -> list[str] | None:
        """Return the lines that came within so many seconds, as soon as there are any; None once it has ended."""
        if self.code is not None:
            return None
        ready, _, _ = select.select([self._hearing], [], [], seconds)
        if not ready:
            return []
        data = os.read(self._hearing, 65536)
        *lines, self._rest = (self._rest + data).split(b"\n")
        heard = [line.decode(errors="replace") for line in lines]
        if not data:
            heard += [self._rest.decode(errors="replace")] if self._rest else []
            self._rest = b""
            if not heard:
                self._bury()
                return None
        self.said += heard
        return heard

    def type(self, *lines: str) -> None:
        """Type lines; into the void if it has ended meanwhile: its last words and its exit code are still to come."""
        try:
            os.write(self._typing, "".join(f"{line}\n" for line in lines).encode())
        except BrokenPipeError:
            return

    def kill(self) -> None:
        """Kill it, if it lives."""
        if self.code is None:
            os.kill(self.pid, signal.SIGKILL)

    def end(self) -> None:
        """Kill it if it lives, and wait for its end."""
        self.kill()
        while self.hear(1.0) is not None:
            pass

    def _bury(self) -> None:
        if self.code is None:
            _, status = os.waitpid(self.pid, 0)
            self.code = os.waitstatus_to_exitcode(status)
            os.close(self._typing)
            os.close(self._hearing)


def _live(argv: Sequence[str], fate: Fate | None, typed: int, spoken: int) -> None:
    """Be the program; never returns."""
    code = _BROKEN
    try:
        for number, descriptor in enumerate((typed, spoken, spoken)):
            os.dup2(descriptor, number)
        os.closerange(3, 1024)  # the simulator's pipe among them: it would outlive its parent
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)
        sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - lives as long as the process
        sys.stdout = sys.stderr = open(1, "w", buffering=1, encoding="utf-8", closefd=False)  # noqa: SIM115
        sys.argv = ["cockpit", *argv]
        if fate is not None:
            bind(fate)
        code = _main()
    finally:
        sys.stdout.flush()
        os._exit(code)


def _main() -> int:
    try:
        main()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0
