"""Running the application in this terminal, and ending in order whatever happened."""

import sys

from cockpit.ui.app import CockpitApp, Opener


def launch(opener: Opener, *, title: str) -> int:
    """Show the cockpit, open the environment after the first paint, and return the exit status.

    0: left by the operator; 2: the environment could not be opened (said on stderr); 128 + n: ended by signal n.
    """
    if not sys.stdin.isatty() or not sys.stdout.isatty():
        sys.stderr.write("The cockpit needs a terminal. Without one, use: cockpit status, cockpit run\n")
        return 2
    app = CockpitApp(opener, title=title)
    app.run(mouse=False)
    try:
        if app.failed_because:
            sys.stderr.write(f"{app.failed_because}\n")
    finally:
        app.close_session()
    return app.return_code or 0
