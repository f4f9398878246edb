"""The worker as an experiment's code sees it: its work, cut into chunks; its sleeps, locks and queues."""

from __future__ import annotations

import sys
from time import perf_counter_ns
from typing import Any, Iterator, Optional

from pconc_tui.protocol.block import (
    CHILDREN_CPU,
    CONTROL,
    DELAYS,
    GOT,
    HELPERS_CPU,
    ITERATIONS,
    LAST_RAN,
    PLAIN,
    PROCESS_CPU,
    PROGRESS,
    PUT,
    SLEEP_END,
    VALUE,
    State,
)
from pconc_tui.protocol.delay_histogram import bucket
from pconc_tui.worker import async_locks
from pconc_tui.worker.async_locks import AsyncHeldLock
from pconc_tui.worker.interruptible_sleep import InterruptibleSleep
from pconc_tui.worker.locks import HeldLock, NamedHeldLock, get, put
from pconc_tui.worker.recorder import LONGEST_NS, SHORTEST_NS
from pconc_tui.worker.waiter import Waiter

TIMER_SLACK_NS = 50_000 if sys.platform == "linux" else 0
"""The kernel ends a sleep so much later, to end several at once: its default (prctl(2), PR_SET_TIMERSLACK)."""


class Worker(Waiter):
    """What an experiment's code calls. The worker's own thread calls everything but `wake`."""

    def __init__(
        self,
        slot: memoryview,
        name: str,
        index: int,
        model: str,
        scale: float,
        endless: bool = False,
        team: int = 0,
        sleeper: Optional[InterruptibleSleep] = None,
    ) -> None:
        super().__init__(slot, model, sleeper)
        self.name = name
        self.index = index
        self.scale = scale
        """How much of the experiment's work to do: 1 is all of it, 0.1 a tenth."""
        self.team = team
        """How many workers were launched together; 0: this one was launched alone, to run until stopped."""
        self._endless = endless
        self._size = 1
        """Iterations in the next chunk."""

    # What an experiment calls.

    def rounds(self, n: int) -> Iterator[int]:
        """Count from 0 to `n` times the run's scale (at least 1), and publish the progress.

        A worker that runs until stopped counts again and again.
        """
        total = max(1, round(n * self.scale))
        while True:
            for done in range(total):
                yield done
                self._slot[PROGRESS] = (done + 1) * 1_000_000 // total
            if not self._endless:
                return

    def chunks(self, n: int, released: bool = False) -> Iterator[range]:
        """Cut `n` iterations of CPU work into ranges of about 100 µs; after each, record that the worker ran.

        `released`: each iteration calls code that releases the GIL while it computes.
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
            took = now - self._last_ran_ns
            self._last_ran_ns = now
            slot[ITERATIONS] = done = done + size
            n -= size
            if took >= LONGEST_NS or (n and took <= SHORTEST_NS):
                size = self._size = self._resized(size, took, now)
                chunk = range(size)
            if slot[CONTROL] != self._control:
                self._apply_control()

    def sleep(self, seconds: float) -> None:
        """Sleep for `seconds` times the run's scale, or until stopped."""
        end = self._start_sleep(seconds * self.scale)
        self._finish_sleep(end, self._sleeper.sleep(seconds * self.scale))

    async def sleep_async(self, seconds: float) -> None:
        """The same in a task; the event loop runs other tasks meanwhile."""
        end = self._start_sleep(seconds * self.scale)
        self._finish_sleep(end, await self._sleeper.sleep_async(seconds * self.scale))

    def heartbeat(self, seconds: float, counts: bool = True) -> None:
        """Sleep for `seconds`, whatever the scale, and record how much later than planned the worker ran again.

        `counts`: whether the delay belongs to what is measured.
        """
        end = self._start_sleep(seconds)
        self._finish_sleep(end, self._sleeper.sleep(seconds))
        if counts:
            self._record_delay(self._last_ran_ns - end)

    async def heartbeat_async(self, seconds: float, counts: bool = True) -> None:
        """The same in a task."""
        end = self._start_sleep(seconds)
        self._finish_sleep(end, await self._sleeper.sleep_async(seconds))
        if counts:
            self._record_delay(self._last_ran_ns - end)

    def holding(self, lock: Any, name: str = "") -> HeldLock:
        """`with worker.holding(lock):` is `with lock:`, recording the wait.

        With a name, a letter from A to Z, the worker also publishes that it waits for this lock or holds it.
        """
        return NamedHeldLock(self, lock, name) if name else HeldLock(self, lock)

    def holding_async(self, lock: Any, name: str = "") -> AsyncHeldLock:
        """The same in a task: `async with worker.holding_async(lock):`."""
        return AsyncHeldLock(self, lock, name)

    def put(self, queue: Any, item: Any) -> None:
        """`queue.put(item)`, recording the wait for room as I/O. None is not counted as an item: it marks the end."""
        put(self, queue, item)
        if item is not None:
            self._slot[PUT] += 1

    def get(self, queue: Any) -> Any:
        """`queue.get()`, recording the wait for an item as I/O."""
        item = get(self, queue)
        if item is not None:
            self._slot[GOT] += 1
        return item

    async def put_async(self, queue: Any, item: Any) -> None:
        """`await queue.put(item)` in a task."""
        await async_locks.put(self, queue, item)
        if item is not None:
            self._slot[PUT] += 1

    async def get_async(self, queue: Any) -> Any:
        """`await queue.get()` in a task."""
        item = await async_locks.get(self, queue)
        if item is not None:
            self._slot[GOT] += 1
        return item

    def show(self, value: int, plain: int) -> None:
        """Publish the shared counter and this worker's own copy of the plain one."""
        self._slot[VALUE] = value
        self._slot[PLAIN] = plain

    def show_value(self, value: int) -> None:
        """Publish the shared counter."""
        self._slot[VALUE] = value

    # What the lab calls.

    def begin(self) -> None:
        """Record the first instruction. Raises Stopped if the worker is already asked to stop."""
        self._record_start()
        self.check()

    def end(self) -> None:
        """Record the last instruction."""
        self._enter(State.ENDED)
        self._run_delay = None

    def publish_cpu(self, process_ns: int, thread_ns: int, children_ns: int) -> None:
        """Publish the CPU time of this process, which runs nothing but workers: of all threads, this one, children."""
        slot = self._slot
        slot[PROCESS_CPU], slot[HELPERS_CPU], slot[CHILDREN_CPU] = process_ns, process_ns - thread_ns, children_ns

    # How sleeps are recorded.

    def _start_sleep(self, seconds: float) -> int:
        now = self._enter(State.IO)
        end = self._slot[SLEEP_END] = now + int(seconds * 1e9)
        return end

    def _finish_sleep(self, end: int, woken: bool) -> None:
        now = perf_counter_ns()
        late_ns = 0 if self._shares_thread else self._runs_before_ns + TIMER_SLACK_NS
        self._resume(now, ready=now if woken else min(now, end + late_ns))
        self.check()

    def _record_delay(self, ns: int) -> None:
        slot = self._slot
        slot[DELAYS] = max(slot[DELAYS], ns)
        slot[DELAYS + 1 + bucket(max(0, ns))] += 1
