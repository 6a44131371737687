"""A sample of the crash matrix, another one in every run: `CRASH_SEED=17 make test ARGS=tests/crash` repeats one."""

import os
import secrets

import pytest

from crash.matrix import Matrix
from crash.subjects import SUBJECTS

pytestmark = pytest.mark.simulator

SEED = int(os.environ.get("CRASH_SEED") or secrets.randbelow(10_000))
CELLS = 6


def test_killed_anywhere_the_run_comes_back_knowing_everything(tmp_path, capsys):
    """A crash would cost a record, send a call a second time, take a guess for knowledge, or leave another world."""
    said: list[str] = []
    matrix = Matrix(SUBJECTS, tmp_path, story=1, told=said.append)
    with capsys.disabled():
        print(f"\ncrash sample: CRASH_SEED={SEED}")  # noqa: T201 - whoever sees it fail needs the seed
    matrix.learn(parallel=2)
    cells = matrix.sample(CELLS, SEED)
    results = matrix.run(cells, parallel=2)
    assert len(results) == len(cells) == CELLS
    assert [each for each in results if each.failures] == [], f"CRASH_SEED={SEED}\n" + "\n".join(said)
    assert sum(bool(each.died_at) for each in results) >= CELLS - 2, said
