"""The restore-point timeline as text: one axis for everything that helps to choose (DESIGN 8, RQ-18).

Pure: from a prompt, a cursor and a size to styled lines. Positions on the axis are repeated in words below it, so that
nothing depends on seeing columns line up.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import floor

from rich.text import Text

from cockpit.engine.prompts import Mark, RestorePointPrompt
from cockpit.model.text import clean, duration, utc, utc_time

# Lanes of the axis, top to bottom: kind of mark, word in front of the lane, glyph.
LANES = (
    ("deployment", "deploys", "D"),
    ("configuration", "config", "C"),
    ("alarm", "alarms", "A"),
    ("log onset", "logs", "L"),
    ("database", "database", "B"),
    ("halt", "halted", "H"),
)
LABEL_WIDTH = 9
SECOND = timedelta(seconds=1)
# How much time the axis shows, narrowest first.
ZOOMS = tuple(
    timedelta(seconds=s) for s in (60, 120, 300, 600, 1_800, 3_600, 7_200, 10_800, 21_600, 86_400, 604_800, 3_024_000)
)
_BARS = " ▁▂▃▄▅▆▇█"


@dataclass(frozen=True, slots=True)
class Axis:
    """A stretch of time laid over a number of columns."""

    start: datetime
    span: timedelta
    width: int

    @property
    def end(self) -> datetime:
        """Return the moment just past the last column."""
        return self.start + self.span

    def column(self, moment: datetime) -> int | None:
        """Return the column of a moment; None if it is off the axis."""
        place = floor((moment - self.start) / self.span * self.width)
        return place if 0 <= place < self.width else None

    def moment(self, column: int) -> datetime:
        """Return the first moment of a column."""
        return self.start + self.span * column / self.width


def axis_around(cursor: datetime, span: timedelta, width: int) -> Axis:
    """Return an axis of that span with the cursor in its middle."""
    return Axis(cursor - span / 2, span, max(width, 10))


def fitting_zoom(prompt: RestorePointPrompt, cursor: datetime) -> int:
    """Return the index of the narrowest zoom that shows all that happened from the cursor to the window's end."""
    moments = [mark.at for mark in prompt.marks if mark.at > cursor] + [prompt.end]
    reach = max((moment - cursor for moment in moments), default=timedelta(0)) * 2.1
    return next((index for index, span in enumerate(ZOOMS) if span >= reach), len(ZOOMS) - 1)


def events(prompt: RestorePointPrompt) -> tuple[datetime, ...]:
    """Return the seconds the cursor can jump to: the second before each mark's, the proposal and both bounds."""
    found = {second_before(mark.at) for mark in prompt.marks} | {prompt.earliest, prompt.latest}
    if prompt.proposal is not None:
        found.add(prompt.proposal)
    return tuple(sorted(moment for moment in found if prompt.earliest <= moment <= prompt.latest))


def second_before(moment: datetime) -> datetime:
    """Return the last second that lies wholly before a moment: a restore keeps every write of its second."""
    return moment.replace(microsecond=0) - SECOND


def timeline(prompt: RestorePointPrompt, cursor: datetime, axis: Axis) -> Text:
    """Return the axis: ruler, restorable window, lanes of marks, writes, and the cursor's column through them."""
    place = axis.column(cursor)
    rows = [_ruler(axis), _restorable(prompt, axis)]
    rows += [_lane(prompt, axis, kind, word, glyph) for kind, word, glyph in LANES if _has(prompt, kind)]
    rows += [_writes(prompt, axis)] if prompt.buckets else []
    rows.append(_cursor_row(prompt, cursor, axis))
    for row in rows[1:-1]:
        if place is not None:
            _strike(row, LABEL_WIDTH + place)
    return Text("\n").join(rows)


def _has(prompt: RestorePointPrompt, kind: str) -> bool:
    return any(mark.kind == kind for mark in prompt.marks)


def _strike(row: Text, column: int) -> None:
    if row.plain[column] == " ":
        row.plain = row.plain[:column] + "│" + row.plain[column + 1 :]
    row.stylize("reverse", column, column + 1)


def _row(label: str, cells: list[str], style: str = "") -> Text:
    row = Text.assemble((f"{label:<{LABEL_WIDTH}}", "dim"), no_wrap=True)
    return row.append("".join(cells), style=style or None)


def _ruler(axis: Axis) -> Text:
    cells = [" "] * axis.width
    # A scale with days on it is useless without dates.
    days = axis.span > timedelta(days=1)
    step = 16 if days else 12
    for column in range(0, axis.width - step + 2, step):
        moment = axis.moment(column)
        words = f"╵{moment:%m-%d %H:%M}Z" if days else f"╵{utc_time(moment)}"
        cells[column : column + len(words)] = list(words)
    return _row("UTC", cells[: axis.width])


def _restorable(prompt: RestorePointPrompt, axis: Axis) -> Text:
    cells = []
    for column in range(axis.width):
        begins, ends = axis.moment(column), axis.moment(column + 1)
        inside = ends > prompt.earliest and begins <= prompt.latest
        cells.append("═" if inside else "x")
    return _row("can be", cells)


