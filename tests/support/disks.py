"""Disks that fill up or take no writes: a small file system of memory, and a file size limit on a running process."""

import resource
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

POWERLESS = (str(Path(__file__).with_name("powerless.py")),)
"""The program, for a `LineOperator`, that may not write what `unwritable` forbids even if root runs the tests."""


@contextmanager
def unwritable(folder: Path) -> Iterator[None]:
    """Forbid to write into a folder and everything in it."""
    modes = {path: path.stat().st_mode for path in (folder, *folder.rglob("*"))}
    for path, mode in modes.items():
        path.chmod(mode & ~0o222)
    try:
        yield
    finally:
        for path, mode in modes.items():
            path.chmod(mode)


@contextmanager
def small_disk(folder: Path, kilobytes: int = 256) -> Iterator[Path]:
    """Mount a file system of that size; skips the test where this user may not mount."""
    folder.mkdir()
    words = [_program("mount"), "-t", "tmpfs", "-o", f"size={kilobytes}k,mode=0700", "cockpit-test", str(folder)]
    try:
        subprocess.run(words, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this user may not mount a file system; the file size limit tests the same paths")
    try:
        yield folder
    finally:
        subprocess.run([_program("umount"), "-l", str(folder)], check=True)


def make_read_only(folder: Path) -> None:
    """Turn a mounted file system read-only."""
    subprocess.run([_program("mount"), "-o", "remount,ro", str(folder)], check=True)


def fill(folder: Path) -> Path:
    """Write a file until the disk is full; remove it to make room again."""
    path = folder / "filler"
    with path.open("wb", buffering=0) as file:
        for size in (4096, 1):
            while _written(file, size):
                pass
    return path


def _program(name: str) -> str:
    return shutil.which(name) or name


def _written(file: object, size: int) -> bool:
    try:
        return bool(file.write(b"x" * size))  # type: ignore[attr-defined]  # a raw file
    except OSError:
        return False


def limit_files(pid: int, size: int) -> None:
    """Let no file of that process grow beyond `size` bytes."""
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
