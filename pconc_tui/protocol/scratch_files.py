"""Removes what `multiprocessing` leaves behind where processes of a lab are killed: sockets, and named semaphores.

The lab does so at its end, and the monitor too: each may be killed before it can.
"""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from glob import escape
from pathlib import Path

SEMAPHORES = Path("/dev/shm")
"""Folder in which Linux shows named semaphores."""


def remove(folder: Path) -> None:
    """Remove a lab's folder and this user's semaphores that are named after it."""
    shutil.rmtree(folder, ignore_errors=True)
    for semaphore in SEMAPHORES.glob(f"sem.{escape(folder.name)}-*"):
        with suppress(OSError):
            if is_own(semaphore.lstat()):
                semaphore.unlink()


def is_own(found: os.stat_result) -> bool:
    """Whether the file is this user's."""
    return found.st_uid == os.geteuid()
