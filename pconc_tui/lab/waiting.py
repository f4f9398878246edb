"""Waiting for others: locks, told by name who holds them, and queues."""

from __future__ import annotations

from queue import Empty, Full
from time import perf_counter_ns
from typing import TYPE_CHECKING, Any, Dict, Optional

from pconc_tui.block import State

if TYPE_CHECKING:
    from pconc_tui.lab.probe import Worker

LOOK_S = 0.25
"""How often a worker that waits for somebody else looks whether it is to stop."""

# When each lock was last released in this process: what a waiter needs to tell its wait for the lock from the wait
# for the GIL that follows. Locks take no attributes, hence by id; they live as long as their experiment does.
_released: Dict[int, int] = {}


class Holding:
    """A lock held: `with lock:` that tells of waiting for it."""

    def __init__(self, worker: Worker, lock: Any) -> None:
        self._worker = worker
        self._lock = lock

    def __enter__(self) -> None:
        lock = self._lock
        if not lock.acquire(False):
            self._worker.wait(
                State.LOCK,
                attempt=lambda: lock.acquire(True, LOOK_S) or None,
                ready=lambda _: _released.get(id(lock)),
            )

    def __exit__(self, *_: object) -> None:
        _released[id(self._lock)] = perf_counter_ns()
        self._lock.release()


class HoldingNamed(Holding):
    """The same with a lock whose name is a letter from A to Z: it also tells who holds and who wants it."""

    def __init__(self, worker: Worker, lock: Any, name: str) -> None:
        super().__init__(worker, lock)
        self._number = ord(name) - ord("A") + 1

    def __enter__(self) -> None:
        self._worker.wants(self._number)
        try:
            super().__enter__()
            self._worker.holds(self._number, True)
        finally:
            self._worker.wants(0)

    def __exit__(self, *_: object) -> None:
        self._worker.holds(self._number, False)
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
