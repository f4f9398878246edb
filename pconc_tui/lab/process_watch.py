"""Notices the end of a process that `multiprocessing` started."""

from __future__ import annotations

import os
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.process import BaseProcess


class ProcessExit:
    """A descriptor that is readable once a started process has ended.

    `Process.sentinel` is a pipe, which stays open while a child of the process has it open. It is used only where the
    system has nothing better, and for processes of a fork server, which writes to the pipe.
    """

    def __init__(self, process: BaseProcess) -> None:
        self.fd = process.sentinel
        self._owned = False
        if process.pid is not None and get_context().get_start_method() != "forkserver":
            with suppress(AttributeError, OSError):
                self.fd, self._owned = os.pidfd_open(process.pid), True

    def close(self) -> None:
        if self._owned:
            os.close(self.fd)
