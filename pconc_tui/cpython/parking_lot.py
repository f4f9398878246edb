"""What a thread of CPython 3.13 or later waits for in its parking lot, read from its stack.

A `PyMutex` is one byte; a thread that waits for one, or for an event, waits at a semaphore of its own. The kernel's
records have only the address of that. But it is part of a struct that has the address of the lock too, in
Python/parking_lot.c, the same from 3.13 to 3.15:

    struct wait_entry    park_arg   of a mutex: a pointer; of an event or a stopped thread: 0
                         addr       what it waits for: a mutex, an event, or the state of its own PyThreadState
                         sema       sem_t, 32 bytes: its value, how many threads wait
                         node       next and previous entry of a list

A thread that doesn't wait any more has left the list, so that the entry is known to be there by its neighbour, which
points to it. A `PyMutex` doesn't have its holder; nothing says which thread that is.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

from pconc_tui.cpython.remote_memory import RemoteMemory, UnmappedError

_ENTRY = struct.Struct("<QQII24xQQ")
_SEMAPHORE, _NODE = 16, 48
"""Offsets in a `wait_entry`."""
_POINTER = struct.Struct("<Q")


class Parked(NamedTuple):
    """What a thread waits for that is parked."""

    address: int
    is_mutex: bool
    """Whether it is a mutex, rather than an event or, while all threads are stopped, the state of the thread."""


def parked(memory: RemoteMemory, semaphore: int) -> Parked | None:
    """What a thread waits for whose semaphore is at this address; None: none is parked there now.

    Raises NotReadableError.
    """
    entry = semaphore - _SEMAPHORE
    try:
        park_arg, address, _, waiting, _, previous = _ENTRY.unpack(memory.read(entry, _ENTRY.size))
        if not waiting or previous & 7 or _POINTER.unpack(memory.read(previous, _POINTER.size))[0] != entry + _NODE:
            return None
    except UnmappedError:
        return None
    return Parked(address, park_arg != 0)


def is_waited_at(memory: RemoteMemory, semaphore: int) -> bool:
    """Whether any thread waits at a semaphore of glibc. Raises NotReadableError."""
    try:
        value, waiting = struct.unpack("<II", memory.read(semaphore, 8))
    except UnmappedError:
        return False
    return bool(value == 0 and 0 < waiting < 1 << 16)
