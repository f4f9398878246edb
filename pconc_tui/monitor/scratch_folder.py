"""A lab's folder for temporary files: `multiprocessing` leaves some behind where a process is killed."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

PREFIX = "pconc-tui-lab-"
SEMAPHORES = Path("/dev/shm")
"""Where Linux shows them."""
LONGEST = 50
"""Sockets go into the folder as well, and their paths have to be shorter than 104 characters."""


class ScratchFolder:
    """A folder that this process has locked for as long as it lives, so that a later one knows which are stale."""

    def __init__(self) -> None:
        sweep()
        while True:
            self.path = Path(tempfile.mkdtemp(prefix=PREFIX, dir=place()))
            with suppress(FileNotFoundError):
                self._fd = os.open(self.path, os.O_RDONLY)
                fcntl.flock(self._fd, fcntl.LOCK_SH)
                if self.path.exists():
                    break
                os.close(self._fd)
            # Another process's sweep took it for a stale one before it was locked.

    def close(self) -> None:
        """Remove it and all that is in it."""
        _remove(self.path)
        os.close(self._fd)


def place() -> Path:
    """Where all such folders are."""
    usual = tempfile.gettempdir()
    return Path(usual if len(usual) <= LONGEST or not os.access("/tmp", os.W_OK) else "/tmp")


def sweep() -> None:
    """Remove the folders of those that were killed."""
    for path in place().glob(f"{PREFIX}*"):
        with suppress(OSError):
            fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_DIRECTORY)
            try:
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                _remove(path)
            finally:
                os.close(fd)


def _remove(path: Path) -> None:
    """Remove a lab's folder, and the semaphores that are named after it."""
    shutil.rmtree(path, ignore_errors=True)
    for semaphore in SEMAPHORES.glob(f"sem.{path.name}-*"):
        semaphore.unlink(missing_ok=True)
