"""The worker's probe: what an experiment's code calls."""

from __future__ import annotations

import sys
from time import perf_counter_ns
from typing import Any, Callable, Coroutine, Iterator, Optional

from pconc_tui.protocol.block import (
    AWAITED_LOCK,
    CONTROL,
    DELAYS,
    GOT,
    HELD_LOCKS,
    ITERATIONS,
    LAST_RAN,
    PLAIN,
    PROGRESS,
    PUT,
    REQUESTED_INTERVAL,
    SLEEP_END,
    SWITCH_INTERVAL,
    VALUE,
    State,
)
from pconc_tui.protocol.delay_histogram import bucket
from pconc_tui.worker import async_locks
from pconc_tui.worker.async_locks import AsyncHeldLock
from pconc_tui.worker.locks import HeldLock, NamedHeldLock, get, put
from pconc_tui.worker.recorder import LONGEST_NS, SHORTEST_NS, Recorder
from pconc_tui.worker.sleep import InterruptibleSleep


class Stopped(BaseException):
    """Raised in a worker's code where it is to stop."""


class Worker(Recorder):
    """One worker, as its own code sees it. Everything but `wake` is called by that worker alone."""

    def __init__(
        self,
        slot: memoryview,
        name: str,
        index: int,
        model: str,
        scale: float,
        endless: bool = False,
        team: int = 0,
        bed: Optional[InterruptibleSleep] = None,
    ) -> None:
        super().__init__(slot, model)
        self.name = name
        self.index = index
        self.model = model
        self.scale = scale
        self.team = team
        """How many workers were launched together; 0: it was launched alone, to run until stopped."""
        self._endless = endless
        self._size = 1
        self._seen = 0
        self._sleeper = bed or InterruptibleSleep()

    # What an experiment calls.

    def rounds(self, n: int) -> Iterator[int]:
        """Count from 0 to `n` times the run's scale (at least one), telling how far the work is.

        Where the worker is to run until stopped, over and over again.
        """
        total = max(1, round(n * self.scale))
        while True:
            for done in range(total):
                yield done
                self._slot[PROGRESS] = (done + 1) * 1_000_000 // total
            if not self._endless:
                return

    def chunks(self, n: int, released: bool = False) -> Iterator[range]:
        """Cut `n` iterations of CPU work into ranges of about 100 µs; after each, note that the worker ran.

        `released`: an iteration is a call of code that lets go of the GIL while it computes.
        """
        self._run_as(State.RELEASED if released else State.RUNNING)
        slot, clock = self._slot, perf_counter_ns
        done, size = slot[ITERATIONS], self._size
        chunk = range(size)
        while n > 0:
            if size > n:
                size = n
                chunk = range(n)
            yield chunk
            slot[LAST_RAN] = now = clock()
            took = now - self._last
            self._last = now
            slot[ITERATIONS] = done = done + size
            n -= size
            if took >= LONGEST_NS or (n and took <= SHORTEST_NS):
                size = self._size = self._resized(size, took, now)
                chunk = range(size)
            if slot[CONTROL] != self._seen:
                self._obey()

    def sleep(self, seconds: float) -> None:
        """Sleep for `seconds` times the run's scale, or until stopped."""
        end = self._start_sleep(seconds * self.scale)
        self._finish_sleep(end, self._sleeper.sleep(seconds * self.scale))

    async def sleep_async(self, seconds: float) -> None:
        """The same in a task: lets the others run meanwhile."""
        end = self._start_sleep(seconds * self.scale)
        self._finish_sleep(end, await self._sleeper.sleep_async(seconds * self.scale))

    def heartbeat(self, seconds: float) -> None:
        """Sleep for `seconds` at any scale, and tell how much later than planned the worker ran again."""
        end = self._start_sleep(seconds)
        self._finish_sleep(end, self._sleeper.sleep(seconds))
        self._note_delay(self._last - end)

    async def heartbeat_async(self, seconds: float) -> None:
        """The same in a task."""
        end = self._start_sleep(seconds)
        self._finish_sleep(end, await self._sleeper.sleep_async(seconds))
        self._note_delay(self._last - end)

    def holding(self, lock: Any, name: str = "") -> HeldLock:
        """`with worker.holding(lock):` is `with lock:` that tells of waiting for it.

        With a name, a letter from A to Z, it also tells who holds the lock.
        """
        return NamedHeldLock(self, lock, name) if name else HeldLock(self, lock)

    def holding_async(self, lock: Any, name: str = "") -> AsyncHeldLock:
        """The same in a task: `async with worker.holding_async(lock):`."""
        return AsyncHeldLock(self, lock, name)

    def put(self, queue: Any, item: Any) -> None:
        """`queue.put(item)` that tells of waiting for room, as I/O. None tells the other side of an end."""
        if put(self, queue, item) is not None:
            self._slot[PUT] += 1

    def get(self, queue: Any) -> Any:
        """`queue.get()` that tells of waiting for an item, as I/O."""
        item = get(self, queue)
        if item is not None:
            self._slot[GOT] += 1
        return item

    async def put_async(self, queue: Any, item: Any) -> None:
        """`await queue.put(item)` in a task."""
        if await async_locks.put(self, queue, item) is not None:
            self._slot[PUT] += 1

    async def get_async(self, queue: Any) -> Any:
        """`await queue.get()` in a task."""
        item = await async_locks.get(self, queue)
        if item is not None:
            self._slot[GOT] += 1
        return item

    def show(self, value: int, plain: int) -> None:
        """Tell what the shared counter and this worker's own copy of the plain one are now."""
        self._slot[VALUE] = value
        self._slot[PLAIN] = plain

    def show_value(self, value: int) -> None:
        """Tell what the shared counter is now."""
        self._slot[VALUE] = value

    def wait(self, state: State, attempt: Callable[[], Any], ready: Callable[[Any], Optional[int]]) -> Any:
        """Wait in this state until an attempt yields something, and tell of it; stop meanwhile if asked to.

        `attempt` takes a moment at most and yields None in vain; `ready` tells of what it yielded since when the worker
        could have gone on, None: only now.
        """
        start = self._enter(state)
        while True:
            yielded = attempt()
            now = perf_counter_ns()
            if yielded is not None:
                since = ready(yielded)
                self._resume(now, ready=now if since is None else max(start, since))
                return yielded
            if self._slot[CONTROL] != self._seen:
                self._resume(now, ready=now)
                self._obey()
                start = self._enter(state)

    async def wait_async(
        self, state: State, awaited: Coroutine[Any, Any, Any], ready: Callable[[Any], Optional[int]]
    ) -> Any:
        """The same in a task: await something that somebody else brings about."""
        start = self._enter(state)
        yielded, woken = await self._sleeper.undisturbed(awaited)
        now = perf_counter_ns()
        since = None if woken else ready(yielded)
        self._resume(now, ready=now if since is None else max(start, since))
        if woken:
            raise Stopped
        self.check()
        return yielded

    def holds(self, number: int, held: bool) -> None:
        """Note which of the locks with names the worker holds."""
        self._slot[HELD_LOCKS] = self._slot[HELD_LOCKS] & ~(1 << number) | held << number

    def wants(self, number: int) -> None:
        """Note which of the locks with names the worker waits for; 0: none."""
        self._slot[AWAITED_LOCK] = number

    def check(self) -> None:
        """Stop here if asked to."""
        if self._slot[CONTROL] != self._seen:
            self._obey()

    # What the lab calls.

    def begin(self) -> None:
        """Note the first instruction, and stop at once where that was asked for already."""
        self._introduce()
        self.check()

    def end(self) -> None:
        """Note the last instruction."""
        self._enter(State.ENDED)

    def wake(self) -> None:
        """End the worker's sleep, now or the next, so that it sees that it is to stop; called from outside."""
        self._sleeper.wake()

    # How the probe does it.

    def _start_sleep(self, seconds: float) -> int:
        now = self._enter(State.IO)
        end = self._slot[SLEEP_END] = now + int(seconds * 1e9)
        return end

    def _finish_sleep(self, end: int, woken: bool) -> None:
        now = perf_counter_ns()
        self._resume(now, ready=now if woken else end)
        self.check()

    def _note_delay(self, ns: int) -> None:
        slot = self._slot
        slot[DELAYS] = max(slot[DELAYS], ns)
        slot[DELAYS + 1 + bucket(max(0, ns))] += 1

    def _obey(self) -> None:
        self._seen = control = self._slot[CONTROL]
        if control & 1:
            raise Stopped
        sys.setswitchinterval(self._slot[REQUESTED_INTERVAL] / 1e9)
        self._slot[SWITCH_INTERVAL] = round(sys.getswitchinterval() * 1e9)
