"""Writing the journal of a run: one append-only file, one driver, every record on disk before it counts.

A run lives in a folder of its own; `journal.jsonl` in it holds one entry a line. Reading is in `journal_reading`.
"""

import errno
import fcntl
import os
import stat
from contextlib import suppress
from pathlib import Path
from tempfile import gettempdir
from typing import Self

from filelock import FileLock, Timeout

from cockpit.engine.canonical import canonical
from cockpit.engine.errors import JournalError, JournalLocked
from cockpit.engine.journal_reading import JOURNAL, ReadResult, read_journal
from cockpit.engine.records import Entry

_LOCK = "driver.lock"
_PRIVATE_FILE = 0o600
_PRIVATE_FOLDER = 0o700


class Journal:
    """The journal as its one driver holds it, locked until `close`. Not for use by two threads at once."""

    def __init__(self, folder: Path, lock: FileLock, descriptor: int, size: int) -> None:
        self.folder = folder
        self._lock = lock
        self._descriptor = descriptor
        self._size = size
        self._broken = ""
        self._claimed: FileLock | None = None
        self._is_new = False

    @classmethod
    def create(cls, folder: Path) -> Self:
        """Make the folder and an empty journal in it.

        Raises:
            JournalError: there is a journal already, or the folder cannot be written.
        """
        try:
            folder.mkdir(mode=_PRIVATE_FOLDER, parents=True, exist_ok=True)
            lock = _locked(folder)
            try:
                flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
                descriptor = os.open(folder / JOURNAL, flags, _PRIVATE_FILE)
                _sync_folder(folder)
                _sync_folder(folder.parent)
            except OSError:
                lock.release()
                raise
        except OSError as error:
            raise JournalError(f"No journal can be kept in {folder}: {_words(error)}. Nothing was started.") from error
        made = cls(folder, lock, descriptor, 0)
        made._is_new = True
        return made

    @classmethod
    def resume(cls, folder: Path) -> tuple[Self, ReadResult]:
        """Take over an existing journal. A torn last line is set aside and cut off; any other problem refuses.

        Raises:
            JournalLocked: another process drives the run.
            JournalError: the journal is damaged, of a newer format, or cannot be written.
        """
        path = folder / JOURNAL
        if not path.is_file():
            raise JournalError(f"There is no journal in {folder}.")
        try:
            lock = _locked(folder)
        except OSError as error:
            raise JournalError(f"{folder} cannot be locked: {_words(error)}. The run was not resumed.") from error
        try:
            found = read_journal(path)
            _refuse_damaged(path, found)
            descriptor = _opened_whole(folder, found)
        except OSError as error:
            lock.release()
            raise JournalError(f"{path} cannot be written: {_words(error)}. The run was not resumed.") from error
        except JournalError:
            lock.release()
            raise
        return cls(folder, lock, descriptor, found.size), found

    def claim(self, run_id: str) -> None:
        """Refuse a second copy of a run on this machine: the lock in the folder is copied with it, this one is not.

        A copy on another machine, or of another user, is not seen.

        Raises:
            JournalLocked: a copy of the run in another folder is driven now.
        """
        folder = Path(gettempdir()) / f"cockpit-runs-{os.getuid()}"
        try:
            folder.mkdir(mode=_PRIVATE_FOLDER, exist_ok=True)
            if not _is_own(folder):
                return  # somebody else made it, in a place that all may write to: nothing of ours is opened in it
            lock = FileLock(folder / f"{run_id}.lock", timeout=0.5, thread_local=False, mode=_PRIVATE_FILE)
            lock.acquire()
        except Timeout as error:
            raise JournalLocked(
                f"Another process drives run {run_id} from a copy of {self.folder}: one of the two must not go on."
            ) from error
        except OSError:
            return  # no room for a second lock is no reason to stop a recovery: the first one is held
        self._claimed = lock

    def append(self, entry: Entry) -> None:
        """Write one entry and return when it is on disk.

        Raises:
            JournalError: it is not on disk. After a failed write the entry is taken back and appending may be tried
                again; after a failed sync nobody knows what is on disk, and this journal takes no further entry.
        """
        if self._broken:
            raise JournalError(self._broken)
        line = (canonical(entry.model_dump(mode="json")) + "\n").encode()
        try:
            _write_all(self._descriptor, line)
        except OSError as error:
            with suppress(OSError):
                os.ftruncate(self._descriptor, self._size)
            raise JournalError(f"The journal in {self.folder} cannot be written: {_words(error)}.") from error
        try:
            os.fsync(self._descriptor)
        except OSError as error:
            self._broken = f"The journal in {self.folder} could not be brought to disk: {_words(error)}."
            raise JournalError(self._broken) from error
        self._size += len(line)

    def close(self) -> None:
        """Give up driving: close the file and the lock. May be called twice.

        A journal that never got its first record is removed with its folder: there is no run in it.
        """
        if self._descriptor >= 0:
            if self._is_new and self._size == 0:
                _remove_empty(self.folder)
            os.close(self._descriptor)
            self._descriptor = -1
            self._broken = f"The journal in {self.folder} was closed."
            self._lock.release()
            if self._claimed is not None:
                self._claimed.release()


