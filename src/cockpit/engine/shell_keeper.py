"""Runs one program and outlives whoever asked for it: its output and its end are files.

Started by path in a session of its own, with nothing but the standard library, so that neither a lost line nor the end
of the cockpit ends the program or forgets how it ended. The file descriptor it inherits holds a lock on the folder for
as long as it lives: a cockpit that comes back sees by it whether the keeper is still there.

Usage: python -I shell_keeper.py FOLDER. Reads FOLDER/job.json, writes stdout, stderr, started.json, ended.json.
"""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

GRACE = 5.0  # seconds between asking the program to end and ending it


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Write a file so that a reader sees all of it or none."""
    beside = path.with_suffix(".new")
    with beside.open("w", encoding="utf-8") as file:
        json.dump(content, file)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def end_group(process: "subprocess.Popen[bytes]") -> None:
    """End the program and what it started."""
    for wanted in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, wanted)
        except ProcessLookupError:
            return
        try:
            process.wait(GRACE)
        except subprocess.TimeoutExpired:
            continue


def keep(folder: Path) -> dict[str, Any]:
    """Run the job of the folder to its end; return how it ended."""
    job = json.loads((folder / "job.json").read_text(encoding="utf-8"))
    write_json(
        folder / "started.json", {"keeper": os.getpid(), "at": time.time()}
    )  # before it starts: absent means never
    given = folder / "stdin"
    given.write_text(job.get("stdin", ""), encoding="utf-8")
    with given.open("rb") as stdin, (folder / "stdout").open("wb") as out, (folder / "stderr").open("wb") as err:
        try:
            process = subprocess.Popen(
                job["argv"],
                cwd=job["cwd"],
                env=job["env"],
                stdin=stdin,
                stdout=out,
                stderr=err,
                start_new_session=True,
            )
        except OSError as error:
            return {"exit": None, "error": f"{job['argv'][0]} could not be started: {error.strerror}"}
        write_json(folder / "started.json", {"pid": process.pid, "keeper": os.getpid(), "at": time.time()})
        signal.signal(signal.SIGTERM, lambda *_: end_group(process))
        try:
            return {"exit": process.wait(job["timeout"]), "error": ""}
        except subprocess.TimeoutExpired:
            end_group(process)
            return {"exit": process.poll(), "error": f"ended after {job['timeout']:g} s, as the plan says"}


if __name__ == "__main__":
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    where = Path(sys.argv[1])
    write_json(where / "ended.json", keep(where))
