"""The system call perf_event_open(2): which scheduling records the kernel lets this process have, and how they begin.

An event here is a software event that counts nothing of interest: it is opened for the records that come with it. Each
switch of the thread onto a core and off it is one, with its time by CLOCK_MONOTONIC, which `time.perf_counter_ns` reads
too. With registers the event counts context switches, and each switch off a core is also a sample of the registers that
the thread had when it entered the kernel: there the arguments of its system call can be read.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
import sys
import time
from dataclasses import dataclass
from fcntl import ioctl

KERNEL, KERNEL_SAMPLED = "kernel", "kernel + sampled"
"""Sources: records with registers; records without, so that what a thread is blocked in must be sampled."""

_LEVEL_FILE = "/proc/sys/kernel/perf_event_paranoid"
_LEVEL_WITH_REGISTERS, _LEVEL_WITHOUT = 1, 2

SYSTEM_CALLS = {"x86_64": 298, "aarch64": 241}
# What decoding needs of the registers, as bits: x86 ax, cx, si, di, ip; arm64 x0, x1, x8, and, to be as many, sp, pc.
_REGISTERS = {
    "x86_64": 1 << 0 | 1 << 2 | 1 << 4 | 1 << 5 | 1 << 8,
    "aarch64": 1 << 0 | 1 << 1 | 1 << 8 | 1 << 31 | 1 << 32,
}

_ATTRIBUTES = struct.Struct("<IIQQQQQIIQQQQIiQIHH")
_SOFTWARE, _CONTEXT_SWITCHES, _DUMMY = 1, 3, 9
_TID, _TIME, _CPU, _REGS_USER = 1 << 1, 1 << 2, 1 << 7, 1 << 12
_INHERIT, _EXCLUDE_KERNEL, _EXCLUDE_HV, _COMM, _TASK = 1 << 1, 1 << 5, 1 << 6, 1 << 9, 1 << 13
_WATERMARK, _SAMPLE_ID_ALL, _COMM_EXEC, _USE_CLOCKID, CONTEXT_SWITCH = 1 << 14, 1 << 18, 1 << 24, 1 << 25, 1 << 26
_NEVER = 1 << 31
"""Bytes in a ring that wake its reader up: it reads when it wants to."""
_CLOSE_ON_EXEC = 8
_SET_OUTPUT = 0x2405


class NotAllowedError(Exception):
    """The kernel refuses scheduling records; the message says why, and `Access.how` how to get them."""


@dataclass(frozen=True)
class Access:
    """The scheduling records that the kernel lets this process have of its own user's processes."""

    source: str | None
    """`KERNEL`, `KERNEL_SAMPLED`, or None: none."""
    reason: str = ""
    """What is in the way of `KERNEL`, in a sentence without a full stop; empty: nothing."""
    how: tuple[str, ...] = ()
    """Commands and settings, each of which removes it."""

    @property
    def registers(self) -> bool:
        """Whether each switch off a core comes with registers."""
        return self.source == KERNEL


def access() -> Access:
    """Find out by trying. Costs two system calls; the result can change with the system's settings."""
    problem = _refusal(registers=True)
    if problem is None:
        return Access(KERNEL)
    source = KERNEL_SAMPLED if _refusal(registers=False) is None else None
    return explained(source, problem, paranoid_level(), os.uname().machine)


def explained(source: str | None, problem: int, level: int | None, machine: str) -> Access:
    """What is in the way of registers, by the error number and the level of perf_event_paranoid. Pure."""
    if problem == errno.ENOSYS and level is None:
        if machine not in SYSTEM_CALLS:
            return Access(None, f"scheduling records are read on x86_64 and aarch64 only, and this is {machine}")
        return Access(None, "this system has no perf_event_open: it is no Linux, or was built without it")
    # The times at least are refused by levels above 2 only, and by no level with another error.
    by_level = level is not None and level > (_LEVEL_WITH_REGISTERS if source else _LEVEL_WITHOUT)
    if by_level and problem != errno.ENOSYS:
        gets = "of scheduling records only the times" if source else "no scheduling records"
        return Access(source, f"kernel.perf_event_paranoid is {level}, which gives unprivileged users {gets}", _HOW)
    if problem in (errno.EACCES, errno.EPERM, errno.ENOSYS):
        return Access(source, "a container's or a service's filter refuses perf_event_open", _HOW_IN_CONTAINER)
    return Access(source, f"perf_event_open failed: {os.strerror(problem)}")


