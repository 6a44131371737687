"""An operator at the plain-line face: reads what the real program prints and answers its questions by rules."""

import os
import queue
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

LONGEST = 5000  # lines; more is a question asked over and over
Answer = str | Callable[[str], str]
Rule = tuple[str, Answer]

# What an operator who trusts the plan answers; a test puts its own rules before these.
AGREEING: tuple[Rule, ...] = (
    (r"\? Type the environment's name, (\S+), to arm", lambda question: _group(question, r"name, (\S+), to arm")),
    (r"\? Type exactly: (.+?):?$", lambda question: _group(question, r"Type exactly: (.+?):?$")),
    (r"\? Type (\S+) to send it", lambda question: _group(question, r"Type (\S+) to send it")),
    (r"\? y if so", "y"),
    (r"\? Reason for", "test of the whole procedure"),
    (r"\? Name of the second person", "Bo Second"),
    (r"\? Restore point in UTC.*p for the proposal", "p"),
    (r"\? Type yes to choose this second", "yes"),
    (r"\? posted WHERE", "posted status.example.org"),
    (r"\? How were they told", "pager"),
    (r"\? Value", ""),
    (r"\? Number, 1 to", lambda shown: _recommended_or_first(shown)),  # noqa: PLW0108 - it stands below
)


def _recommended_or_first(recent: str) -> str:
    """Choose what is recommended, else the first choice that is possible."""
    shown = recent.rpartition("\n== Step ")[2]
    if recommended := re.findall(r"^Recommended: (\d+)", shown, re.MULTILINE):
        return recommended[-1]
    choices = re.findall(r"^  (\d+)\. .*\n((?:     .*\n)*)", shown, re.MULTILINE)
    return next(number for number, rest in choices if "not possible:" not in rest)


def _group(text: str, pattern: str) -> str:
    found = re.findall(pattern, text, re.MULTILINE)
    assert found, text
    return str(found[-1]).strip()


class LineOperator:
    """`cockpit run` (or another command) with pipes instead of a terminal.

    Attributes:
        transcript: everything printed, with the answers in between.
    """

    def __init__(
        self,
        argv: Sequence[str],
        env: Mapping[str, str],
        cwd: Path,
        rules: Sequence[Rule] = (),
        program: Sequence[str] = ("-m", "cockpit"),
    ) -> None:
        self._rules = (*rules, *AGREEING)
        self.transcript: list[str] = []
        self._lines: queue.Queue[str | None] = queue.Queue()
        self.process = subprocess.Popen(
            [sys.executable, *program, *argv],
            env={**os.environ, **env, "PYTHONUNBUFFERED": "1"},
            cwd=cwd,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line.rstrip("\n"))
        self._lines.put(None)

    def run(self, timeout: float) -> int:
        """Answer until the program ends; return its exit code.

        Raises:
            AssertionError: it asked something no rule answers, or took longer than `timeout` seconds.
        """
        end = time.monotonic() + timeout
        while True:
            try:
                line = self._lines.get(timeout=max(end - time.monotonic(), 0.01))
            except queue.Empty:
                self._give_up(f"not ended after {timeout} s")
            if line is None:
                return self.process.wait(10)
            self.transcript.append(line)
            if line.startswith("?"):
                self._answer(line)

    def _answer(self, question: str) -> None:
        recent = "\n".join(self.transcript[-120:]) + "\n"
        if self.transcript[-2:-1] == self.transcript[-1:] or len(self.transcript) > LONGEST:
            self._give_up("the same question comes again")
        unmarked = re.sub(r"^\? \[[^]]*\] ", "? ", question)  # a question of a parallel branch bears its name
        for pattern, answer in self._rules:
            if re.search(pattern, unmarked):
                words = answer(recent) if callable(answer) else answer
                break
        else:
            self._give_up(f"no rule answers {question!r}")
        self.transcript.append(f">>> {words}")
        assert self.process.stdin is not None
        with suppress(BrokenPipeError):  # it ended meanwhile: its last lines and its exit code are still to come
            self.process.stdin.write(words + "\n")
            self.process.stdin.flush()

    def _give_up(self, why: str) -> NoReturn:
        self.process.kill()
        raise AssertionError(f"{why}:\n{self.tail()}")

    def tail(self, lines: int = 60) -> str:
        """Return the end of the transcript."""
        return "\n".join(self.transcript[-lines:])
