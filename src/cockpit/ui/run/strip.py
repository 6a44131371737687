"""The strip as a widget: on the run screen and above every prompt, so that time and data loss are always in view."""

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from cockpit.ui.run.desk import Desk
from cockpit.ui.run.strip_view import LINES, strip_lines


class RunStrip(Vertical):
    """RTO clock, data-loss window and status clock of one run, renewed every second while its screen is on top.

    Each line is a widget of its own: a line whose words did not change costs no byte on a slow connection.
    """

    DEFAULT_CSS = """
    RunStrip { height: auto; width: 100%; }
    RunStrip > Static { height: 1; width: 100%; }
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._shown: dict[str, Text] = {}

    def compose(self) -> ComposeResult:
        """Lay out one widget for each line."""
        for name in LINES:
            yield Static(id=f"strip-{name}", markup=False)

    def on_mount(self) -> None:
        """Start the clock."""
        self.call_later(self.renew)
        self.set_interval(1.0, self._tick)

    def on_resize(self) -> None:
        """Fit the words to the new width."""
        self.renew()

    def _tick(self) -> None:
        if self.screen.is_active:
            self.renew()

    def renew(self) -> None:
        """Show the present state; only lines whose words changed are painted. Before it is mounted it does nothing."""
        if not self.is_mounted:
            return
        width = self.size.width or self.app.size.width
        lines = strip_lines(self._desk.state(), self._desk.now(), width, self._desk.handle.stopped())
        for name, words in lines.items():
            if words != self._shown.get(name):
                self._shown[name] = words
                line = self.query_one(f"#strip-{name}", Static)
                line.display = bool(words.plain)
                line.update(words, layout=False)
