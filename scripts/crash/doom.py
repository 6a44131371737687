"""The real program, which dies by SIGKILL at a chosen moment.

Nothing in the product knows of this: the journal's `append` is wrapped from outside.
"""

import os
import signal
from collections.abc import Callable

from cockpit.engine.journal import Journal
from cockpit.engine.records import Entry, Record
from crash.boundaries import Pending

Fate = Callable[[Record], bool]
"""Tells of every record that this program has brought to disk whether it dies now."""


def at(pending: Pending) -> Fate:
    """Return the fate of dying at the next boundary that is wanted."""
    return lambda record: pending.reached(record) is not None


def after(number: int) -> Fate:
    """Return the fate of dying after so many records of one's own."""
    left = number

    def counted(_record: Record) -> bool:
        nonlocal left
        left -= 1
        return left <= 0

    return counted


def bind(fate: Fate) -> None:
    """Let this process have that fate."""
    append = Journal.append

    def append_and_die(journal: Journal, entry: Entry) -> None:
        append(journal, entry)
        if fate(entry.record):
            os.kill(os.getpid(), signal.SIGKILL)

    Journal.append = append_and_die  # type: ignore[method-assign]
