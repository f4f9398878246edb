"""Where workers sleep: for exactly as long as asked, unless they are woken to stop."""

from __future__ import annotations

import asyncio
import select
from threading import Lock
from typing import Optional


class Bed:
    """Of a thread. A lock that nobody releases sleeps as `time.sleep` does, but can be woken."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._lock.acquire()

    def sleep(self, seconds: float) -> bool:
        """Sleep; whether it was woken."""
        return self._lock.acquire(timeout=seconds)

    async def sleep_async(self, seconds: float) -> bool:
        """The same for tasks."""
        raise NotImplementedError

    def wake(self) -> None:
        """End the sleep, now or the next."""
        if self._lock.locked():
            self._lock.release()


class PipeBed(Bed):
    """Of a thread in another interpreter, which no lock of this one can reach."""

    def __init__(self, fd: int) -> None:
        self._fd = fd

    def sleep(self, seconds: float) -> bool:
        return bool(select.select([self._fd], [], [], seconds)[0])


class TaskBed(Bed):
    """Of a task, whose event loop runs the others meanwhile."""

    def __init__(self) -> None:
        self._waking: Optional[asyncio.Event] = None
        self._woken = False

    async def sleep_async(self, seconds: float) -> bool:
        if not self._woken:
            self._waking = asyncio.Event()
            timer = asyncio.get_running_loop().call_later(seconds, self._waking.set)
            await self._waking.wait()
            timer.cancel()
        return self._woken

    def wake(self) -> None:
        self._woken = True
        if self._waking is not None:
            self._waking.set()
