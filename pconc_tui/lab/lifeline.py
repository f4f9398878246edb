"""Why no worker outlives its lab: a pipe that only the lab's controller holds open, and death when it closes."""

from __future__ import annotations

import fcntl
import os
import select
import signal
import threading
from multiprocessing import reduction
from typing import Any, Tuple


class Lifeline:
    """Made by the controller; a process that got it from there and holds on to it dies with the controller."""

    def __init__(self) -> None:
        self._read_fd, self._write_fd = os.pipe()

    def __reduce__(self) -> Tuple[Any, ...]:
        return _from_duplicate, (reduction.DupFd(self._read_fd),)

    def hold(self) -> None:
        """Kill this process as soon as the controller is gone."""
        if self._write_fd >= 0:
            os.close(self._write_fd)
        if hasattr(fcntl, "F_SETSIG"):
            self._let_kernel_kill()
        else:
            threading.Thread(target=self._wait, name="lifeline", daemon=True).start()

    def _let_kernel_kill(self) -> None:
        # The kernel does it without a thread of ours and without the GIL, which busy threads may keep for seconds.
        # Who is signalled belongs to an open file, and a forked process shares its parent's: it needs its own.
        fd = os.open("/proc/self/fd/%d" % self._read_fd, os.O_RDONLY)
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
