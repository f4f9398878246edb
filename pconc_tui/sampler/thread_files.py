"""What Linux reports about a thread of another process, from files in /proc that are kept open."""

from __future__ import annotations

import errno
import os
from typing import NamedTuple

from pconc_tui.protocol.block import State

FUTEX = {"x86_64": b"202", "aarch64": b"98"}.get(os.uname().machine)
"""The number of the system call in which threads wait for each other."""


class Clocks(NamedTuple):
    """The kernel's clocks of a thread, by its sched-stats.rst."""

    cpu_ns: int
    """CPU time; of a thread on a core, up to the last tick."""
    queued_ns: int
    """Time in run queues, up to when it last got a core."""
    slices: int
    """How often it got a core."""


class ThreadFiles:
    """The files of one thread that has run. Raises OSError where it has ended, or where they can't be read."""

    def __init__(self, pid: int, native_id: int) -> None:
        folder = f"/proc/{pid}/task/{native_id}"
        self._schedstat = self._syscall = -1
        try:
            self._schedstat = os.open(f"{folder}/schedstat", os.O_RDONLY)
            self._syscall = os.open(f"{folder}/syscall", os.O_RDONLY)
            os.pread(self._syscall, 64, 0)  # Permission is checked only here.
            clocks = self.clocks()
        except OSError as error:
            self.close()
            if isinstance(error, FileNotFoundError) and os.path.exists(folder):
                raise OSError(errno.ENOTSUP, f"it has no {error.filename}") from None
            raise
        if not clocks.slices:  # It has run, so these zeros mean nothing.
            self.close()
            raise OSError(errno.ENOTSUP, "the kernel keeps no clocks of threads")

    def doing(self) -> tuple[State, int]:
        """What it does now, by proc_pid_syscall(5).

        `RUNNING`: it is on a core or ready to run; `LOCK`: it waits at this address; `IO`; `UNKNOWN`: it is blocked.
        """
        call = os.pread(self._syscall, 64, 0)
        if call.startswith(b"running"):
            return State.RUNNING, 0
        if FUTEX is None:
            return State.UNKNOWN, 0
        number, argument, _ = call.split(b" ", 2)
        return (State.LOCK, int(argument, 16)) if number == FUTEX else (State.IO, 0)

    def clocks(self) -> Clocks:
        """Its clocks now."""
        cpu, queued, slices = os.pread(self._schedstat, 64, 0).split()
        return Clocks(int(cpu), int(queued), int(slices))

    def close(self) -> None:
        """Close the files."""
        for fd in (self._schedstat, self._syscall):
            if fd >= 0:
                os.close(fd)
