"""A run that was handed over here: once this process has let go of it, it is watched."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from cockpit.ui.messages import RunFollowed
from cockpit.ui.session import CannotRun

if TYPE_CHECKING:
    from cockpit.engine.handle import RunHandle
    from cockpit.ui.app import CockpitApp


class HandedOver:
    """Looks whether the current run was handed over, and puts the watching in its place."""

    def __init__(self, app: CockpitApp) -> None:
        self._app = app
        self._known: RunHandle | None = None

    def look(self) -> None:
        """Begin to watch the current run, if it was driven here and somebody else is to drive it now."""
        handle, session = self._app.run_handle, self._app.session
        if handle is None or handle is self._known or session is None or session.follow_run is None:
            return
        if handle.state().handed_to:
            self._known = handle
            self._app.run_worker(partial(self._follow, handle, session.follow_run), thread=True, exit_on_error=False)

    def _follow(self, handle: RunHandle, follow: Callable[[Path], RunHandle]) -> None:
        handle.close()  # returns when the answer of a call under way is journaled
        try:
            self._app.post_message(RunFollowed(follow(handle.folder)))
        except CannotRun as problem:
            self._app.post_message(RunFollowed(None, str(problem)))

    def followed(self, message: RunFollowed) -> None:
        """Show the run as somebody who watches it."""
        if message.handle is None:
            from cockpit.ui.text_box import TextBox  # noqa: PLC0415 - after the first paint

            self._app.push_screen(TextBox("The run cannot be watched", message.why))
            return
        self._known = message.handle  # whoever it is handed on to: it is watched already
        self._app.begin_run(message.handle)
