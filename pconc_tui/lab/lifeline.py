"""Ensures that no worker outlives its lab: workers die when a pipe closes that only the controller keeps open."""

from __future__ import annotations

import fcntl
import os
import select
import signal
import threading
from multiprocessing import reduction
from typing import Any, Tuple

from pconc_tui.worker.forked_child import close_in_child


class Lifeline:
    """Created by the controller and passed to its child processes; those that attach to it die with the controller."""

    def __init__(self) -> None:
        self._read_fd, self._write_fd = os.pipe()

    def __reduce__(self) -> Tuple[Any, ...]:
        return _from_duplicate, (reduction.DupFd(self._read_fd),)

    def attach(self) -> None:
        """Have this process killed when the controller ends."""
        if self._write_fd >= 0:
            os.close(self._write_fd)
        close_in_child(self._read_fd)
        if hasattr(fcntl, "F_SETSIG"):
            self._request_signal()
        else:
            threading.Thread(target=self._wait, name="lifeline", daemon=True).start()

    def _request_signal(self) -> None:
        # The kernel sends the signal without a thread of this process and without its GIL, which a worker may hold for
        # seconds. The receiver belongs to the open file, which a forked process shares with its parent: reopen it.
        fd = os.open("/proc/self/fd/%d" % self._read_fd, os.O_RDONLY)
        close_in_child(fd)
        fcntl.fcntl(fd, fcntl.F_SETOWN, os.getpid())
        fcntl.fcntl(fd, fcntl.F_SETSIG, signal.SIGKILL)
        fcntl.fcntl(fd, fcntl.F_SETFL, fcntl.fcntl(fd, fcntl.F_GETFL) | os.O_ASYNC)
        if select.select([fd], [], [], 0)[0]:
            self._wait()

    def _wait(self) -> None:
        os.read(self._read_fd, 1)
        os.kill(os.getpid(), signal.SIGKILL)


def _from_duplicate(duplicate: Any) -> Lifeline:
    lifeline = Lifeline.__new__(Lifeline)
    lifeline._read_fd, lifeline._write_fd = duplicate.detach(), -1
    return lifeline
