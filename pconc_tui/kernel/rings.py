"""Rings: memory into which the kernel writes records of one core, and from which this process takes them.

The first page holds two positions that only grow: `head`, which the kernel moves on when it has written, and `tail`,
which the reader moves on when it has taken. With a ring of 8 words (it really has thousands):

    tail 6, head 11    words 6 7 | 0 1 2    the kernel has wrapped round; taking returns the five in order
    tail 3, head 11    full: the kernel drops what comes, and begins with a record that says how much once there is room
"""

from __future__ import annotations

import errno
import mmap
import os
import threading
from collections.abc import Sequence

from pconc_tui.kernel.perf_event import NotAllowedError

_HEAD, _TAIL = 1024 // 8, 1032 // 8
"""Words of the first page."""
_LARGEST_RECORD = 128


class NoRoomError(Exception):
    """The kernel does not let this user lock so much memory."""


class Ring:
    """The ring of one event; other events on the same core can be sent into it."""

    def __init__(self, fd: int, size_bytes: int) -> None:
        """`size_bytes`: a power of two. Raises NoRoomError, OSError."""
        self.fd = fd
        try:
            self._map = mmap.mmap(fd, mmap.PAGESIZE + size_bytes)
        except OSError as error:
            if error.errno not in (errno.EPERM, errno.ENOMEM):
                raise
            raise NoRoomError from error
        self.size_bytes = size_bytes
        self.overflows = False
        """Whether there may have been no room for a record when the ring was last read."""
        self._words = memoryview(self._map).cast("Q")
        self._data = memoryview(self._map)[mmap.PAGESIZE :]
        self._barrier = threading.Lock()

    def take(self) -> bytes:
        """All that the kernel has written since the last call: whole records. Sets `overflows`."""
        head = self._words[_HEAD]
        with self._barrier:  # Orders, on aarch64, reading the position before reading what it covers.
            tail = self._words[_TAIL]
        self.overflows = head - tail > self.size_bytes - _LARGEST_RECORD
        start, end = tail % self.size_bytes, head % self.size_bytes
        if head == tail:
            return b""
        taken = bytes(self._data[start:end]) if start < end else bytes(self._data[start:]) + bytes(self._data[:end])
        with self._barrier:
            self._words[_TAIL] = head
        return taken

    @property
    def fullness(self) -> float:
        """The part of the ring that is full now, 0 to 1."""
        filled: int = self._words[_HEAD] - self._words[_TAIL]
        return filled / self.size_bytes

    def unmap(self) -> None:
        """Give the memory back."""
        self._words.release()
        self._data.release()
        self._map.close()

    def close(self) -> None:
        """Give the memory back, and close the event."""
        self.unmap()
        os.close(self.fd)


def equal_rings(fds: Sequence[int], most_bytes: int) -> list[Ring]:
    """A ring for each of these events, all as large as is allowed, at most `most_bytes` (a power of two).

    What a user may lock is for all rings together: the first must leave room for the others. Raises NotAllowedError.
    """
    rings: list[Ring] = []
    size_bytes = most_bytes
    while size_bytes >= mmap.PAGESIZE:
        try:
            for fd in fds:
                rings.append(Ring(fd, size_bytes))
            return rings
        except NoRoomError:
            for ring in rings:
                ring.unmap()
            rings.clear()
            size_bytes //= 2
    raise NotAllowedError("kernel.perf_event_mlock_kb leaves no memory for a ring")


def online_cpus() -> tuple[int, ...]:
    """The cores on which a thread can run."""
    with open("/sys/devices/system/cpu/online") as file:
        return parse_cpus(file.read())


def parse_cpus(text: str) -> tuple[int, ...]:
    """`0-3,8` as 0, 1, 2, 3, 8. Pure."""
    cpus: list[int] = []
    for part in text.strip().split(","):
        first, _, last = part.partition("-")
        cpus += range(int(first), int(last or first) + 1)
    return tuple(cpus)
