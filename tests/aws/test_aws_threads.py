"""Threads that nobody waits for."""

import asyncio
import subprocess
import sys
import time

import pytest

from cockpit.aws.threads import DetachedThreads


async def test_results_and_errors_arrive():
    """Work in a thread gives its result, or raises what it raised, in the loop."""
    asyncio.get_running_loop().set_default_executor(DetachedThreads())
    assert await asyncio.to_thread(lambda: 42) == 42
    with pytest.raises(ZeroDivisionError):
        await asyncio.to_thread(lambda: 1 / 0)


def test_a_hanging_lookup_does_not_keep_the_program():
    """Quitting on a bad line: a name resolution that hangs must not hold the terminal."""
    code = """
import asyncio, time
from cockpit.aws.threads import DetachedThreads
async def main():
    asyncio.get_running_loop().set_default_executor(DetachedThreads())
    task = asyncio.create_task(asyncio.to_thread(time.sleep, 60))
    await asyncio.sleep(0.05)
    task.cancel()
asyncio.run(main())
"""
    began = time.monotonic()
    subprocess.run([sys.executable, "-c", code], check=True, timeout=30)
    assert time.monotonic() - began < 20
