"""The strip as a widget: on the run screen and above every prompt, so that time and data loss are always in view."""

from rich.text import Text
from textual.widgets import Static

from cockpit.ui.run.desk import Desk
from cockpit.ui.run.strip_view import strip


class RunStrip(Static):
    """RTO clock, data-loss window and status clock of one run, renewed every second while its screen is on top."""

    DEFAULT_CSS = "RunStrip { height: auto; width: 100%; min-height: 4; }"

    def __init__(self, desk: Desk) -> None:
        super().__init__(markup=False)
        self._desk = desk
        self._shown = Text()

    def on_mount(self) -> None:
        """Start the clock."""
        self.renew()
        self.set_interval(1.0, self._tick)

    def on_resize(self) -> None:
        """Fit the words to the new width."""
        self.renew()

    def _tick(self) -> None:
        if self.screen.is_active:
            self.renew()

    def renew(self) -> None:
        """Show the present state; nothing is sent to the terminal if no word changed."""
        state, width = self._desk.state(), self.size.width or self.app.size.width
        words = strip(state, self._desk.now(), width, self._desk.handle.stopped())
        if words == self._shown:
            return
        grown = words.plain.count("\n") != self._shown.plain.count("\n")
        self._shown = words
        self.update(words, layout=grown)
