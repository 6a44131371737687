"""Make screenshots/ anew: the real program in a pseudo-terminal over the simulated outage, as SVG and PNG.

Each picture is what pyte read from the terminal, so it shows what a person sees, colours and all.
"""

import io
import re
import sys
import tempfile
from pathlib import Path

import resvg_py
from rich.console import Console
from rich.segment import Segment, Segments
from rich.style import Style
from rich.terminal_theme import TerminalTheme

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tests")]

from cockpit.sim.process import start_simulator  # noqa: E402
from support.place import Place  # noqa: E402 - found on the path set above
from support.screen_operator import ScreenOperator  # noqa: E402
from support.terminal import Terminal  # noqa: E402

SCENARIO = "syncwell-corruption"
PLAN = "Plan G: restore the table after widespread"
SIZES = ((80, 24), (120, 40))
SPEED = 60
NORMAL = "282c34 e85a60 7ec878 e5c06a 61a0eb c47cde 56bec8 c8ccd4"
BRIGHT = "6e7480 ff787c 98dc92 f6d684 82b8fa d696ec 74d6e0 f0f2f6"


def _palette(words: str) -> list[tuple[int, int, int]]:
    return [(int(word[:2], 16), int(word[2:4], 16), int(word[4:], 16)) for word in words.split()]


THEME = TerminalTheme((18, 20, 26), (214, 218, 226), _palette(NORMAL), _palette(BRIGHT))
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
        console = Console(width=columns, record=True, force_terminal=True, color_system="truecolor", file=io.StringIO())
        console.print(Segments(self._segments()), end="", soft_wrap=True)
        base = ROOT / "screenshots" / f"{name}-{columns}x{rows}"
        svg = console.export_svg(title="cockpit", theme=THEME)
        base.with_suffix(".svg").write_text(_without_font_downloads(svg))
        base.with_suffix(".png").write_bytes(bytes(resvg_py.svg_to_bytes(svg_string=_without_font_downloads(svg))))
        print(base.name)

    def _segments(self) -> list[Segment]:
        segments = []
        for row in self._terminal.cells:
            segments += [Segment(cell.data or " ", _style(cell)) for cell in row]
            segments.append(Segment("\n"))
        return segments


def _style(cell: object) -> Style:
    def colour(name: str) -> str | None:
        value = str(getattr(cell, name))
        if value == "default":
            return None
        return f"#{value}" if len(value) == 6 else value.replace("brown", "yellow").replace("bright", "bright_")

    return Style(
        color=colour("fg"),
        bgcolor=colour("bg"),
        bold=bool(getattr(cell, "bold", False)),
        italic=bool(getattr(cell, "italics", False)),
        underline=bool(getattr(cell, "underscore", False)),
        reverse=bool(getattr(cell, "reverse", False)),
    )


def _without_font_downloads(svg: str) -> str:
    """Return the SVG with the reader's own fixed-width font: no file is fetched to show it."""
    return re.sub(r"@font-face\s*{[^}]*}", "", svg).replace("Fira Code", "DejaVu Sans Mono")


def main() -> None:
    """Walk through the outage once for each size."""
    for size in SIZES:
        with start_simulator(SCENARIO, speed=SPEED) as simulator, tempfile.TemporaryDirectory() as folder:
            place = Place(Path(folder), simulator, SCENARIO)
            argv = [sys.executable, "-m", "cockpit", "open", "--config", str(place.folder / "cockpit.toml")]
            with Terminal(argv, place.environ, *size) as terminal:
                _walk(terminal, Album(terminal, size))


def _walk(terminal: Terminal, album: Album) -> None:
    terminal.wait("PLANS THAT MATCH", timeout=60)
    album.take("watch")
    taken: set[str] = set()

    def look(text: str) -> None:
        for name, signs in MOMENTS.items():
            if name not in taken and all(sign in text for sign in signs):
                taken.add(name)
                album.take(name)

    operator = ScreenOperator(terminal, look)
    operator.open_plan(PLAN)
    album.take("plan")
    terminal.press("escape")
    terminal.settle()
    terminal.press("escape")
    terminal.wait("PLANS THAT MATCH")
    operator.start_plan(PLAN, "rehearsal")
    operator.finish(timeout=400)
    album.take("finished")


if __name__ == "__main__":
    main()
