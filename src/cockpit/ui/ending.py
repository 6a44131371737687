"""Ending in order when nobody pressed a key for it: a hang-up, a kill, a line that is gone."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import suppress
from threading import Timer
from typing import TYPE_CHECKING

from cockpit.ui.driver import CockpitDriver

if TYPE_CHECKING:
    from cockpit.ui.app import CockpitApp

LEAVE_SECONDS = 3.0
"""How long the screens may take to end after a signal; a blocked line would hold them for ever."""


class Ending:
    """Ends an application with the terminal restored, and ends it anyway if its loop is blocked by a stalled line."""

    def __init__(self, app: CockpitApp) -> None:
        self._app = app
        self._loop: asyncio.AbstractEventLoop | None = None

    def follow_signals(self) -> None:
        """Leave on SIGHUP and SIGTERM; called in the application's loop.

        Not through the event loop's own signal handling: a stalled line blocks the loop, and Python's handlers run all
        the same. SIGHUP is followed even if it was ignored (nohup): a screen has no use without its terminal.
        """
        self._loop = asyncio.get_running_loop()
        for number in (signal.SIGHUP, signal.SIGTERM):
            signal.signal(number, lambda received, _: self.leave(128 + received))

    def line_lost(self) -> None:
        """Leave because the terminal has hung up; safe from any thread."""
        self.leave(128 + signal.SIGHUP)

    def leave(self, code: int) -> None:
        """Leave with this exit status. A run is not aborted: what is on its way is waited for, it can be resumed."""
        watchdog = Timer(LEAVE_SECONDS, self._end_anyway, (code,))
        watchdog.daemon = True
        watchdog.start()
        if self._loop is not None:
            with suppress(RuntimeError):  # the loop has ended already
                self._loop.call_soon_threadsafe(lambda: self._app.exit(code, return_code=code))

    def _end_anyway(self, code: int) -> None:
        """End the process from beside the loop, once the answer of a call under way is in the journal."""
        try:
            if self._app.run_handle is not None:
                self._app.run_handle.close()
            driver = self._app._driver  # noqa: SLF001 - Textual has no public way to the driver
            if isinstance(driver, CockpitDriver):
                driver.restore_settings()
        finally:
            os._exit(code)