_HOW_IN_CONTAINER = (
    "docker run --cap-add PERFMON --security-opt seccomp=unconfined ...",
    "podman run --cap-add PERFMON ...",
    "Kubernetes: securityContext: capabilities: add: [PERFMON]",
)
_HOW = (
    f"sudo sysctl kernel.perf_event_paranoid={_LEVEL_WITH_REGISTERS}",
    f"sudo setcap cap_perfmon+ep {os.path.realpath(sys.executable)}",
    "sudo systemd-run --pty --uid=$USER -p AmbientCapabilities=CAP_PERFMON pconc-tui ...",
    *_HOW_IN_CONTAINER,
)


def paranoid_level() -> int | None:
    """The level in force; None: unknown, or the kernel has no such records."""
    try:
        with open(_LEVEL_FILE) as file:
            return int(file.read())
    except (OSError, ValueError):
        return None


def open_event(tid: int, cpu: int, registers: bool, ring: int = -1) -> int:
    """Open the event of a thread (0: this one) and all that it starts from now on, on one core; returns its file
    descriptor. `ring`: the event into whose ring the records go; -1: it gets a ring of its own.

    Raises NotAllowedError if the kernel refuses, ProcessLookupError if the thread has ended, OSError.
    """
    fd = open_with(attributes(registers), tid, cpu)
    if ring >= 0:
        ioctl(fd, _SET_OUTPUT, ring)
    return fd


def open_with(attributes: bytes, tid: int, cpu: int) -> int:
    """Open an event with these attributes, a `struct perf_event_attr`; see `open_event`."""
    number = SYSTEM_CALLS.get(os.uname().machine)
    if number is None or sys.platform != "linux":
        raise NotAllowedError("scheduling records are read on Linux only, on x86_64 and aarch64")
    fd: int = _libc.syscall(
        ctypes.c_long(number),
        ctypes.c_char_p(attributes),
        ctypes.c_int(tid),
        ctypes.c_int(cpu),
        ctypes.c_int(-1),
        ctypes.c_ulong(_CLOSE_ON_EXEC),
    )
    if fd < 0:
        problem = ctypes.get_errno()
        if problem in (errno.EACCES, errno.EPERM, errno.ENOSYS):
            raise NotAllowedError(os.strerror(problem)) from OSError(problem, os.strerror(problem))
        raise OSError(problem, os.strerror(problem))
    return fd


def attributes(registers: bool) -> bytes:
    """Of an event that records switches, with their times alone or with registers."""
    flags = _INHERIT | _EXCLUDE_HV | _COMM | _TASK | _COMM_EXEC
    flags |= _WATERMARK | _SAMPLE_ID_ALL | _USE_CLOCKID | CONTEXT_SWITCH
    config, kinds, mask = _CONTEXT_SWITCHES, _TID | _TIME | _CPU | _REGS_USER, _REGISTERS.get(os.uname().machine, 0)
    if not registers:
        config, kinds, mask, flags = _DUMMY, _TID | _TIME | _CPU, 0, flags | _EXCLUDE_KERNEL
    return _ATTRIBUTES.pack(
        *(_SOFTWARE, _ATTRIBUTES.size, config, int(registers), kinds, 0, flags, _NEVER, 0, 0, 0, 0, mask, 0),
        *(time.CLOCK_MONOTONIC, 0, 0, 0, 0),
    )


def _refusal(registers: bool) -> int | None:
    """The error number with which the kernel refuses an event of this thread; None: it does not."""
    try:
        os.close(open_event(0, -1, registers))
    except NotAllowedError as error:
        return getattr(error.__cause__, "errno", errno.ENOSYS)
    except OSError as error:
        return error.errno or errno.EIO
    return None


_libc = ctypes.CDLL(None, use_errno=True)
