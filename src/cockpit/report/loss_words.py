"""The data-loss window in words, the same on every plain face."""

from cockpit.model.loss_window import LossWindow
from cockpit.model.text import duration, utc
from cockpit.report.count_words import write_words


def loss_lines(loss: LossWindow) -> list[str]:
    """Return the window as a few short lines: from, to, length against the objective, writes with their basis."""
    against = ""
    if loss.rpo is not None:
        verdict = "MORE than" if loss.exceeds_rpo else "within"
        against = f", {verdict} the documented {duration(loss.rpo)}"
    basis = f" ({loss.writes.basis})" if loss.writes else ""
    return [
        f"from {utc(loss.start)} (the restore point)",
        f"to   {utc(loss.end)} ({loss.end_basis.value})",
        f"lost: {duration(loss.duration)}{against}",
        f"lost: {write_words(loss.writes)}{basis}",
    ]
