"""The program as a console starts it: the command `cockpit`, and an end that no thread can spoil."""

import os
import sys
import threading
from typing import NoReturn

from cockpit.cli.main import main
from cockpit.report.streams import say, silence


def program() -> NoReturn:
    """Run the command and end the process with its exit status.

    An interpreter that ends in the ordinary way stops its daemon threads wherever they are; one that is inside compiled
    code at that moment (plans being read when the operator quits at once) aborts the process with a message over the
    restored terminal. Everything that must be closed is closed by the command itself, before it gets here.
    """
    threading.excepthook = _thread_failed
    try:
        main()
    except SystemExit as end:
        if isinstance(end.code, str):  # a sentence, which the interpreter prints
            raise
        _end(end.code or 0)
    except Exception as error:  # noqa: BLE001 - whatever it is, a sentence instead of a traceback
        silence(sys.stdout)  # what it could not take would fail once more
        _end(_failed(error))
    _end(0)


def _failed(error: BaseException) -> int:
    from cockpit.report.fault import FAULT, note_fault

    say(sys.stderr, note_fault(error))
    return FAULT


def _thread_failed(failure: threading.ExceptHookArgs) -> None:
    """Say that a thread has ended by a fault; the program goes on as far as it can."""
    if failure.exc_value is not None:
        _failed(failure.exc_value)


def _end(status: int) -> NoReturn:
    """End the process with nothing left in a buffer."""
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:
        sys.exit(status)  # the interpreter flushes again, says what failed and ends with its own status for that
    os._exit(status)
