"""Counts of writes in words, the same on every face."""

from cockpit.model.loss_window import WriteCount


def write_words(count: WriteCount | None) -> str:
    """Return ``1,204 writes``, ``1,204 to 1,260 writes`` or that they are not counted."""
    if count is None:
        return "writes not counted"
    if count.is_exact:
        return f"{count.at_least:,} write{'' if count.at_least == 1 else 's'}"
    return f"{count.at_least:,} to {count.at_most:,} writes"
