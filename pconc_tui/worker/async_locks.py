"""Waiting for others in a task, whose event loop runs the others meanwhile: locks and queues of `asyncio`."""

from __future__ import annotations

from time import perf_counter_ns
from typing import TYPE_CHECKING, Any, Optional

from pconc_tui.protocol.block import State
from pconc_tui.worker.locks import Named, released, released_ns

if TYPE_CHECKING:
    from pconc_tui.worker.worker import Worker


class AsyncHeldLock:
    """A lock held: `async with lock:` that tells of waiting for it."""

    def __init__(self, worker: Worker, lock: Any, name: str) -> None:
        self._worker = worker
        self._lock = lock
        self._named = Named(worker, name)

    async def __aenter__(self) -> None:
        lock = self._lock
        # While others queue it can't be had even if nobody holds it: asyncio's locks are fair.
        if not lock.locked() and not lock._waiters:
            await lock.acquire()
        else:
            with self._named.wanted():
                await self._worker.wait_async(State.LOCK, lock.acquire(), ready=lambda _: released_ns(lock))
        self._named.held(True)

    async def __aexit__(self, *_: object) -> None:
        self._named.held(False)
        released(self._lock)
        self._lock.release()


async def put(worker: Worker, queue: Any, item: Any) -> Any:
    """As `waiting.put`."""
    if queue.full():
        await worker.wait_async(State.IO, queue.put((perf_counter_ns(), item)), ready=lambda _: None)
    else:
        queue.put_nowait((perf_counter_ns(), item))
    return item


async def get(worker: Worker, queue: Any) -> Any:
    """As `waiting.get`."""

    def ready(moved: Any) -> Optional[int]:
        since: int = moved[0]
        return since

    _, item = await worker.wait_async(State.IO, queue.get(), ready) if queue.empty() else queue.get_nowait()
    return item
