"""What interpreters of one process share: objects can't be shared, but memory, pipes and queues can."""

from __future__ import annotations

import mmap
import os
import select
import threading
import time
import weakref
from importlib import import_module
from queue import Empty, Full
from typing import Any, Callable, Dict, Tuple

LOOK_S = 0.01
"""How often who waits at a queue looks again, as `concurrent.interpreters` does itself."""


def _concurrent_interpreters() -> Any:
    try:
        return import_module("concurrent.interpreters")
    except ImportError:
        return None


interpreters = _concurrent_interpreters()
MISSING = "needs concurrent.interpreters, which CPython has from 3.14 on"


class Number:
    """A number in memory that every interpreter of the process can map."""

    def __init__(self, typecode: str, value: float = 0, fd: int = -1) -> None:
        if fd < 0:
            import tempfile

            with tempfile.TemporaryFile() as file:
                fd = os.dup(file.fileno())
            os.ftruncate(fd, mmap.PAGESIZE)
            weakref.finalize(self, os.close, fd)
        self._words: Any = memoryview(mmap.mmap(fd, mmap.PAGESIZE)).cast("d" if typecode == "d" else "q")
        self.ticket = ["number", typecode, 0, fd]

    @property
    def value(self) -> Any:
        """The number now; reading and writing are two steps, as with `multiprocessing.Value`."""
        return self._words[0]

    @value.setter
    def value(self, value: float) -> None:
        self._words[0] = value


class PipeLock:
    """A lock that every interpreter of the process can take: whoever holds it has the pipe's one byte."""

    def __init__(self, read_fd: int = -1, write_fd: int = -1) -> None:
        if read_fd < 0:
            read_fd, write_fd = os.pipe()
            os.set_blocking(read_fd, False)
            os.write(write_fd, b"1")
            weakref.finalize(self, os.close, read_fd)
            weakref.finalize(self, os.close, write_fd)
        self.ticket = ["lock", read_fd, write_fd]
        self._read_fd = read_fd
        self._write_fd = write_fd

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        """As `threading.Lock.acquire`."""
        while True:
            try:
                return bool(os.read(self._read_fd, 1))
            except BlockingIOError:
                if not blocking or not select.select([self._read_fd], [], [], None if timeout < 0 else timeout)[0]:
                    return False

    def release(self) -> None:
        """As `threading.Lock.release`."""
        os.write(self._write_fd, b"1")


class Queue:
    """A queue of `concurrent.interpreters`, whose own timeouts are cut to whole seconds."""

    def __init__(self, maxsize: int = 0, number: int = -1) -> None:
        self._queue = interpreters.create_queue(maxsize) if number < 0 else interpreters.Queue(number)
        self.ticket = ["queue", maxsize, self._queue.id]
        self._users = 0
        self._counting = threading.Lock()

    def put_nowait(self, item: Tuple[int, Any]) -> None:
        self._queue.put_nowait(item)

    def get_nowait(self) -> Tuple[int, Any]:
        taken = self._queue.get_nowait()
        # Of an item whose interpreter has ended only the place in the queue is left.
        return taken if isinstance(taken, tuple) else (time.perf_counter_ns(), taken)

    def put(self, item: Tuple[int, Any], block: bool, timeout: float) -> None:
        """As `queue.Queue.put`."""
        self._until(lambda: self.put_nowait(item), Full, timeout)

    def get(self, block: bool, timeout: float) -> Tuple[int, Any]:
        """As `queue.Queue.get`."""
        taken: Tuple[int, Any] = self._until(self.get_nowait, Empty, timeout)
        return taken

    def _until(self, move: Callable[[], Any], vain: Any, timeout: float) -> Any:
        end = time.monotonic() + timeout
        while True:
            try:
                return move()
            except vain:
                if time.monotonic() >= end:
                    raise
                time.sleep(LOOK_S)

    def enter(self) -> None:
        """Another interpreter is about to use it."""
        with self._counting:
            self._users += 1

    def leave(self) -> None:
        """An interpreter is about to end: what it has put is lost then, so wait until the others have taken it."""
        with self._counting:
            self._users -= 1
        while self._users and not self._queue.empty():
            time.sleep(LOOK_S)


class Primitives:
    """What interpreters share things with."""

    Lock = PipeLock
    Value = Number
    Queue = Queue


KINDS: Dict[str, Any] = {"number": Number, "lock": PipeLock, "queue": Queue}
"""By the first word of a ticket, which the others read in their interpreters."""
