"""Locks and queues of `asyncio`, with each wait recorded; the event loop runs other tasks meanwhile."""

from __future__ import annotations

from time import perf_counter_ns
from typing import Any, Optional

from pconc_tui.protocol.block import State
from pconc_tui.worker.locks import LockName, record_release, released_ns
from pconc_tui.worker.waiter import Waiter


class AsyncHeldLock:
    """`async with AsyncHeldLock(worker, lock, name):` is `async with lock:`, recording the wait."""

    def __init__(self, worker: Waiter, lock: Any, name: str) -> None:
        self._worker = worker
        self._lock = lock
        self._name = LockName(worker, name)

    async def __aenter__(self) -> None:
        lock = self._lock
        # asyncio's locks are fair: while other tasks queue for a lock, it can't be acquired even if it is free.
        if not lock.locked() and not lock._waiters:
            await lock.acquire()
        else:
            with self._name.awaited():
                await self._worker.wait_async(State.LOCK, lock.acquire(), ready=lambda _: released_ns(lock))
        self._name.record_held(True)

    async def __aexit__(self, *_: object) -> None:
        self._name.record_held(False)
        record_release(self._lock)
        self._lock.release()


async def put(worker: Waiter, queue: Any, item: Any) -> None:
    """As `locks.put`."""
    if queue.full():
        await worker.wait_async(State.IO, queue.put((perf_counter_ns(), item)), ready=lambda _: None)
    else:
        queue.put_nowait((perf_counter_ns(), item))


async def get(worker: Waiter, queue: Any) -> Any:
    """As `locks.get`."""

    def ready(entry: Any) -> Optional[int]:
        put_ns: int = entry[0]
        return put_ns

    _, item = await worker.wait_async(State.IO, queue.get(), ready) if queue.empty() else queue.get_nowait()
    return item
