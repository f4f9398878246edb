"""Waiting for others: locks, told by name who holds them, and queues."""

from __future__ import annotations

from contextlib import contextmanager
from queue import Empty, Full
from time import perf_counter_ns
from typing import TYPE_CHECKING, Any, Dict, Iterator, Optional

from pconc_tui.protocol.block import State

if TYPE_CHECKING:
    from pconc_tui.worker.worker import Worker

LOOK_S = 0.25
"""How often a worker that waits for somebody else looks whether it is to stop."""

# When each lock was last released in this process: what a waiter needs to tell its wait for the lock from the wait
# for the GIL that follows. Locks take no attributes, hence by id; they live as long as their experiment does.
_released: Dict[int, int] = {}


def released(lock: Any) -> None:
    """Note that a lock is about to be released."""
    _released[id(lock)] = perf_counter_ns()


def released_ns(lock: Any) -> Optional[int]:
    """When it was last released here."""
    return _released.get(id(lock))


class Named:
    """Tells who wants and who holds a lock whose name is a letter from A to Z; of others it tells nothing."""

    def __init__(self, worker: Worker, name: str) -> None:
        self._worker = worker
        self._number = ord(name) - ord("A") + 1 if name else 0

    def held(self, so: bool) -> None:
        """The worker has got the lock, or is about to release it."""
        if self._number:
            self._worker.holds(self._number, so)

    @contextmanager
    def wanted(self) -> Iterator[None]:
        """Meanwhile the worker waits for the lock."""
        self._worker.wants(self._number)
        try:
            yield
        finally:
            self._worker.wants(0)


class HeldLock:
    """A lock held: `with lock:` that tells of waiting for it."""

    def __init__(self, worker: Worker, lock: Any) -> None:
        self._worker = worker
        self._lock = lock

    def __enter__(self) -> None:
        if not self._lock.acquire(False):
            self.wait()

    def __exit__(self, *_: object) -> None:
        _released[id(self._lock)] = perf_counter_ns()
        self._lock.release()

    def wait(self) -> None:
        """Somebody else holds it."""
        lock = self._lock
        self._worker.wait(
            State.LOCK,
            attempt=lambda: lock.acquire(True, LOOK_S) or None,
            ready=lambda _: released_ns(lock),
        )


class NamedHeldLock(HeldLock):
    """The same with a lock that has a name."""

    def __init__(self, worker: Worker, lock: Any, name: str) -> None:
        super().__init__(worker, lock)
        self._named = Named(worker, name)

    def __enter__(self) -> None:
        if not self._lock.acquire(False):
            with self._named.wanted():
                self.wait()
        self._named.held(True)

    def __exit__(self, *_: object) -> None:
        self._named.held(False)
        super().__exit__()


def put(worker: Worker, queue: Any, item: Any) -> Any:
    """Put an item together with the time, which tells the one who takes it since when it could."""

    def attempt() -> Optional[bool]:
        try:
            queue.put((perf_counter_ns(), item), True, LOOK_S)
        except Full:
            return None
        return True

    try:
        queue.put_nowait((perf_counter_ns(), item))
    except Full:
        worker.wait(State.IO, attempt, ready=lambda _: None)
    return item


def get(worker: Worker, queue: Any) -> Any:
    """Take an item."""

    def attempt() -> Any:
        try:
            return queue.get(True, LOOK_S)
        except Empty:
            return None

    def ready(moved: Any) -> Optional[int]:
        # A thread can go on from the moment when its item is put; a process not before it has come through a pipe.
        return None if worker.model.startswith("process") else moved[0]

    try:
        _, item = queue.get_nowait()
    except Empty:
        _, item = worker.wait(State.IO, attempt, ready)
    return item
