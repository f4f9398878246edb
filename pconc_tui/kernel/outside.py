"""What is known of threads besides records: read at some moment from CPython's memory or from /proc. Pure.

`Episodes` takes these with the records, ordered by time. Each is worth little alone: the records say how long it held.
"""

from __future__ import annotations

from typing import NamedTuple

from pconc_tui.kernel.records import NO_CALL, NO_FUTEX, futex_of


class HolderSample(NamedTuple):
    """A GIL was read: this thread held it."""

    time_ns: int
    tid: int
    """0: none did; -1: one whose id is unknown."""
    gil: int = 0
    """Its number among those that `Episodes` knows."""
    error_ns: int = 0
    """By how much the time may be wrong: reading takes a while, and longer where the reader loses its core."""
    ready: tuple[int, ...] = ()
    """Threads that were on a core just after that, or could have used one; as far as they were asked."""


class BlockedSample(NamedTuple):
    """A thread was blocked."""

    time_ns: int
    tid: int
    futex: int
    """Of `Switch`."""


class ReadySample(NamedTuple):
    """A thread was not blocked: it was on a core, or waited for one."""

    time_ns: int
    tid: int


class ClockSample(NamedTuple):
    """The CPU time of a thread, by its clock."""

    time_ns: int
    tid: int
    cpu_ns: int


class GilWaits(NamedTuple):
    """How often threads have begun to wait for a GIL, all GILs of a process together; they need not have blocked."""

    time_ns: int
    begun: int


Outside = HolderSample | BlockedSample | ReadySample | ClockSample | GilWaits


def blocked_in(call: bytes, futex_call: bytes | None) -> int | None:
    """What a thread is blocked in, as in `Switch.futex`, by its file /proc/PID/task/TID/syscall.

    `futex_call`: the number of the system call futex. None: the thread is on a core or ready.
    """
    if call.startswith(b"running"):
        return None
    number, *arguments = call.split(b" ")
    if number == b"-1":
        return NO_CALL
    if number != futex_call or len(arguments) < 2:
        return NO_FUTEX
    return futex_of(int(arguments[0], 16), int(arguments[1], 16))
