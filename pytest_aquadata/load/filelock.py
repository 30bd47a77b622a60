"""Exclusive locks on files that the operating system drops with the process that holds them.

Several pytest sessions share one embedded server. Who starts it, who still uses it and who is the last must be right
even when a session is killed, so nothing is counted in a file: a lock held is a process alive. Only exclusive locks are
used, since Windows has no shared ones; each session locks a file of its own.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pytest_aquadata.errors import AquadataError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_POLL_SECONDS = 0.05


@dataclass
class FileLock:
    """A lock that is held until `release`, or until the process ends."""

    path: Path
    _handle: int | None

    def release(self, remove: bool = False) -> None:
        """Give the lock up, once; with `remove` its file goes too."""
        if self._handle is None:
            return
        if remove and sys.platform != "win32":
            self.path.unlink(missing_ok=True)  # before the lock is gone: nobody can hold it and lose its file
        os.close(self._handle)
        self._handle = None
        if remove and sys.platform == "win32":  # where an open file cannot be removed
            self.path.unlink(missing_ok=True)


def try_lock(path: Path) -> FileLock | None:
    """Lock `path` (made when missing), or return None when another holds it. Never waits."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if sys.platform == "win32":
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        os.close(handle)
        return None
    except BaseException:
        os.close(handle)
        raise
    return FileLock(path, handle)


@contextmanager
def locked(path: Path, seconds: float) -> Iterator[None]:
    """Hold `path` locked inside the block; wait up to `seconds` for it.

    Raises:
        AquadataError: another process held it all that time.
    """
    deadline = time.monotonic() + seconds
    while (lock := try_lock(path)) is None:
        if time.monotonic() > deadline:
            raise AquadataError(
                f"another process has been starting or stopping the embedded PostgreSQL for {seconds:.0f} s (it holds {path})"
            )
        time.sleep(_POLL_SECONDS)
    try:
        yield
    finally:
        lock.release()


def held(folder: Path) -> int:
    """How many files of `folder` are locked by a live process; the files that the dead left behind are removed."""
    count = 0
    for path in folder.iterdir() if folder.is_dir() else ():
        lock = try_lock(path)
        if lock is None:
            count += 1
        else:
            lock.release(remove=True)
    return count
