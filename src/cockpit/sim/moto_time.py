"""Makes moto stamp everything with the world's time."""

import sys
from collections.abc import Callable
from datetime import datetime

from moto.core import utils


def let_moto_read(now: Callable[[], datetime]) -> None:
    """Replace moto's clock (naive UTC, as moto wants it) in every module that has, or will, import it."""
    original = utils.utcnow

    def utcnow() -> datetime:
        return now().replace(tzinfo=None)

    utils.utcnow = utcnow
    for name, module in list(sys.modules.items()):
        if name.startswith("moto.") and getattr(module, "utcnow", None) is original:
            module.utcnow = utcnow  # type: ignore[attr-defined]  # the module imported it by name
