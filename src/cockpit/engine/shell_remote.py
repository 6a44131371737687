"""Programs on another host: the same as on this machine, kept by a shell script that is sent over the line."""

import base64
import binascii
import re
import shlex
from pathlib import Path

from cockpit.engine.shell_job import KEPT_OUTPUT, CannotStart, JobView, LineDown, Order
from cockpit.engine.shell_line import SshLine
from cockpit.model.text import clean

_SCRIPT = Path(__file__).with_name("shell_remote.sh")
_MARK = "cockpit-job "
_LOOKED_AT_ONCE = 5.0  # seconds the host waits for an end before it answers that there is none yet
_NOT_FOUND = (126, 127)  # what `env` ends with if it cannot start the program


class RemoteJob:
    """A program on a host, with its files in a folder of that host's user, named after run, step and attempt."""

    def __init__(self, line: SshLine, name: str, *, keep: bool = True) -> None:
        """Name the program.

        Args:
            line: to its host.
            name: the same for whoever asks for it again.
            keep: False: its folder goes as soon as its end has been seen.
        """
        self._line = line
        self._name = re.sub(r"[^A-Za-z0-9_-]", "-", name)
        self._keep = keep
        self._ended: JobView | None = None

    async def start(self, order: Order) -> None:
        """Start the program (`Job.start`): the folder's name makes the order harmless to repeat.

        The host answers when it has ended or has been looked at for a while, so a short program costs one connection.
        """
        self._ended = None
        variables = [f"{name}={value}" for name, value in order.env.items()]
        words = ["start", self._name, f"{order.timeout:g}", order.cwd, order.stdin, *variables, *order.argv]
        lines = await self._line.run(_script(words, self._looking(_LOOKED_AT_ONCE)), _LOOKED_AT_ONCE)
        told = _told(lines)
        if "refused" in told:
            raise CannotStart(f"Not started: {clean(told['refused'], 300)}.")
        if "started" not in told:
            raise LineDown("the host's answer is not whole")
        self._note(self._view(lines))

    async def look(self, patience: float) -> JobView:
        """Return how it stands (`Job.look`)."""
        if self._ended is None:
            wait = min(patience, _LOOKED_AT_ONCE)
            return self._note(self._view(await self._line.run(_script(self._looking(wait)), wait)))
        return self._ended

    async def settle(self) -> JobView:
        """Return how it stands, and let an order that comes late find the door shut (`Job.settle`)."""
        return self._view(await self._line.run(_script(["settle", self._name])))

    async def forget(self) -> None:
        """Remove its folder, unless it is gone already."""
        if self._ended is not None and not self._keep:
            self._ended = None
            return
        try:
            await self._line.run(_script(["forget", self._name]))
        except LineDown:
            return  # a folder that only its user can read is left

    def _looking(self, wait: float) -> list[str]:
        return ["look", self._name, f"{wait:g}", "keep" if self._keep else "forget"]

    def _note(self, view: JobView) -> JobView:
        """Remember an end: nothing changes after it, and the folder may be gone."""
        self._ended = view if view.state == "ended" else None
        return view

    def _view(self, lines: list[str]) -> JobView:
        told = _told(lines)
        streams = (_bytes(told.get("stdout", "")), _bytes(told.get("stderr", "")))
        for state in ("absent", "running", "vanished"):
            if state in told:
                return JobView(state, None, "", *streams)
        if "refused" in told:
            raise LineDown(f"the host cannot tell: {clean(told['refused'], 300)}", passing=False)
        if "ended" not in told:
            raise LineDown("the host's answer is not whole")
        status, _, late = told["ended"].partition(" ")
        if late:
            return JobView("ended", None, "ended at its time limit, as the plan says", *streams)
        code = int(status)
        if code in _NOT_FOUND and streams[1].startswith("env: "):
            return JobView("ended", None, f"it could not be started: {clean(streams[1].strip(), 300)}", *streams)
        return JobView("ended", code, "", *streams)


def _script(*calls: list[str]) -> str:
    """Return the script with calls at its end, every word quoted for a POSIX shell."""
    lines = "".join(f"{shlex.join(words)}\n" for words in calls)
    return f"{_SCRIPT.read_text(encoding='utf-8')}\nkept={KEPT_OUTPUT}\n{lines}"


def _told(lines: list[str]) -> dict[str, str]:
    """Return what the script said; anything else is the host's own noise."""
    marked = [line.removeprefix(_MARK) for line in lines if line.startswith(_MARK)]
    return {kind: rest.strip() for kind, _, rest in (line.partition(" ") for line in marked)}


def _bytes(encoded: str) -> str:
    try:
        return base64.b64decode(encoded, validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError) as error:
        raise LineDown("the host's answer is not whole") from error
