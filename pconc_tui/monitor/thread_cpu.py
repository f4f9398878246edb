"""CPU time and core of a thread, and what it is blocked in, from the operating system."""

from __future__ import annotations

import os
from typing import NamedTuple

from pconc_tui.protocol.block import State

_FUTEX = {"x86_64": b"202", "aarch64": b"98"}.get(os.uname().machine)


class ThreadUse(NamedTuple):
    """What the system reports about a thread."""

    cpu_ns: int
    """CPU time so far."""
    queued_ns: int
    """How long it has waited for a core so far."""
    runnable: bool
    """Whether it runs or waits for a core."""
    core: int
    """Number of the core it last ran on."""


def blocked_in(pid: int, native_id: int) -> State | None:
    """What a thread is blocked in, by proc_pid_syscall(5): `LOCK` in a futex, else `IO`; None: it runs, or unknown."""
    try:
        call = _content(f"/proc/{pid}/task/{native_id}/syscall").split()[0]
    except (OSError, IndexError):
        return None
    return None if call == b"running" else State.LOCK if call == _FUTEX else State.IO


def thread_use(pid: int, native_id: int) -> ThreadUse | None:
    """Read a thread's figures; None where that is not possible.

    From Linux's /proc (proc(5): `schedstat` fields 1 and 2, `stat` fields 3 and 39), since psutil has CPU times of
    threads in ticks of 10 ms only, and no core.
    """
    try:
        cpu_ns, queued_ns, _ = map(int, _content(f"/proc/{pid}/task/{native_id}/schedstat").split())
        fields = _content(f"/proc/{pid}/task/{native_id}/stat").rpartition(b")")[2].split()
        return ThreadUse(cpu_ns, queued_ns, fields[0] == b"R", int(fields[36]))
    except (OSError, IndexError, ValueError):
        return None


def _content(path: str) -> bytes:
    """What a file of a thread has; read without `open`, which takes longer than the kernel."""
    fd = os.open(path, os.O_RDONLY)
    try:
        return os.read(fd, 4096)
    finally:
        os.close(fd)
