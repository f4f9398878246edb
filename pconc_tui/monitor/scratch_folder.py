"""A lab's folder for what `multiprocessing` leaves behind where a process is killed: sockets, and named semaphores.

It is in a folder that all users share. What another user or another program makes there is left alone, whatever its
name is.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import stat
import tempfile
from contextlib import suppress
from glob import escape
from pathlib import Path

PREFIX = "pconc-tui-lab-"
MARKER = "made-by-pconc-tui"
"""A file in each folder: shows that this program made the folder, and is locked while the folder is in use."""
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
            try:
                self._fd = os.open(self.path / MARKER, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
            except OSError:
                self.path.rmdir()
                raise
            fcntl.flock(self._fd, fcntl.LOCK_SH)
            if self.path.exists():
                break
            os.close(self._fd)  # Another process removed it as stale before it was locked.

    def close(self) -> None:
        """Remove the folder and its contents."""
        _remove(self.path)
        os.close(self._fd)


def parent() -> Path:
    """The folder in which scratch folders are made: the system's, or /tmp where its path is too long."""
    usual = tempfile.gettempdir()
    return Path(usual if len(usual) <= MAX_PARENT_LENGTH or not os.access("/tmp", os.W_OK) else "/tmp")


def remove_stale() -> None:
    """Remove the folders of this user's processes that were killed."""
    for path in parent().glob(f"{PREFIX}*"):
        with suppress(OSError):
            folder_fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_DIRECTORY)
            try:
                if _is_own(os.fstat(folder_fd)):
                    _remove_if_stale(path, folder_fd)
            finally:
                os.close(folder_fd)


def _remove_if_stale(path: Path, folder_fd: int) -> None:
    """Remove a folder of this user's; OSError: it has no marker, or is locked."""
    fd = os.open(MARKER, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder_fd)
    try:
        found = os.fstat(fd)
        if _is_own(found) and stat.S_ISREG(found.st_mode):
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _remove(path)
    finally:
        os.close(fd)


def _remove(path: Path) -> None:
    """Remove a scratch folder and this user's semaphores that are named after it."""
    shutil.rmtree(path, ignore_errors=True)
    for semaphore in SEMAPHORES.glob(f"sem.{escape(path.name)}-*"):
        with suppress(OSError):
            if _is_own(semaphore.lstat()):
                semaphore.unlink()


def _is_own(found: os.stat_result) -> bool:
    return found.st_uid == os.geteuid()
