"""A lab's folder for what `multiprocessing` leaves behind where a process is killed: sockets, and named semaphores.

It is in a folder that all users share. What another user or another program makes there is left alone, whatever its
name is.
"""

from __future__ import annotations

import fcntl
import os
import tempfile
from contextlib import ExitStack, suppress
from pathlib import Path

from pconc_tui.protocol.scratch_files import is_own, remove

PREFIX = "pconc-tui-lab-"
MARKER = "made-by-pconc-tui"
"""A file in each folder, which shows that this program made it."""
MAX_PARENT_LENGTH = 50
"""The folder also holds sockets, whose paths must be shorter than 104 characters."""


class ScratchFolder:
    """A folder that this process locks while it lives; unlocked folders are stale, and later processes remove them."""

    def __init__(self) -> None:
        """Make it. Raises OSError."""
        remove_stale()
        with ExitStack() as stack:
            self.path = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent()))
            stack.callback(remove, self.path)
            fd = os.open(self.path, os.O_RDONLY)
            stack.callback(os.close, fd)
            fcntl.flock(fd, fcntl.LOCK_SH)
            # Only now, so that no process finds it stale before it is locked.
            (self.path / MARKER).touch()
            self._resources = stack.pop_all()

    def close(self) -> None:
        """Remove the folder and its contents."""
        self._resources.close()


def parent() -> Path:
    """The folder in which scratch folders are made: the system's, or /tmp where its path is too long."""
    usual = tempfile.gettempdir()
    return Path(usual if len(usual) <= MAX_PARENT_LENGTH or not os.access("/tmp", os.W_OK) else "/tmp")


def remove_stale() -> None:
    """Remove the folders of this user's processes that were killed."""
    for path in parent().glob(f"{PREFIX}*"):
        with suppress(OSError):
            fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_DIRECTORY)
            try:
                if is_own(os.fstat(fd)) and is_own(os.stat(MARKER, dir_fd=fd, follow_symlinks=False)):
                    fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    remove(path)
            finally:
                os.close(fd)
