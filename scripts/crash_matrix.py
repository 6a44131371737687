"""Kill the program at every record boundary and inside every call, take the run up again, and judge the end.

Usage: crash_matrix.py [--sample N [--seed S]] [--only OUTAGE …] [--cell NAME …] [--fresh] (--help tells the rest)
The whole matrix takes an hour and more on two cores; what has passed is kept in the folder and not run again until
--fresh, so it may be cut short at any time.
Exit 1 if a cell fails.
"""

import argparse
import secrets
import shutil
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(Path(__file__).parent), str(ROOT / "tests")]

from crash.matrix import Matrix  # noqa: E402 - found by the path set above
from crash.subjects import BY_NAME  # noqa: E402
from crash.table import table  # noqa: E402


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sample", type=int, default=0, help="number of cells; without it all of them")
    parser.add_argument("--seed", type=int, help="of the sample (default: any)")
    parser.add_argument("--story", type=int, default=1, help="seed of the simulated outages")
    parser.add_argument("--only", nargs="*", default=list(BY_NAME), choices=list(BY_NAME), metavar="NAME")
    parser.add_argument("--cell", nargs="*", default=[], metavar="NAME", help="only these, as record-017")
    parser.add_argument("--calls", action="store_true", help="only cells inside of calls")
    parser.add_argument("--parallel", type=int, default=2)
    parser.add_argument("--folder", type=Path, default=ROOT / ".crash-matrix")
    parser.add_argument("--fresh", action="store_true", help="forget what has passed")
    options = parser.parse_args()
    seed = options.seed if options.seed is not None else secrets.randbelow(10_000)
    what = f"sample of {options.sample}, seed {seed}" if options.sample else "the whole matrix"
    print(f"{what}, story {options.story}, kept in {options.folder}", flush=True)
    if options.fresh:
        shutil.rmtree(options.folder, ignore_errors=True)
    began = time.monotonic()
    matrix = Matrix(
        [BY_NAME[name] for name in options.only], options.folder, seed, lambda line: print(line, flush=True)
    )
    matrix.learn(options.parallel)
    cells = matrix.sample(options.sample, seed) if options.sample else matrix.cells()
    if options.calls:
        cells = [each for each in cells if each[1].name.startswith("call-")]
    if options.cell:
        cells = [each for each in cells if each[1].name in options.cell]
    results = matrix.run(cells, options.parallel)
    print(table(matrix.results, matrix.undisturbed))
    failed = [each for each in results if each.failures]
    print(f"{len(results)} cells, {len(failed)} failed, {time.monotonic() - began:.0f} s")
    return 1 if failed or len(results) < len(cells) else 0


if __name__ == "__main__":
    sys.exit(main())
