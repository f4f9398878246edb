"""Sleep as precisely as `time.sleep`, but interruptible from another thread."""

from __future__ import annotations

import select
from threading import Lock
from typing import Any, Coroutine, Tuple


class InterruptibleSleep:
    """The sleep of a thread: it waits with a timeout for a lock that only `wake` releases."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._lock.acquire()

    def sleep(self, seconds: float) -> bool:
        """Sleep; returns whether the sleep was ended by `wake`."""
        return self._lock.acquire(timeout=seconds)

    async def sleep_async(self, seconds: float) -> bool:
        """The same in a task."""
        raise NotImplementedError

    async def interruptible(self, awaited: Coroutine[Any, Any, Any]) -> Tuple[Any, bool]:
        """Await a coroutine: `(result, False)`, or `(None, True)` if `wake` ended the wait."""
        raise NotImplementedError

    def wake(self) -> None:
        """End the sleep, now or the next one."""
        if self._lock.locked():
            self._lock.release()


class PipeSleep(InterruptibleSleep):
    """The sleep of a thread in another interpreter, which can't share a lock: a byte in a pipe wakes it."""

    def __init__(self, fd: int) -> None:
        self._fd = fd

    def sleep(self, seconds: float) -> bool:
        return bool(select.select([self._fd], [], [], seconds)[0])
