"""A sample of the crash matrix: `CRASH_SEED=17 make test ARGS=tests/crash` draws another one, over every plan."""

import multiprocessing
import os
import random
from concurrent.futures import ProcessPoolExecutor

import pytest

from crash.subjects import BY_NAME
from crash.work import by_chance

pytestmark = pytest.mark.simulator

SEED = int(os.environ.get("CRASH_SEED") or 27)  # the same in every run: a change is judged by what it changed
DEATHS = 16  # at most: a short run is over before


@pytest.mark.long
def test_killed_anywhere_the_run_comes_back_knowing_everything(capsys):
    """A crash would cost a record, send a call a second time, take a guess for knowledge, or leave another world."""
    with capsys.disabled():
        print(f"\ncrash sample: CRASH_SEED={SEED}")  # noqa: T201 - whoever sees it fail needs the seed
    chance = random.Random(SEED)  # noqa: S311 - a sample, not a secret
    plans = [name for name, subject in BY_NAME.items() if isinstance(subject.plan, str)]
    others = [name for name in BY_NAME if name not in plans]
    drawn = [chance.choice(plans), chance.choice(others)]
    context = multiprocessing.get_context("spawn")  # processes with one thread: they fork
    with ProcessPoolExecutor(2, mp_context=context) as pool:
        runs = [pool.submit(by_chance, name, SEED, DEATHS, story=1) for name in drawn]
        results = [run.result() for run in runs]
    for result, places in results:
        assert result.failures == [], f"CRASH_SEED={SEED}, {result.subject} killed at {places}"
        assert result.deaths >= DEATHS / 4, f"CRASH_SEED={SEED}: {places}"
