"""The terminal at the other end of a line: Textual's driver, made to survive what lines and shells do to it."""

from __future__ import annotations

import os
import select
import signal
import sys
import termios
import threading
import tty
from collections.abc import Callable
from typing import IO, TYPE_CHECKING, Any

from textual.drivers.linux_driver import LinuxDriver

if TYPE_CHECKING:
    from textual.app import App


class CockpitDriver(LinuxDriver):
    """Textual's driver for Unix, and three things that it leaves open.

    * The line goes away and no SIGHUP comes (it is ignored, or went to another process): reading gives nothing at once,
      for ever, and the program would spin. The line is watched, and the application is told.
    * SIGCONT without a SIGTSTP before it (SIGSTOP, a debugger, a batch system): Textual would start a second time, with
      two readers of the keys and raw settings taken for those to restore. Here the screen is painted anew.
    * SIGTSTP is handled in the loop, not in the middle of whatever the signal interrupts; it stops nothing that nobody
      could continue (a cockpit that is the only program of an SSH line).
    """

    def __init__(
        self, app: App[Any], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._file = _Line(sys.__stderr__)  # type: ignore[assignment]  # what the writer thread needs of a file
        self._watched = False
        self._given_up = False  # to the shell, by SIGTSTP
        self._lost: Callable[[], None] = getattr(app, "line_lost", lambda: None)

    def start_application_mode(self) -> None:
        """Take over the terminal, and watch its line from now on."""
        super().start_application_mode()  # type: ignore[no-untyped-call]  # Textual's has no annotation
        if not self._watched:
            self._watched = True
            threading.Thread(target=self._watch_line, name="cockpit-line", daemon=True).start()

    def restore_settings(self) -> None:
        """Give the terminal its settings back, without writing to it: a stalled line would block."""
        if self.attrs_before is not None:
            try:
                termios.tcsetattr(self.fileno, termios.TCSANOW, self.attrs_before)
            except termios.error:
                return

    def _watch_line(self) -> None:
        """Wait, without cost, until the terminal has hung up."""
        line = select.poll()
        line.register(self.fileno, 0)  # hang-up and error are always reported
        for _, event in line.poll():
            if event & (select.POLLHUP | select.POLLERR):
                self._lost()

    def _run_input_thread(self) -> None:
        """Read keys until the end. An error of reading is a lost line; the traceback would have no reader."""
        try:
            self.run_input_thread()
        except OSError:
            self._lost()

    def suspend_job(self) -> None:
        """Do what a terminal does on Ctrl-Z: stop the whole job, so that the shell that waits for it takes over."""
        self._stop(whole_job=True)

    def _sigtstp_application(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop)

    def _stop(self, *, whole_job: bool = False) -> None:
        """Give the terminal up and stop until SIGCONT; go on at once if no shell is there to continue the job."""
        if self._given_up:
            return  # it is on its way already
        self._given_up = True
        self.suspend_application_mode()
        # The default action discards the signal where nobody could continue the job. The main thread, which runs this,
        # takes it before the call returns; a whole job (what started the cockpit: make, a script) stops as one.
        signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        if whole_job:
            os.killpg(0, signal.SIGTSTP)
        else:
            os.kill(os.getpid(), signal.SIGTSTP)
        signal.signal(signal.SIGTSTP, self._sigtstp_application)
        self._resume()

    def _sigcont_application(self, *_: object) -> None:
        if self._given_up:
            self._resume()
        else:
            self._loop.call_soon_threadsafe(self._take_back)

    def _resume(self) -> None:
        """Take the terminal again, once; stop again while the job is in the background."""
        while self._given_up and not self._in_foreground():
            os.kill(os.getpid(), signal.SIGSTOP)
        if self._given_up:
            self._given_up = False
            self._must_signal_resume = True
            self.resume_application_mode()

    def _in_foreground(self) -> bool:
        try:
            return os.tcgetpgrp(self.fileno) == os.getpgrp()
        except OSError:
            return True  # the terminal controls no jobs of ours

    def _take_back(self) -> None:
        """Take a terminal back that was never given up; a shell may have changed its settings meanwhile."""
        if self.attrs_before is None or self.exit_event.is_set() or not self._in_foreground():
            return
        try:
            settings = termios.tcgetattr(self.fileno)
            settings[tty.LFLAG] = self._patch_lflag(settings[tty.LFLAG])
            settings[tty.IFLAG] = self._patch_iflag(settings[tty.IFLAG])
            termios.tcsetattr(self.fileno, termios.TCSANOW, settings)
        except termios.error:
            return
        self.write("\x1b[?1049h\x1b[?25l")
        self._app.post_message(self.SignalResume())


class _Line:
    """The file that the screen is written to. What cannot be written because the line is gone is dropped."""

    def __init__(self, file: IO[str] | None) -> None:
        self._line = file if file is not None else sys.stderr

    def write(self, text: str) -> int:
        try:
            return self._line.write(text)
        except OSError:
            return len(text)

    def flush(self) -> None:
        try:
            self._line.flush()
        except OSError:
            return

    def fileno(self) -> int:
        return self._line.fileno()

    def isatty(self) -> bool:
        return self._line.isatty()
