"""The line to another host: the system's OpenSSH client, with an argument vector and the script on its stdin."""

import asyncio
import os
from tempfile import TemporaryFile
from typing import IO

from cockpit.config.schema import Host
from cockpit.engine.shell_job import LineDown
from cockpit.model.text import clean

_ANSWER_WITHIN = 30.0  # seconds beyond what the script itself waits

# What a plan's program must never meet: a question, a foreign key, somebody else's agent. First ones count for ssh.
_OPTIONS = {
    "BatchMode": "yes",
    "StrictHostKeyChecking": "yes",
    "ForwardAgent": "no",
    "ForwardX11": "no",
    "ClearAllForwardings": "yes",
    "LogLevel": "ERROR",
    "RemoteCommand": "none",
}
_UNLESS_CONFIGURED = {"ConnectTimeout": "10", "ServerAliveInterval": "5", "ServerAliveCountMax": "3"}
_FOR_A_PERSON = (  # what ssh says when waiting does not help
    "Host key verification failed",
    "Permission denied",
    "Could not resolve hostname",
    "Bad configuration option",
    "no such identity",
)


class SshLine:
    """Runs scripts on one host as its user; each goes over a connection of its own, unless ssh is told to share one."""

    def __init__(self, name: str, host: Host) -> None:
        self._name = name
        self._host = host

    def command(self) -> list[str]:
        """Return the argument vector. It holds nothing of a plan: all of that goes in through stdin."""
        options = {**_OPTIONS, **self._host.options}
        options |= {name: value for name, value in _UNLESS_CONFIGURED.items() if name not in options}
        given = [word for name, value in options.items() for word in ("-o", f"{name}={value}")]
        return ["ssh", "-T", *given, "--", self._host.destination, "exec sh -s"]

    async def run(self, script: str, patience: float = 0.0) -> list[str]:
        """Run a POSIX shell script and return the lines it wrote on stdout.

        Args:
            script: what the host's `sh` reads on stdin.
            patience: seconds that the script itself may wait.

        Raises:
            LineDown: there is no whole answer; the script may have run or not.
        """
        # Files, not pipes: a connection that is shared keeps a pipe open after this ssh has been ended.
        with TemporaryFile() as given, TemporaryFile() as out, TemporaryFile() as complaint:
            given.write(script.encode())
            given.seek(0)
            code = await self._ssh(given, out, complaint, patience + _ANSWER_WITHIN)
            out.seek(0)
            complaint.seek(0)
            if code != 0:
                raise self._down(complaint.read().decode("utf-8", "replace"))
            return out.read().decode("utf-8", "replace").splitlines()

    async def _ssh(self, given: IO[bytes], out: IO[bytes], complaint: IO[bytes], limit: float) -> int:
        """Run ssh to its end and return its exit status; it is ended with whoever waits for it."""
        try:
            process = await asyncio.create_subprocess_exec(
                *self.command(),
                stdin=given,
                stdout=out,
                stderr=complaint,
                start_new_session=True,  # a Ctrl-C at the terminal is not for the line
                env=os.environ,
            )
        except OSError as error:
            raise LineDown(f"ssh could not be started: {error.strerror}", passing=False) from error
        try:
            async with asyncio.timeout(limit):
                return await process.wait()
        except TimeoutError as error:
            raise LineDown(f"{self._name} did not answer within {limit:.0f} s") from error
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()

    def _down(self, said: str) -> LineDown:
        words = clean(said.strip().replace("\n", "; "), 300) or "ssh ended without a word"
        passing = not any(sign in said for sign in _FOR_A_PERSON)
        return LineDown(f"{self._name} ({self._host.destination}) could not be reached: {words}", passing=passing)