def _lane(prompt: RestorePointPrompt, axis: Axis, kind: str, word: str, glyph: str) -> Text:
    cells = [" "] * axis.width
    suspects = []
    for mark in prompt.marks:
        place = axis.column(mark.at) if mark.kind == kind else None
        if place is not None:
            cells[place] = "!" if mark.suspect or cells[place] == "!" else glyph
            suspects += [place] if mark.suspect else []
    row = _row(word, cells)
    for place in suspects:
        row.stylize("bold red", LABEL_WIDTH + place, LABEL_WIDTH + place + 1)
    return row


def _writes(prompt: RestorePointPrompt, axis: Axis) -> Text:
    totals = [0.0] * axis.width
    for bucket in prompt.buckets:
        place = axis.column(bucket.at)
        if place is not None:
            totals[place] += bucket.writes
    top = max(totals) or 1.0
    # A column with any write shows at least the lowest bar: none and few are different things.
    cells = [_BARS[max(1, round(total / top * (len(_BARS) - 1)))] if total else " " for total in totals]
    return _row("writes", cells)


def _cursor_row(prompt: RestorePointPrompt, cursor: datetime, axis: Axis) -> Text:
    cells = [" "] * axis.width
    proposal = axis.column(prompt.proposal) if prompt.proposal is not None else None
    place = axis.column(cursor)
    if proposal is not None:
        words = "^ proposed"
        at = proposal if proposal + len(words) <= axis.width else proposal - len(words) + 1
        text = words if at == proposal else "proposed ^"
        cells[max(at, 0) : max(at, 0) + len(text)] = list(text)
    if place is not None:
        cells[place] = "▲"
    row = _row("cursor", cells[: axis.width])
    if place is not None:
        row.stylize("bold", LABEL_WIDTH + place, LABEL_WIDTH + place + 1)
    return row


def refusal(prompt: RestorePointPrompt, moment: datetime) -> str:
    """Return why a moment cannot be restored to; empty if it can (E-81)."""
    if moment < prompt.earliest:
        return f"{utc(moment)} cannot be restored: the earliest restorable second is {utc(prompt.earliest)}."
    if moment > prompt.latest:
        return f"{utc(moment)} cannot be restored: the latest restorable second is {utc(prompt.latest)}."
    return ""


def cursor_words(prompt: RestorePointPrompt, cursor: datetime) -> Text:
    """Return where the cursor stands, in words: against the proposal, the suspect change and its neighbours."""
    text = Text.assemble((utc(cursor), "bold"))
    if cursor == prompt.proposal:
        text.append("  the proposal", style="green")
    suspects = sorted((mark for mark in prompt.marks if mark.suspect), key=lambda mark: mark.at)
    if suspects and cursor > second_before(suspects[0].at):
        text.append("  NOT before the suspect change: restores damage", style="bold red")
    elif suspects:
        text.append(f"  {duration(suspects[0].at - cursor)} before the suspect change")
    return text


def proposal_words(prompt: RestorePointPrompt) -> str:
    """Return the proposal and why it is proposed; or that nothing is proposed and what that means."""
    suspects = sorted((mark for mark in prompt.marks if mark.suspect), key=lambda mark: mark.at)
    if prompt.proposal is None:
        why = "the suspect change is too old to restore before it" if suspects else "no change is marked as suspect"
        return f"nothing: {why}. Beware: the latest second may bring the damage back."
    late = bool(suspects) and prompt.proposal < second_before(suspects[0].at)
    what = "the last restorable second, before" if late else "the second before"
    return f"{utc_time(prompt.proposal)}, {what} {clean(suspects[0].label, 60) if suspects else 'the suspect change'}"


def span_words(span: timedelta) -> str:
    """Return a duration to the second: the cursor moves by seconds, and each has to show."""
    total = int(span.total_seconds())
    if total < 3_600:  # noqa: PLR2004 - below an hour `duration` shows seconds
        return duration(span)
    return f"{duration(span)} {total % 60:02d} s"


def neighbours(prompt: RestorePointPrompt, cursor: datetime) -> tuple[Mark | None, Mark | None]:
    """Return the last mark at or before the cursor's second, and the first after it."""
    marks = sorted(prompt.marks, key=lambda mark: mark.at)
    before = [mark for mark in marks if mark.at < cursor + SECOND]
    after = [mark for mark in marks if mark.at >= cursor + SECOND]
    return (before[-1] if before else None), (after[0] if after else None)


def mark_words(mark: Mark, cursor: datetime) -> Text:
    """Return a mark in words: time, distance from the cursor, what it is."""
    gap = mark.at - cursor
    far = f"{duration(abs(gap))} {'later' if gap > timedelta(0) else 'earlier'}"
    words = Text.assemble(f"{utc_time(mark.at)} ", (f"{far}  ", "dim"))
    if mark.suspect:
        words.append("SUSPECT ", style="bold red")
    return words.append(f"{clean(mark.kind, 20)}: ", style="dim").append(clean(mark.label, 200))
