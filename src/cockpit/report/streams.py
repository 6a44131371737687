"""Words to a stream whose reader may be gone: a closed pipe, a terminal that has hung up."""

import os
from typing import TextIO


def say(stream: TextIO, words: str) -> None:
    """Write a line; if nobody can read it any more, send it and whatever follows nowhere. No words: nothing."""
    if not words:
        return
    try:
        stream.write(f"{words}\n")
        stream.flush()
    except OSError:
        silence(stream)


def silence(stream: TextIO) -> None:
    """Point a stream to nowhere: what is left in its buffer must not fail again when the interpreter ends."""
    try:
        number = stream.fileno()
    except (OSError, ValueError):
        return  # not a file of the system
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, number)
    os.close(nowhere)
