"""Foreign text made harmless, and times and durations in words."""

import re
from datetime import UTC, datetime, timedelta

# Controls (C0, DEL, C1), bidirectional overrides and isolates, zero-width and line/paragraph separators: each of them
# can repaint, reorder or hide what the operator reads. Newline and tab are handled before.
_HOSTILE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_ESCAPE = re.compile(
    "(?:\x1b\\[|\x9b)[0-?]*[ -/]*[@-~]|\x1b[\\]PX^_][^\x07\x1b\x9c]*(?:\x07|\x1b\\\\|\x9c)?|\x1b.?", re.DOTALL
)
_SURROGATE = re.compile("[\ud800-\udfff]")


def clean(text: object, limit: int = 4000) -> str:
    """Return one line of text that cannot move the cursor, colour, reorder or hide anything.

    Terminal escape sequences vanish whole, other control and direction characters become U+FFFD, white space
    folds to single blanks. Markup such as ``[red]`` is kept as it is: it must be shown through `rich.text.Text`
    or with markup off. The result is at most `limit` characters.
    """
    return clean_block(text, limit).replace("\n", " ")


def clean_block(text: object, limit: int = 20_000) -> str:
    """Do the same as `clean` for text of several lines: newlines stay, everything else is made harmless."""
    raw = _ESCAPE.sub("", str(text)).replace("\r\n", "\n")
    lines = (re.sub(r"[ \t\u00a0]+", " ", line).strip() for line in raw.split("\n"))
    kept = _SURROGATE.sub("\ufffd", "\n".join(_HOSTILE.sub("\ufffd", line) for line in lines)).strip("\n")
    return kept if len(kept) <= limit else kept[: limit - 1] + "\u2026"


def utc(moment: datetime | None) -> str:
    """Return a UTC time to the second, as in ``2026-01-31 03:04:05Z``; a dash for None."""
    return "\u2014" if moment is None else moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%SZ")


def utc_time(moment: datetime | None) -> str:
    """Return the time of day in UTC, as in ``03:04:05Z``; a dash for None."""
    return "\u2014" if moment is None else moment.astimezone(UTC).strftime("%H:%M:%SZ")


def duration(span: timedelta | None) -> str:
    """Return a duration in its two largest units, as in ``3 h 04 min``, ``4 min 05 s``, ``12 s``; a dash for None."""
    if span is None:
        return "\u2014"
    total = int(abs(span.total_seconds()))
    sign = "-" if span.total_seconds() <= -1 else ""
    days, rest = divmod(total, 86_400)
    hours, rest = divmod(rest, 3_600)
    minutes, seconds = divmod(rest, 60)
    if days:
        return f"{sign}{days} d {hours:02d} h"
    if hours:
        return f"{sign}{hours} h {minutes:02d} min"
    if minutes:
        return f"{sign}{minutes} min {seconds:02d} s"
    return f"{sign}{seconds} s"


def brief(span: timedelta) -> str:
    """Return a documented duration without its zero seconds: ``15 min``, ``4 h``."""
    return duration(span).removesuffix(" 00 s").removesuffix(" 00 min")
