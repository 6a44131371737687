"""A metric against its threshold, in block characters."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from rich.text import Text

from cockpit.model.text import utc_time
from cockpit.ui.theme import BAD, DIM, NOTE

BLOCKS = " ▁▂▃▄▅▆▇█"


def columns_of(
    points: Sequence[tuple[datetime, float]], start: datetime, end: datetime, width: int
) -> list[float | None]:
    """Return the highest value in each of `width` equal parts of [start, end]; None where there is no datapoint."""
    columns: list[float | None] = [None] * width
    span = max((end - start) / timedelta(seconds=1), 1.0)
    for at, value in points:
        if start <= at <= end:
            index = min(int((at - start) / timedelta(seconds=1) / span * width), width - 1)
            columns[index] = value if columns[index] is None else max(columns[index] or 0.0, value)
    return columns


def chart(
    points: Sequence[tuple[datetime, float]],
    threshold: float | None,
    width: int,
    height: int = 6,
) -> Text:
    """Draw datapoints, oldest left, with the threshold as a dashed line and both named in words below.

    Args:
        points: UTC time and value, oldest first.
        threshold: None draws no line.
        width: cells.
        height: rows of the drawing itself.
    """
    if not points or width < 1:
        return Text("no datapoints in this time", DIM)
    start, end = points[0][0], points[-1][0]
    columns = columns_of(points, start, end, min(width, max(len(points), 1)))
    scale = _Scale(points, threshold, height)
    rows = [scale.row(columns, row) for row in range(height - 1, -1, -1)]
    top = max(value for _, value in points)
    words = Text(f"{utc_time(start)} to {utc_time(end)}, latest {points[-1][1]:g}, highest {top:g}", DIM)
    if threshold is not None:
        words.append(f", threshold {threshold:g} (┄)", NOTE)
    return Text("\n").join([*rows, words])


class _Scale:
    """Values to rows of eighths, from the lowest value (or 0) to the highest value (or the threshold)."""

    def __init__(self, points: Sequence[tuple[datetime, float]], threshold: float | None, height: int) -> None:
        values = [value for _, value in points] + [threshold or 0.0, 0.0]
        self._floor = min(values)
        self._per_row = (max(values) - self._floor) / height or 1.0  # 0 for equal and for vanishing values
        self._threshold = threshold
        self._line = None if threshold is None else min(int((threshold - self._floor) / self._per_row), height - 1)

    def row(self, columns: Sequence[float | None], row: int) -> Text:
        """Draw one row, counted from the bottom."""
        text = Text()
        for value in columns:
            eighths = 0 if value is None else round((value - self._floor) / self._per_row * 8) - row * 8
            block = BLOCKS[max(0, min(eighths, 8))]
            if block == " ":
                text.append("┄" if row == self._line else " ", NOTE)
            else:
                above = self._threshold is not None and value is not None and value > self._threshold
                text.append(block, BAD if above else "")
        return text
