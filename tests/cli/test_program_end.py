"""The end of the process: the exit status of the command, whatever other threads are doing."""

import os
import stat
import subprocess
import sys
from pathlib import Path

BUSY = """
import sys, threading
from typing import Annotated
from pydantic import BeforeValidator, TypeAdapter
def slowly(value):
    return sum(range(1_000)) and value
numbers = TypeAdapter(list[Annotated[int, BeforeValidator(slowly)]])
def validate():
    while True:
        numbers.validate_python([1] * 50_000)
for _ in range(3):
    threading.Thread(target=validate, daemon=True).start()
sys.argv = ["cockpit", *sys.argv[1:]]
from cockpit.cli.{entry}
"""


def ended(*argv: str) -> subprocess.CompletedProcess[str]:
    """Run the program beside threads that are always inside compiled code."""
    code = BUSY.format(entry="program import program; program()")
    return subprocess.run([sys.executable, "-c", code, *argv], capture_output=True, text=True, check=False, timeout=60)


def test_threads_in_compiled_code_do_not_abort_the_end() -> None:
    """Whoever quits while the plans are being read would see 'FATAL' over the restored terminal, and status 134."""
    done = ended("--version")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("cockpit, version")


LEAKING = """
import cockpit.cli.program as console
def main():
    raise RuntimeError("no connection to " + "postgresql://app:" + "hunt3r2@" + "db/shop, password=" + "s3cr3t-w0rd")
console.main = main
console.program()
"""


def test_a_fault_keeps_no_secret(tmp_path: Path) -> None:
    """An error often quotes what it was given: a password would lie in a file that is sent around to report it."""
    env = {**os.environ, "COCKPIT_STATE_DIR": str(tmp_path)}
    argv = [sys.executable, "-c", LEAKING]
    done = subprocess.run(argv, env=env, capture_output=True, text=True, check=False, timeout=60)
    (file,) = (tmp_path / "faults").iterdir()
    for words in (done.stderr, file.read_text()):
        assert "no connection to postgresql://app:" in words
        assert "hunt3r2" not in words
        assert "s3cr3t-w0rd" not in words


def test_the_status_of_bad_input_is_kept() -> None:
    """A script would take a refused command for a good one."""
    done = ended("scenarios", "--no-such-option")
    assert done.returncode == 2
    assert "No such option" in done.stderr


def test_a_fault_is_a_sentence_and_a_file(tmp_path: Path) -> None:
    """A traceback would fill the screen at 03:00, and `cockpit status` would seem to say that something fires."""
    with Path("/dev/full").open("w") as full:
        env = {**os.environ, "COCKPIT_STATE_DIR": str(tmp_path)}
        argv = [sys.executable, "-m", "cockpit", "scenarios"]
        done = subprocess.run(argv, env=env, stdout=full, stderr=subprocess.PIPE, text=True, check=False, timeout=60)
    assert done.returncode == 70
    (file,) = (tmp_path / "faults").iterdir()
    assert done.stderr.count("\n") == 1
    assert "No space left on device" in done.stderr
    assert str(file) in done.stderr
    assert "Traceback" in file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
