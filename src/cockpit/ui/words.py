"""Times and ages as the panes show them: coarse enough not to repaint a quiet screen every second."""

from datetime import UTC, datetime, timedelta

from cockpit.model.text import duration

DAY = timedelta(days=1)


def coarse(span: timedelta | None) -> str:
    """Return a duration that changes every ten seconds at most: ``20 s``, ``3 h 04 min``; a dash for None."""
    if span is None:
        return "—"
    seconds = int(span.total_seconds())
    if seconds < 60:  # noqa: PLR2004 - a minute
        return f"{max(seconds, 0) // 10 * 10} s"
    if seconds < 3600:  # noqa: PLR2004 - an hour
        return f"{seconds // 60} min"
    return duration(span)


def whole(span: timedelta) -> str:
    """Return a documented duration without empty units: ``4 h``, ``15 min``."""
    seconds = int(span.total_seconds())
    if seconds and seconds % 3600 == 0:
        return f"{seconds // 3600} h"
    return f"{seconds // 60} min" if seconds and seconds % 60 == 0 else duration(span)


def short_time(moment: datetime | None, now: datetime) -> str:
    """Return the time of day for the last day (``03:04:05Z``), else date and time (``01-31 03:04Z``), in UTC."""
    if moment is None:
        return "—"
    moment = moment.astimezone(UTC)
    return moment.strftime("%H:%M:%SZ" if abs(now - moment) < DAY else "%m-%d %H:%MZ")


def short_day(moment: datetime | None) -> str:
    """Return the date in UTC; a dash for None."""
    return "—" if moment is None else moment.astimezone(UTC).strftime("%Y-%m-%d")
