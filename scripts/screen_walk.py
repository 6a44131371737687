"""Walk plans through to their end in a real terminal, and look at every screen on the way.

    .venv/bin/python scripts/screen_walk.py                                   # all that have answers
    .venv/bin/python scripts/screen_walk.py --plan distro/aurora-pitr --size 120x40

The real program runs in a pseudo-terminal; an operator answers as `answers/` says. Kept under the folder: every frame
as text (`frames.txt`), pictures of the first dialog of each kind, of the end, and of what is complained of. Checked in
every frame: nothing beyond the edges, time and data loss in view, no traceback; dialogs whole, with buttons, a focus
that can be seen, and a scroll bar wherever more is to be read. Exit status 1 if a run was not finished or anything was
wrong. The PFA plans need what `scripts/test_servers.sh` installs.
"""

import argparse
import signal
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from walk.plan_walk import walk
from walk.stage import chosen


def main() -> int:
    """Walk, and say what came of it."""
    parser = argparse.ArgumentParser(description="Walk plans through in a terminal and check every screen.")
    parser.add_argument("--plan", action="append", default=[], help="id, or name of a file of answers; again for more")
    parser.add_argument("--size", default="80x24", help="columns x rows (80x24)")
    parser.add_argument("--out", type=Path, default=Path(tempfile.gettempdir()) / "screen-walk", help="folder")
    options = parser.parse_args()
    columns, rows = (int(number) for number in options.size.split("x"))
    for ended_by in (signal.SIGHUP, signal.SIGTERM):  # a closed terminal must not leave servers behind
        signal.signal(ended_by, lambda *_: sys.exit(1))
    try:
        subjects = chosen(options.plan)
    except KeyError as name:
        parser.error(f"there are no answers for {name}")
    sound = True
    for subject in subjects:
        walked = walk(subject, (columns, rows), options.out / f"{subject.name}-{options.size}")
        print(walked.line, flush=True)
        for complaint in walked.complaints:
            print(f"  {complaint}")
        sound = sound and walked.sound
    print(f"frames and pictures: {options.out}")
    return 0 if sound else 1


if __name__ == "__main__":
    sys.exit(main())
