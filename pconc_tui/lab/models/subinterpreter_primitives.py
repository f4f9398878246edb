"""What interpreters of one process can share: memory, pipes and queues, since they can't share objects.

Each primitive has a `handle`, a JSON list of its kind and its constructor's arguments, from which another interpreter
opens the same primitive.
"""

from __future__ import annotations

import mmap
import os
import select
import threading
import time
import weakref
from importlib import import_module
from queue import Empty, Full
from typing import Any, Callable, Dict, List, Tuple

POLL_S = 0.01
"""How often a queue is polled while a worker waits for it; `concurrent.interpreters` polls as often."""


def _concurrent_interpreters() -> Any:
    try:
        return import_module("concurrent.interpreters")
    except ImportError:
        return None


interpreters = _concurrent_interpreters()
MISSING = "needs concurrent.interpreters, which CPython has from 3.14 on"


class MappedNumber:
    """A number in memory that every interpreter of the process maps; its interface is that of `multiprocessing.Value`.

    Reading and writing are two steps.
    """

    def __init__(self, typecode: str, value: float = 0, fd: int = -1) -> None:
        if fd < 0:
            import tempfile

            with tempfile.TemporaryFile() as file:
                fd = os.dup(file.fileno())
            os.ftruncate(fd, mmap.PAGESIZE)
            weakref.finalize(self, os.close, fd)
        self._words: Any = memoryview(mmap.mmap(fd, mmap.PAGESIZE)).cast("d" if typecode == "d" else "q")
        self.handle = ["number", typecode, 0, fd]

    @property
    def value(self) -> Any:
        """The number now."""
        return self._words[0]

    @value.setter
    def value(self, value: float) -> None:
        self._words[0] = value


class PipeLock:
    """A lock for all interpreters of the process: the holder has read the pipe's only byte."""

    def __init__(self, read_fd: int = -1, write_fd: int = -1) -> None:
        if read_fd < 0:
            read_fd, write_fd = os.pipe()
            os.set_blocking(read_fd, False)
            os.write(write_fd, b"1")
            weakref.finalize(self, os.close, read_fd)
            weakref.finalize(self, os.close, write_fd)
        self.handle = ["lock", read_fd, write_fd]
        self._read_fd = read_fd
        self._write_fd = write_fd

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        """As `threading.Lock.acquire`; `timeout` is in seconds."""
        deadline = time.monotonic() + timeout
        while True:
            try:
                return bool(os.read(self._read_fd, 1))
            except BlockingIOError:
                # Another interpreter may be faster each time that the lock is released, so this may take several waits.
                left_s = None if timeout < 0 else max(0.0, deadline - time.monotonic())
                if not blocking or not select.select([self._read_fd], [], [], left_s)[0]:
                    return False

    def release(self) -> None:
        """As `threading.Lock.release`."""
        os.write(self._write_fd, b"1")


class InterpreterQueue:
    """A queue of `concurrent.interpreters`, but with exact timeouts: its own are whole seconds."""

    def __init__(self, maxsize: int = 0, id: int = -1) -> None:
        self._queue = interpreters.create_queue(maxsize) if id < 0 else interpreters.Queue(id)
        self.handle = ["queue", maxsize, self._queue.id]
        self._users = 0
        self._users_lock = threading.Lock()

    def put_nowait(self, entry: Tuple[int, Any]) -> None:
        self._queue.put_nowait(entry)

    def get_nowait(self) -> Tuple[int, Any]:
        entry = self._queue.get_nowait()
        # When an interpreter has ended, CPython replaces its items by a placeholder.
        return entry if isinstance(entry, tuple) else (time.perf_counter_ns(), entry)

    def put(self, entry: Tuple[int, Any], block: bool, timeout: float) -> None:
        """As `queue.Queue.put`; `timeout` is in seconds."""
        self._retry(lambda: self.put_nowait(entry), Full, timeout)

    def get(self, block: bool, timeout: float) -> Tuple[int, Any]:
        """As `queue.Queue.get`; `timeout` is in seconds."""
        entry: Tuple[int, Any] = self._retry(self.get_nowait, Empty, timeout)
        return entry

    def _retry(self, operation: Callable[[], Any], failure: Any, timeout: float) -> Any:
        deadline = time.monotonic() + timeout
        while True:
            try:
                return operation()
            except failure:
                if time.monotonic() >= deadline:
                    raise
                time.sleep(POLL_S)

    def attach(self) -> None:
        """Count an interpreter that is about to use the queue."""
        with self._users_lock:
            self._users += 1

    def detach(self, wait: bool = True) -> None:
        """Wait until other interpreters have taken all items: those of an interpreter are lost when it is closed."""
        with self._users_lock:
            self._users -= 1
        while wait and self._users and not self._queue.empty():
            time.sleep(POLL_S)


_KINDS: Dict[str, Any] = {"number": MappedNumber, "lock": PipeLock, "queue": InterpreterQueue}


def open_handle(handle: List[Any]) -> Any:
    """The primitive with this handle, in the calling interpreter."""
    kind, *arguments = handle
    return _KINDS[kind](*arguments)
