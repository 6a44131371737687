"""Kill the program at every record boundary and inside every call, take the run up again, and judge the end.

One run is killed many times, each time taken up again: a chain. A plan is through in minutes. What has passed is kept
in the folder and not run again until --fresh (which a changed plan or program wants), so it may be cut short.
Usage: crash_matrix.py [--only NAME …] [--chain REGEX] [--stride N] [--list] [--fresh] (--help tells the rest)
Exit 1 if anything is wrong; the kill that makes a chain fail is named.
"""

import argparse
import shutil
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(Path(__file__).parent), str(ROOT / "tests")]

from crash.matrix import Matrix  # noqa: E402 - found by the path set above
from crash.subjects import BY_NAME  # noqa: E402
from crash.table import never_came_again, table  # noqa: E402


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="*", default=[], metavar="NAME", help="subjects whose name contains this")
    parser.add_argument("--chain", default="", metavar="REGEX", help="only chains of such a name")
    parser.add_argument("--stride", type=int, default=5, metavar="N", help="a chain kills at every N-th boundary")
    parser.add_argument("--story", type=int, default=1, help="seed of the simulated outages")
    parser.add_argument("--parallel", type=int, default=2)
    parser.add_argument("--folder", type=Path, default=ROOT / ".crash-matrix")
    parser.add_argument("--fresh", action="store_true", help="forget what has passed")
    parser.add_argument("--no-blame", action="store_true", help="do not look for the kill that makes a chain fail")
    parser.add_argument("--list", action="store_true", help="only name the subjects")
    options = parser.parse_args()
    names = [name for name in BY_NAME if not options.only or any(word in name for word in options.only)]
    if options.list or not names:
        print("\n".join(BY_NAME))
        return 0 if options.list else 2
    if options.fresh:
        shutil.rmtree(options.folder, ignore_errors=True)
    began = time.monotonic()
    subjects = [BY_NAME[name] for name in names]
    matrix = Matrix(
        subjects,
        options.folder,
        story=options.story,
        stride=options.stride,
        blames=not options.no_blame,
        told=lambda line: print(line, flush=True),
    )
    is_well = matrix.run(options.parallel, options.chain)
    print(f"\n{table(matrix.results(), matrix.undisturbed)}\n")
    for name in matrix.unsound:
        print(f"{name}: fails undisturbed, was not killed")
    for name, known in matrix.undisturbed.items():
        if missed := never_came_again(matrix.results()[name], known):
            print(f"{name}, never came again: {', '.join(missed)}")
    print(f"story {options.story}, stride {options.stride}, {time.monotonic() - began:.0f} s")
    return 0 if is_well else 1


if __name__ == "__main__":
    sys.exit(main())
