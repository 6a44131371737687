"""The operator's desk of the line tests: a folder with a plan of one long program, and the cockpit in some terminal."""

import re
import shlex
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from cockpit.engine.journal_reading import ReadResult, read_journal
from cockpit.engine.records import Observed
from cockpit.sim.process import Simulator
from support.screen_operator import DEAF
from support.terminal import Terminal

TITLES = ("Long job", "Slow call", "Line restore")
HEAD = """\
id: line/{name}
title: {title}
source: [{{document: S0, title: Test, lines: "1-2"}}]
severity: low
trigger: {{words: never}}
expected_behaviour: It counts.
objectives: {{}}
authorization: {{words: anyone}}
inputs: {{}}
targets: [this machine]
communications: {{texts: []}}
steps:
"""
LONG_JOB = """\
  - id: job
    title: Count
    why: It takes its time.
    source: ["S0:1"]
    effect: mutate
    shell:
      argv: [sh, -c, "echo go >> marks; for n in $(seq {seconds}); do echo line $n; sleep 1; done; echo end >> marks"]
      cwd: {folder}
      timeout: PT10M
"""
SLOW_CALL = """\
  - id: topic
    title: Make a topic
    why: One call.
    source: ["S0:1"]
    effect: mutate
    aws: {{call: "sns:CreateTopic", params: {{Name: slow-call}}}}
"""
# Plan G's own steps, by the pieces it is written with.
RESTORE = """\
  - id: table
    title: Look at the table
    why: For its name in full.
    source: ["S0:1"]
    effect: read
    aws:
      call: dynamodb:DescribeTable
      params: {{TableName: SyncWellMetadata}}
      capture: {{arn: answer.Table.TableArn}}
  - id: backups
    title: Look at its backups
    why: For the latest second.
    source: ["S0:1"]
    effect: read
    aws:
      call: dynamodb:DescribeContinuousBackups
      params: {{TableName: SyncWellMetadata}}
      capture:
        latest: answer.ContinuousBackupsDescription.PointInTimeRecoveryDescription.LatestRestorableDateTime
  - include: restore-table
    id: restore
    with: {{table: SyncWellMetadata, table_arn: "{{{{ steps.table.arn }}}}", at: "{{{{ steps.backups.latest }}}}"}}
  - include: restored-table
    id: restored
    with: {{table: SyncWellMetadata, restored: "{{{{ steps.restore_start.table }}}}"}}
"""
CONFIG = """\
plans = ["{folder}/plans"]
[environments.rehearsal]
kind = "demo"
account = "{account}"
regions = ["{region}"]
"""