def is_driven(folder: Path) -> bool:
    """Tell whether some process drives the run in that folder right now."""
    # A shared lock through a descriptor that only reads: the folder may be another user's, or not writable at all.
    try:
        descriptor = os.open(folder / _LOCK, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return False


def _locked(folder: Path, patience: float = 0.5) -> FileLock:
    # The patience, in real seconds, is for somebody who only looks whether the run is driven.
    lock = FileLock(folder / _LOCK, timeout=patience, thread_local=False, mode=_PRIVATE_FILE)
    try:
        lock.acquire()
    except Timeout as error:
        raise JournalLocked(
            f"Another process drives the run in {folder}. Watch it with: cockpit runs follow {folder.name}"
        ) from error
    return lock


def _refuse_damaged(path: Path, found: ReadResult) -> None:
    refusals = [problem.words for problem in found.problems if not problem.is_torn]
    if refusals:
        raise JournalError(f"The run cannot be driven on from {path}: " + " ".join(refusals))


def _opened_whole(folder: Path, found: ReadResult) -> int:
    descriptor = os.open(folder / JOURNAL, os.O_RDWR | os.O_APPEND | os.O_CLOEXEC)
    try:
        _cut_torn_line(folder, descriptor, found)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def _cut_torn_line(folder: Path, descriptor: int, found: ReadResult) -> None:
    """Keep the bytes of an unfinished last line in a file of their own, then cut them off."""
    length = os.fstat(descriptor).st_size - found.size
    if length <= 0:
        return
    torn = os.pread(descriptor, length, found.size)
    aside = os.open(folder / f"torn-at-{found.size}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _PRIVATE_FILE)
    try:
        _write_all(aside, torn)
        os.fsync(aside)
    finally:
        os.close(aside)
    os.ftruncate(descriptor, found.size)
    os.fsync(descriptor)
    _sync_folder(folder)


def _is_own(folder: Path) -> bool:
    found = folder.lstat()
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & 0o077


def _remove_empty(folder: Path) -> None:
    with suppress(OSError):
        (folder / JOURNAL).unlink()
        (folder / _LOCK).unlink()
        folder.rmdir()


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _words(error: OSError) -> str:
    known = {
        errno.ENOSPC: "the disk is full",
        errno.EDQUOT: "the disk quota is used up",
        errno.EFBIG: "the file may not grow any more (file size limit)",
        errno.EROFS: "the file system is read-only",
        errno.EACCES: "permission denied",
        errno.EEXIST: "there is one already",
    }
    return known.get(error.errno or 0, error.strerror or str(error))
