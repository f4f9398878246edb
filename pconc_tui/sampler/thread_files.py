"""What Linux tells of a thread from outside, by files in /proc that are kept open."""

from __future__ import annotations

import os

from pconc_tui.protocol.block import State

_FUTEX = {"x86_64": b"202", "aarch64": b"98"}.get(os.uname().machine)
"""The number of the system call in which threads wait for each other."""

Doing = tuple[State, int]
"""`RUNNING`: it runs or is ready to; `LOCK`: it waits at this address; `IO`; `UNKNOWN`: it is blocked somewhere."""


class Thread:
    """A thread that is looked at. Raises OSError where it has ended or may not be looked at."""

    def __init__(self, pid: int, native_id: int) -> None:
        folder = f"/proc/{pid}/task/{native_id}"
        self._times = os.open(f"{folder}/schedstat", os.O_RDONLY)
        self._call = -1
        try:
            self._call = os.open(f"{folder}/syscall", os.O_RDONLY)
            os.pread(self._call, 64, 0)  # Whether it may be read is told only now.
        except OSError:
            self.close()
            raise

    def doing(self) -> Doing:
        """What it does now, by proc_pid_syscall(5)."""
        call = os.pread(self._call, 64, 0)
        if call.startswith(b"running"):
            return State.RUNNING, 0
        if _FUTEX is None:
            return State.UNKNOWN, 0
        number, argument, _ = call.split(b" ", 2)
        return (State.LOCK, int(argument, 16)) if number == _FUTEX else (State.IO, 0)

    def times(self) -> tuple[int, int]:
        """By the kernel's sched-stats.rst, in ns: CPU time, and time in the queue for a core up to when it got one.

        The CPU time of a thread that runs may trail by a tick of the kernel's, up to 10 ms.
        """
        cpu, queued, _ = os.pread(self._times, 64, 0).split()
        return int(cpu), int(queued)

    def close(self) -> None:
        """Let go of it."""
        os.close(self._times)
        if self._call >= 0:
            os.close(self._call)
