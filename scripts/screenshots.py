"""Make screenshots/ anew: the real program in a pseudo-terminal over the simulated outage, as SVG and PNG."""

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tests")]

from cockpit.sim.process import start_simulator  # noqa: E402
from support.place import Place  # noqa: E402 - found on the path set above
from support.screen_operator import ScreenOperator  # noqa: E402
from support.terminal import Terminal  # noqa: E402
from walk.picture import draw  # noqa: E402

SCENARIO = "syncwell-corruption"
PLAN = "Plan G: restore the table after widespread"
SIZES = ((80, 24), (120, 40))
SPEED = 60
# What the screen shows at the moment of each picture.
MOMENTS = {
    "confirm": ("Confirm \u2014", "Restore the table to a new one"),
    "restore-point": ("Enter chooses",),
    "accept-loss": ("Approve \u2014",),
    "run": ("Wait for the restored", "l log"),
    "status-text": ("Status text \u2014", "what is lost"),
}


class Album:
    """Takes pictures of one terminal."""

    def __init__(self, terminal: Terminal, size: tuple[int, int]) -> None:
        self._terminal = terminal
        self._size = size

    def take(self, name: str) -> None:
        """Write the screen as it is now to ``screenshots/<name>-<columns>x<rows>`` (SVG and PNG)."""
        columns, rows = self._size
        self._terminal.settle()
        base = ROOT / "screenshots" / f"{name}-{columns}x{rows}"
        draw(self._terminal.cells, base)
        print(base.name)


def main() -> None:
    """Walk through the outage once for each size."""
    for size in SIZES:
        with start_simulator(SCENARIO, speed=SPEED) as simulator, tempfile.TemporaryDirectory() as folder:
            place = Place(Path(folder), simulator, SCENARIO)
            argv = [sys.executable, "-m", "cockpit", "open", "--config", str(place.folder / "cockpit.toml")]
            with Terminal(argv, place.environ, *size) as terminal:
                _walk(terminal, Album(terminal, size), place.state_folder)


def _walk(terminal: Terminal, album: Album, state_folder: Path) -> None:
    terminal.wait("PLANS THAT MATCH", timeout=60)
    album.take("watch")
    taken: set[str] = set()

    def look(text: str) -> None:
        for name, signs in MOMENTS.items():
            if name not in taken and all(sign in text for sign in signs):
                taken.add(name)
                album.take(name)

    operator = ScreenOperator(terminal, state_folder, look=look)
    operator.open_plan(PLAN)
    album.take("plan")
    while "PLANS THAT MATCH" not in terminal.text:  # out of the plan, the filter and the list
        terminal.press("escape")
        terminal.settle()
    operator.start_plan(PLAN, "rehearsal")
    operator.finish(timeout=400)
    album.take("finished")


if __name__ == "__main__":
    main()
