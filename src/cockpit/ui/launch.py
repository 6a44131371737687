"""Running the application in this terminal, and ending in order whatever happened."""

import sys

from cockpit.report.streams import say
from cockpit.ui.app import CockpitApp, Opener


def launch(opener: Opener, *, title: str) -> int:
    """Show the cockpit, open the environment after the first paint, and return the exit status.

    0: left by the operator; 2: the environment could not be opened (said on stderr); 70: ended by a fault of its own
    (`report.fault`); 128 + n: ended by signal n, or by a line that is gone (as if by SIGHUP).
    """
    if not sys.stdin.isatty() or not sys.stdout.isatty():
        say(sys.stderr, "The cockpit needs a terminal. Without one, use: cockpit status, cockpit run")
        return 2
    app = CockpitApp(opener, title=title)
    app.run(mouse=False)
    open_run = app.run_handle.run_id if app.run_handle is not None and app.run_is_on else ""
    try:
        say(sys.stderr, app.failed_because)
    finally:
        app.close_session()
    if open_run:
        say(sys.stderr, f"The run stays as it is. Go on with: cockpit runs resume {open_run}")
    return app.return_code or 0
