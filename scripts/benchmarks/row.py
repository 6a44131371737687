"""One line of the bench: what was measured, against what."""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from time import perf_counter


@dataclass(frozen=True, slots=True)
class Row:
    """A measurement.

    Attributes:
        what: the subject.
        measured: the number with its unit.
        budget: the budget of the design with its unit; empty if the line is information only.
        holds: whether the budget holds; None for information.
    """

    what: str
    measured: str
    budget: str = ""
    holds: bool | None = None


def ratio_row(what: str, measured: float, reference: float, budget: float) -> Row:
    """Return a row that compares two times of the same run."""
    ratio = measured / reference
    words = f"{ratio:.2f} x ({measured * 1000:.0f} ms against {reference * 1000:.0f} ms)"
    return Row(what, words, f"<= {budget:g} x", ratio <= budget)


def limit_row(what: str, measured: float, limit: float, unit: str) -> Row:
    """Return a row that compares a number with its limit."""
    return Row(what, f"{measured:.1f} {unit}", f"<= {limit:g} {unit}", measured <= limit)


def seconds(work: Callable[[], object], times: int = 5) -> float:
    """Return the median time of some runs, after one that warms the caches."""
    work()
    found = []
    for _ in range(times):
        began = perf_counter()
        work()
        found.append(perf_counter() - began)
    return median(found)