class Desk:
    """A folder with the plans `line/long-job` (one program that counts seconds), `slow-call` and `line-restore`.

    Attributes:
        folder: working folder; the environment is called ``rehearsal``.
        simulator: its AWS.
        environ: what to add to the environment variables.
    """

    def __init__(self, folder: Path, simulator: Simulator, seconds: int) -> None:
        self.folder = folder
        self.simulator = simulator
        self.environ = {**simulator.environ, "COCKPIT_STATE_DIR": str(folder / "state"), "LANG": "C.UTF-8"}
        (folder / "plans" / "line").mkdir(parents=True)
        for title, steps in zip(TITLES, (LONG_JOB, SLOW_CALL, RESTORE), strict=True):
            name = title.lower().replace(" ", "-")
            text = HEAD.format(name=name, title=title) + steps.format(folder=folder, seconds=seconds)
            (folder / "plans" / "line" / f"{name}.yaml").write_text(text)
        (folder / "cockpit.toml").write_text(
            CONFIG.format(folder=folder, account=simulator.account, region=simulator.region)
        )

    def script(self, start: str = "", trap: str = ":", arguments: str = "") -> Path:
        """Return a shell script that runs the cockpit here and leaves files: its process id, exit status, `stty` lines.

        Args:
            start: a command that starts the cockpit, `setsid` for example.
            arguments: of the cockpit; without any it is the full screen.
            trap: what the script does on SIGHUP; empty makes it, and the cockpit that it starts, ignore the signal.
        """
        path = self.folder / "start.sh"
        exports = "".join(f"export {name}={shlex.quote(value)}\n" for name, value in self.environ.items())
        path.write_text(
            f"trap '{trap}' HUP\n{exports}export TERM=xterm-256color PYTHONDONTWRITEBYTECODE=\n"
            f"cd {shlex.quote(str(self.folder))}\nstty -a > stty.before\n"
            f"sh -c 'echo $$ > pid.new; mv pid.new pid; exec {start} {sys.executable} -m cockpit {arguments}'\n"
            "echo $? > status.new; stty -a > stty.after; mv status.new status\n"
        )
        return path

    def terminal_is_as_before(self) -> bool:
        """Tell whether the terminal's settings after the cockpit's end are those from before its start."""
        return (self.folder / "stty.after").read_text() == (self.folder / "stty.before").read_text() != ""

    def pid(self) -> int:
        """Return the cockpit's process id."""
        return int(until(lambda: self._said("pid"), "the cockpit has not started"))

    def status(self, seconds: float = 15.0) -> int:
        """Wait for the cockpit's end and return its exit status as the shell saw it."""
        return int(until(lambda: self._said("status"), "the cockpit has not ended", seconds))

    def _said(self, name: str) -> str:
        path = self.folder / name
        return path.read_text().strip() if path.exists() else ""

    def marks(self) -> list[str]:
        """Return what the plan's program left: that it began, that it ended."""
        return self._said("marks").split()

    def journal(self) -> ReadResult:
        """Return the only run's journal, its chain checked."""
        (path,) = (self.folder / "state").rglob("journal.jsonl")
        return read_journal(path)

    def observed(self) -> int:
        """Return the number of the last line that the journal has of the program; 0 if none."""
        texts = [str(getattr(entry.record, "text", "")) for entry in self.journal().entries]
        return max((int(found.group(1)) for text in texts if (found := re.fullmatch(r"line (\d+)", text))), default=0)

    def seen(self, step: str) -> str:
        """Return everything that the journal says was observed in a step."""
        records = [entry.record for entry in self.journal().entries]
        return "\n".join(record.text for record in records if isinstance(record, Observed) and record.step == step)

    def run_id(self) -> str:
        """Return the id of the only run."""
        (path,) = (self.folder / "state").rglob("journal.jsonl")
        return path.parent.name


def start_job(terminal: Terminal, desk: Desk) -> None:
    """Go from the watch screen to the running program; its output is on record."""
    start(terminal, "Long job")
    pump_until(terminal, lambda: desk.observed() > 0, "the program's output is not on record")


def start(terminal: Terminal, title: str) -> None:
    """Go from the watch screen into the one step of a plan: find the plan, arm, confirm."""
    terminal.wait(lambda text: "no plan matches" in text or "PLANS THAT MATCH" in text, timeout=40)
    terminal.press("p")
    terminal.wait(title)
    terminal.press("/", *title, "enter")
    terminal.wait(lambda text: not any(other in text for other in TITLES if other != title))
    terminal.press("enter")
    terminal.wait("enter start")
    terminal.press("enter")
    terminal.wait("Live run")
    terminal.press("tab", "tab", "enter")
    terminal.wait("Arm this cockpit")
    settle(terminal)
    terminal.press(*"rehearsal", "enter")
    terminal.wait("Confirm — ", timeout=30)
    settle(terminal)
    terminal.press("c")


def settle(terminal: Terminal, seconds: float = DEAF) -> None:
    """Read what comes for a while: dialogs are deaf for their first half second."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        terminal.pump()


def pump_until(terminal: Terminal, condition: Callable[[], Any], complaint: str, seconds: float = 20.0) -> Any:
    """Read what the program writes until the condition gives something true, and return that."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, f"{complaint}; the screen is:\n{terminal.text}"
        terminal.pump()
    return found


def until(condition: Callable[[], Any], complaint: str, seconds: float = 15.0) -> Any:
    """Poll until the condition gives something true, and return that."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, complaint
        time.sleep(0.05)
    return found


def kinds(reading: ReadResult) -> Sequence[str]:
    """Return the kinds of a journal's records."""
    return [entry.record.kind for entry in reading.entries]
