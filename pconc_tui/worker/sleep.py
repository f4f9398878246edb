"""Where workers sleep: for exactly as long as asked, unless they are woken to stop."""

from __future__ import annotations

import select
from threading import Lock
from typing import Any, Coroutine, Tuple


class InterruptibleSleep:
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

    async def undisturbed(self, awaited: Coroutine[Any, Any, Any]) -> Tuple[Any, bool]:
        """Await this; what it yielded, and whether the worker was woken instead."""
        raise NotImplementedError

    def wake(self) -> None:
        """End the sleep, now or the next."""
        if self._lock.locked():
            self._lock.release()


class PipeSleep(InterruptibleSleep):
    """Of a thread in another interpreter, which no lock of this one can reach."""

    def __init__(self, fd: int) -> None:
        self._fd = fd

    def sleep(self, seconds: float) -> bool:
        return bool(select.select([self._fd], [], [], seconds)[0])
