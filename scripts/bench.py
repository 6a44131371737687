"""Measure the budgets of the design (section 11) and say where each stands.

Ratios are taken within one run on one machine; absolute times are information. Usage: bench.py [subject …]
"""

import os
import sys
from importlib import import_module
from pathlib import Path

from rich.console import Console
from rich.table import Table

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "tests")]

SUBJECTS = ("status", "terminal", "many_alarms", "engine")


def main() -> int:
    """Measure what was asked for (everything, if nothing was); exit 1 if a budget does not hold."""
    # What pip installed is compiled; the checkout is compiled by its first, unmeasured run, unless this forbids it.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    table = Table("what", "measured", "budget", "")
    broken = 0
    for subject in sys.argv[1:] or SUBJECTS:
        for row in import_module(f"benchmarks.{subject}").measure():
            word = {True: "holds", False: "BROKEN", None: "information"}[row.holds]
            table.add_row(row.what, row.measured, row.budget, word)
            broken += row.holds is False
    Console(width=120).print(table)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
