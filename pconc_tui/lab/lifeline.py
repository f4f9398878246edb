"""Why no worker outlives its lab: a pipe that only the lab's controller holds open, and a thread that waits on it."""

from __future__ import annotations

import os
import signal
import threading
from multiprocessing import reduction
from typing import Any, Tuple


class Lifeline:
    """Made by the controller; whoever got it from there and holds on to it dies with the controller."""

    def __init__(self) -> None:
        self._read_fd, self._write_fd = os.pipe()
        self._maker = os.getpid()

    def __reduce__(self) -> Tuple[Any, ...]:
        return _from_duplicate, (reduction.DupFd(self._read_fd),)

    def hold(self) -> None:
        """Kill this process as soon as the controller is gone. The waiting thread never needs the GIL before that."""
        if self._write_fd >= 0 and os.getpid() != self._maker:
            os.close(self._write_fd)
            self._write_fd = -1
        threading.Thread(target=self._wait, name="lifeline", daemon=True).start()

    def _wait(self) -> None:
        os.read(self._read_fd, 1)
        os.kill(os.getpid(), signal.SIGKILL)


def _from_duplicate(duplicate: Any) -> Lifeline:
    lifeline = Lifeline.__new__(Lifeline)
    lifeline._read_fd, lifeline._write_fd, lifeline._maker = duplicate.detach(), -1, 0
    return lifeline
