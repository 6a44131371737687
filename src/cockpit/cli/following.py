"""Watching a run in plain lines, record by record, while somebody else drives it."""

import time
from pathlib import Path

import click

ENDED, PROBLEM = 0, 1


def follow(path: Path, after: int = -1) -> int:
    """Print every record of the run in a folder as it appears, until the run has ended; Ctrl-C ends the watching only.

    Says when nobody drives the run any more, and goes on watching: somebody may take it up.

    Args:
        path: the run's folder.
        after: number of the last record that need not be shown.

    Returns:
        The exit code: 0 if the run has ended or the watching was, 1 if the journal cannot be read on.

    Raises:
        JournalError: there is no readable run in the folder.
    """
    from cockpit.engine.observer import EVERY, follow_run
    from cockpit.report.record_words import entry_line

    run = follow_run(path)
    said = ""
    try:
        while True:
            problem, standing = run.problem, run.stopped()
            for entry in run.entries():
                if entry.seq > after:
                    click.echo(entry_line(entry, run.state().plan))
                    after, said = entry.seq, ""
            if problem:
                click.echo(problem, err=True)
                return PROBLEM
            if run.state().ended:
                return ENDED
            if standing != said:
                click.echo(standing)
                said = standing
            time.sleep(EVERY)
    except KeyboardInterrupt:
        return ENDED
    finally:
        run.close()
