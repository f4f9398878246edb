"""A lab's folder for temporary files: `multiprocessing` leaves files behind where a process is killed."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

PREFIX = "pconc-tui-lab-"
SEMAPHORES = Path("/dev/shm")
"""Folder in which Linux shows named semaphores."""
MAX_PARENT_LENGTH = 50
"""The folder also holds sockets, whose paths must be shorter than 104 characters."""


class ScratchFolder:
    """A folder that this process locks while it lives; unlocked folders are stale, and later processes remove them."""

    def __init__(self) -> None:
        remove_stale()
        while True:
            self.path = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent()))
            with suppress(FileNotFoundError):
                self._fd = os.open(self.path, os.O_RDONLY)
                fcntl.flock(self._fd, fcntl.LOCK_SH)
                if self.path.exists():
                    break
                os.close(self._fd)
            # Another process removed it as stale before it was locked.

    def close(self) -> None:
        """Remove the folder and its contents."""
        _remove(self.path)
        os.close(self._fd)


def parent() -> Path:
    """The folder in which scratch folders are made: the system's, or /tmp where its path is too long."""
    usual = tempfile.gettempdir()
    return Path(usual if len(usual) <= MAX_PARENT_LENGTH or not os.access("/tmp", os.W_OK) else "/tmp")


def remove_stale() -> None:
    """Remove the folders of processes that were killed."""
    for path in parent().glob(f"{PREFIX}*"):
        with suppress(OSError):
            fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_DIRECTORY)
            try:
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                _remove(path)
            finally:
                os.close(fd)


def _remove(path: Path) -> None:
    """Remove a scratch folder and the semaphores that are named after it."""
    shutil.rmtree(path, ignore_errors=True)
    for semaphore in SEMAPHORES.glob(f"sem.{path.name}-*"):
        semaphore.unlink(missing_ok=True)
