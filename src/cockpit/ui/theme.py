"""Colours: the sixteen of the user's own palette, so that light and dark terminals and NO_COLOR stay readable.

Colour only repeats what a word or a glyph says already (ANCHORS 2). Styles for cells are named here, once.
"""

from rich.style import Style
from textual.theme import Theme

from cockpit.model.scope import EnvironmentKind

NAME = "cockpit"

COCKPIT_THEME = Theme(
    name=NAME,
    ansi=True,
    primary="ansi_blue",
    secondary="ansi_cyan",
    warning="ansi_yellow",
    error="ansi_red",
    success="ansi_green",
    accent="ansi_cyan",
    foreground="ansi_default",
    background="ansi_default",
    surface="ansi_default",
    panel="ansi_default",
    boost="ansi_default",
    variables={
        "ansi-background": "ansi_default",
        "ansi-foreground": "ansi_default",
        "block-cursor-text-style": "reverse",
        "block-cursor-foreground": "ansi_default",
        "block-cursor-background": "ansi_default",
        "block-cursor-blurred-text-style": "none",
        "input-cursor-text-style": "reverse",
        "input-cursor-foreground": "ansi_default",
        "input-cursor-background": "ansi_default",
        "input-selection-background": "ansi_cyan",
        "input-selection-foreground": "ansi_black",
        "border": "ansi_cyan",
        "border-blurred": "ansi_default",
        "footer-key-foreground": "ansi_cyan",
        "scrollbar": "ansi_cyan",
        "scrollbar-hover": "ansi_cyan",
        "scrollbar-active": "ansi_cyan",
        "scrollbar-background": "ansi_default",
    },
)

PLAIN = Style()
DIM = Style(dim=True)
BOLD = Style(bold=True)
CURSOR = Style(reverse=True)
GOOD = Style(color="green")
WARN = Style(color="yellow", bold=True)
BAD = Style(color="red", bold=True)
NOTE = Style(color="cyan")
BAR = Style(bold=True, underline=True)
BANNER = Style(color="red", bold=True, reverse=True)

KIND_MARKS: dict[EnvironmentKind, tuple[str, Style]] = {
    EnvironmentKind.PRODUCTION: ("▲", BAD),
    EnvironmentKind.STAGING: ("■", WARN),
    EnvironmentKind.DRILL: ("◇", NOTE),
    EnvironmentKind.DEMO: ("◆", NOTE),
}
