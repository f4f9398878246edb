"""Locks and queues of threads, processes and interpreters, with each wait recorded."""

from __future__ import annotations

from contextlib import contextmanager
from queue import Empty, Full
from time import perf_counter_ns
from typing import Any, Dict, Iterator, Optional

from pconc_tui.protocol.block import State
from pconc_tui.worker.core_waits import Wait
from pconc_tui.worker.thread_queue import ThreadQueue
from pconc_tui.worker.waiter import Waiter

POLL_S = 0.25
"""How often a waiting worker checks whether it is asked to stop."""

# When each lock was last released in this process, in ns: there the wait for the lock ends, and the wait for the GIL
# begins. Locks have no attributes to set, hence by id; they live as long as their experiment does.
_released_ns: Dict[int, int] = {}


def record_release(lock: Any) -> None:
    """Record that a lock is about to be released."""
    _released_ns[id(lock)] = perf_counter_ns()


def released_ns(lock: Any) -> Optional[int]:
    """When the lock was last released in this process; None: never."""
    return _released_ns.get(id(lock))


class LockName:
    """Publishes which named lock, A to Z, a worker waits for or holds; a lock without a name is not published."""

    def __init__(self, worker: Waiter, name: str) -> None:
        self._worker = worker
        self._number = ord(name) - ord("A") + 1 if name else 0

    def record_held(self, held: bool) -> None:
        """The worker has acquired the lock, or is about to release it."""
        if self._number:
            self._worker.record_held(self._number, held)

    @contextmanager
    def awaited(self) -> Iterator[None]:
        """The worker waits for the lock in this context."""
        self._worker.record_awaited(self._number)
        try:
            yield
        finally:
            self._worker.record_awaited(0)


class HeldLock:
    """`with HeldLock(worker, lock):` is `with lock:`, recording the wait."""

    def __init__(self, worker: Waiter, lock: Any) -> None:
        self._worker = worker
        self._lock = lock

    def __enter__(self) -> None:
        if not self._lock.acquire(False):
            self._wait()

    def __exit__(self, *_: object) -> None:
        _released_ns[id(self._lock)] = perf_counter_ns()
        self._lock.release()

    def _wait(self) -> None:
        lock = self._lock
        self._worker.wait(
            State.LOCK,
            attempt=lambda: lock.acquire(True, POLL_S) or None,
            ready=lambda _: released_ns(lock),
        )


class NamedHeldLock(HeldLock):
    """The same for a lock that has a name."""

    def __init__(self, worker: Waiter, lock: Any, name: str) -> None:
        super().__init__(worker, lock)
        self._name = LockName(worker, name)

    def __enter__(self) -> None:
        if not self._lock.acquire(False):
            with self._name.awaited():
                self._wait()
        self._name.record_held(True)

    def __exit__(self, *_: object) -> None:
        self._name.record_held(False)
        super().__exit__()


def put(worker: Waiter, queue: Any, item: Any) -> None:
    """Put an item and the time: from then on, the worker that gets the item could have gone on."""

    def attempt() -> Optional[bool]:
        try:
            queue.put((perf_counter_ns(), item), True, POLL_S)
        except Full:
            return None
        return True

    def ready(_: bool) -> Optional[int]:
        return _needs_mutex(worker, queue, queue.not_full.notified_ns()) if isinstance(queue, ThreadQueue) else None

    try:
        queue.put_nowait((perf_counter_ns(), item))
    except Full:
        _record_mutex_waits(worker, queue)
        worker.wait(State.IO, attempt, ready)
    else:
        _record_mutex_waits(worker, queue)


def get(worker: Waiter, queue: Any) -> Any:
    """Get an item."""

    def attempt() -> Any:
        try:
            return queue.get(True, POLL_S)
        except Empty:
            return None

    def ready(entry: Any) -> Optional[int]:
        if isinstance(queue, ThreadQueue):
            notified_ns = queue.not_empty.notified_ns()
            return _needs_mutex(worker, queue, entry[0] if notified_ns is None else notified_ns)
        # A thread can go on as soon as its item is put; a process only when the item has come through a pipe.
        return None if worker.model.startswith("process") else entry[0]

    try:
        _, item = queue.get_nowait()
    except Empty:
        _record_mutex_waits(worker, queue)
        _, item = worker.wait(State.IO, attempt, ready)
    else:
        _record_mutex_waits(worker, queue)
    return item


def _record_mutex_waits(worker: Waiter, queue: Any) -> None:
    """Record how a worker that did not have to wait for an item or room waited for the queue's mutex."""
    if isinstance(queue, ThreadQueue):
        for wait in queue.mutex_waits.take():
            worker.record_wait(State.LOCK, wait.start_ns, Wait(wait.blocked_ns, wait.ready_ns), wait.end_ns)


def _needs_mutex(worker: Waiter, queue: ThreadQueue, ready_ns: Optional[int]) -> Optional[int]:
    """Record how a worker waited for the queue's mutex, before it waited and after it could have gone on.

    Returns when it last could, in ns.
    """
    for wait in queue.mutex_waits.take():
        if ready_ns is None or worker.knows_core_waits:
            continue
        if wait.start_ns >= ready_ns:
            worker.record_within_wait(ready_ns, State.LOCK, wait.start_ns, wait.blocked_ns)
        else:
            worker.record_change_within_wait(State.LOCK, wait.start_ns, wait.blocked_ns)
        if wait.end_ns < ready_ns:  # Then it waited for an item or room.
            worker.record_within_wait(wait.ready_ns, State.IO, wait.end_ns)
        else:
            ready_ns = wait.ready_ns
    return ready_ns
