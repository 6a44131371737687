"""A screen as a picture: what pyte read from the terminal, so it shows what a person sees, colours and all."""

import io
import re
from collections.abc import Sequence
from pathlib import Path

import resvg_py
from pyte.screens import Char
from rich.console import Console
from rich.segment import Segment, Segments
from rich.style import Style
from rich.terminal_theme import TerminalTheme

NORMAL = "282c34 e85a60 7ec878 e5c06a 61a0eb c47cde 56bec8 c8ccd4"
BRIGHT = "6e7480 ff787c 98dc92 f6d684 82b8fa d696ec 74d6e0 f0f2f6"


def _palette(words: str) -> list[tuple[int, int, int]]:
    return [(int(word[:2], 16), int(word[2:4], 16), int(word[4:], 16)) for word in words.split()]


THEME = TerminalTheme((18, 20, 26), (214, 218, 226), _palette(NORMAL), _palette(BRIGHT))


def draw(cells: Sequence[Sequence[Char]], base: Path) -> None:
    """Write the screen to ``<base>.svg`` and ``<base>.png``."""
    columns = len(cells[0])
    console = Console(width=columns, record=True, force_terminal=True, color_system="truecolor", file=io.StringIO())
    console.print(Segments(_segments(cells)), end="", soft_wrap=True)
    svg = _without_font_downloads(console.export_svg(title="cockpit", theme=THEME))
    base.with_suffix(".svg").write_text(svg)
    base.with_suffix(".png").write_bytes(bytes(resvg_py.svg_to_bytes(svg_string=svg)))


def _segments(cells: Sequence[Sequence[Char]]) -> list[Segment]:
    segments = []
    for row in cells:
        segments += [_segment(cell) for cell in row]
        segments.append(Segment("\n"))
    return segments


def _segment(cell: Char) -> Segment:
    """Return a cell; an underlined blank, of which the drawing would show nothing, as an underscore."""
    blank = cell.underscore and not cell.data.strip()
    return Segment("_" if blank else cell.data, _style(cell))


def _style(cell: Char) -> Style:
    return Style(
        color=_colour(cell.fg),
        bgcolor=_colour(cell.bg),
        bold=cell.bold,
        italic=cell.italics,
        underline=cell.underscore,
        reverse=cell.reverse,
    )


def _colour(name: str) -> str | None:
    if name == "default":
        return None
    return f"#{name}" if len(name) == 6 else name.replace("brown", "yellow").replace("bright", "bright_")


def _without_font_downloads(svg: str) -> str:
    """Return the SVG with the reader's own fixed-width font: no file is fetched to show it."""
    return re.sub(r"@font-face\s*{[^}]*}", "", svg).replace("Fira Code", "DejaVu Sans Mono")
