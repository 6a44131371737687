"""Copying over a bad line, said truthfully.

Inside tmux the text goes into a tmux buffer, which is certain. Outside, the terminal is asked (OSC 52) and never
answers, so the text is shown as well: nothing here says "copied" unless it was.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

from cockpit.ui.text_box import TextBox

if TYPE_CHECKING:
    from cockpit.ui.app import CockpitApp

TMUX_SECONDS = 2.0
NOT_SURE = (
    "The terminal was asked to copy this (OSC 52). Terminals do not say whether they did: "
    "if pasting gives something else, select it here."
)


def copy(app: CockpitApp, text: str) -> None:
    """Copy a text by the surest way there is, and tell which it was."""
    if os.environ.get("TMUX") and shutil.which("tmux"):
        app.run_worker(lambda: _copy_in_tmux(app, text), thread=True, exit_on_error=False, group="copy")
    else:
        _ask_terminal(app, text)


def _copy_in_tmux(app: CockpitApp, text: str) -> None:
    try:
        subprocess.run(
            ["tmux", "load-buffer", "-w", "-"],  # noqa: S607 - the tmux that the user's own PATH names
            input=text.encode(),
            timeout=TMUX_SECONDS,
            check=True,
            capture_output=True,
        )
    except (OSError, subprocess.SubprocessError):
        app.call_later(_ask_terminal, app, text)
    else:
        app.call_later(
            app.notify,
            "In the tmux buffer (prefix ]); passed on to the terminal if tmux has set-clipboard on.",
            markup=False,
        )


def _ask_terminal(app: CockpitApp, text: str) -> None:
    app.copy_to_clipboard(text)
    app.push_screen(TextBox("Copy", text, NOT_SURE))
