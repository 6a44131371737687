"""The real program, which dies by SIGKILL the moment a chosen record is on disk: mortal.py SEQ [cockpit arguments …].

Nothing in the product knows of this: the journal's `append` is wrapped from outside.
"""

import os
import signal
import sys

from cockpit.cli.main import main
from cockpit.engine.journal import Journal
from cockpit.engine.records import Entry


def die_after(seq: int) -> None:
    """Let this process die as soon as the record of that number has been brought to disk."""
    append = Journal.append

    def append_and_die(journal: Journal, entry: Entry) -> None:
        append(journal, entry)
        if entry.seq == seq:
            os.kill(os.getpid(), signal.SIGKILL)

    Journal.append = append_and_die  # type: ignore[method-assign]


if __name__ == "__main__":
    die_after(int(sys.argv.pop(1)))
    main()
