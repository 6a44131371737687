"""What the system knows of a process: whether it lives, what it burns, whether its terminal takes anything more."""

import os
import select
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def alive(pid: int) -> bool:
    """Tell whether a process runs."""
    return _stat(pid)[0] not in ("", "Z")


def parent(pid: int) -> int:
    """Return the process that waits for this one."""
    return int(_stat(pid)[1])


def cpu_seconds(pid: int) -> float:
    """Return the processor time a process has used; of one that has ended, 0."""
    stat = _stat(pid)
    return (int(stat[11]) + int(stat[12])) / TICKS if len(stat) > 12 else 0.0


def line_is_full(pid: int) -> bool:
    """Tell whether the terminal of a process takes nothing more: its other end has stopped reading."""
    line = os.open(f"/proc/{pid}/fd/0", os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK)
    try:
        watch = select.poll()
        watch.register(line, select.POLLOUT)
        return not watch.poll(0)
    finally:
        os.close(line)


def _stat(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ["", "0"]
