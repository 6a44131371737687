"""A fault of the cockpit: a sentence for people, and a file for whoever mends it. Never a traceback on screen."""

import traceback
from datetime import UTC, datetime
from pathlib import Path

from cockpit.config.paths import state_folder
from cockpit.engine.secrets import words_without_secrets
from cockpit.model.scope import EnvironmentKind
from cockpit.model.text import clean

FAULT = 70
"""Exit status (EX_SOFTWARE of sysexits.h): no other one means it; 1 of `cockpit status` is a firing alarm."""

_FOLDER = "faults"


def note_fault(error: BaseException) -> str:
    """Write where an error comes from to a file of the state folder that only its owner can read; return what to say.

    The file holds the chain of calls and the error's words, no values of variables. Errors quote what they were given,
    so what looks like a secret is left out of both, as in a journal's words.
    """
    said = clean(words_without_secrets(str(error)), 300)
    words = f"The cockpit has failed by a fault of its own: {type(error).__name__}: {said}."
    runs = "What runs have done is in their journals: `cockpit runs list` shows where they stand."
    try:
        return f"{words} Report it with {_written(error)}. {runs}"
    except OSError as problem:
        return f"{words} Where it comes from could not be written down: {problem.strerror or problem}. {runs}"


def _written(error: BaseException) -> Path:
    folder = state_folder(EnvironmentKind.PRODUCTION) / _FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = folder / f"{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}.txt"
    file.touch(mode=0o600)
    file.write_text(words_without_secrets("".join(traceback.format_exception(error))), encoding="utf-8")
    return file
