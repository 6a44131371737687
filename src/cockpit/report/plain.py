"""Plain lines of text: wrapped prose, indented facts. No colour, no cursor: fit for pipes and screen readers."""

import textwrap

WIDTH = 78


def prose(text: str, indent: str = "") -> list[str]:
    """Return text wrapped at the width; its own line breaks are kept."""
    lines: list[str] = []
    for line in text.split("\n"):
        lines += textwrap.wrap(
            line, WIDTH, initial_indent=indent, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
        ) or [""]
    return lines


def fact(name: str, value: str) -> list[str]:
    """Return ``  name: value`` wrapped under itself; nothing for an empty value."""
    if not value:
        return []
    return textwrap.wrap(
        f"{name}: {value}",
        WIDTH,
        initial_indent="  ",
        subsequent_indent="    ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def exact(text: str) -> list[str]:
    """Return text that has to be copied as it is: indented, never wrapped."""
    return [f"    {line}" for line in text.split("\n")]
