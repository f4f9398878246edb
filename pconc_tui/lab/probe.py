"""The worker's probe: what an experiment's code calls, and how a worker knows when it ran."""

from __future__ import annotations

import os
import sys
from queue import Empty, Full
from threading import get_native_id
from time import perf_counter_ns, thread_time_ns
from typing import Any, Callable, Dict, Iterator, Optional

from pconc_tui.block import (
    BEAT,
    CHUNK,
    CONTROL,
    CPU,
    DELAYS,
    GIL,
    GOT,
    HEAD,
    HOLDS,
    INTERVAL,
    ITERATIONS,
    NATIVE_ID,
    PID,
    PLAIN,
    PROGRESS,
    PUT,
    RING,
    RING_AT,
    SLEEP_END,
    SWITCH,
    VALUE,
    WANTS,
    State,
    pack,
)
from pconc_tui.delays import bucket
from pconc_tui.lab.bed import Bed

CHUNK_NS = 100_000
"""How long a chunk of CPU work should take."""
SHORTEST_NS, LONGEST_NS = CHUNK_NS // 2, CHUNK_NS * 3 // 2
"""A chunk that took less is made larger; one that took more is looked into: did the worker have to wait?"""
SHORTEST_WAIT_NS = CHUNK_NS // 4
"""A wait shorter than this is lost in the noise of a chunk's length, and counted as running."""
LOCK_LOOK_S = 0.25
"""How often a worker that waits for a lock or at a queue looks whether it is to stop."""

_gil_enabled: Callable[[], bool] = getattr(sys, "_is_gil_enabled", lambda: True)

# When each lock was last released in this process: what a waiter needs to tell its wait for the lock from the wait
# for the GIL that follows. Locks take no attributes, hence by id; they live as long as their experiment does.
_released: Dict[int, int] = {}


class Stopped(BaseException):
    """Raised in a worker's code where it is to stop."""


class Worker:
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
        bed: Optional[Bed] = None,
    ) -> None:
        self.name = name
        self.index = index
        self.model = model
        self.scale = scale
        self.team = team
        """How many workers were launched together; 0: it was launched alone, to run until stopped."""
        self._endless = endless
        self._slot = slot
        self._size = 1
        self._mode = State.RUNNING
        self._seen = 0
        self._last = self._looked = self._cpu = self._clock = self._unbroken = 0
        self._bed = bed or Bed()
        # Whose GIL it needs: its process's, or that of the interpreter which only its thread runs.
        self._gil_of = NATIVE_ID if model.startswith("interpreter") else PID

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
            slot[BEAT] = now = clock()
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
        end = self._lie_down(seconds * self.scale)
        self._get_up(end, self._bed.sleep(seconds * self.scale))

    async def sleep_async(self, seconds: float) -> None:
        """The same in a task: lets the others run meanwhile."""
        end = self._lie_down(seconds * self.scale)
        self._get_up(end, await self._bed.sleep_async(seconds * self.scale))

    def heartbeat(self, seconds: float) -> None:
        """Sleep for `seconds` at any scale, and tell how much later than planned the worker ran again."""
        end = self._lie_down(seconds)
        self._get_up(end, self._bed.sleep(seconds))
        self._note_delay(self._last - end)

    async def heartbeat_async(self, seconds: float) -> None:
        """The same in a task."""
        end = self._lie_down(seconds)
        self._get_up(end, await self._bed.sleep_async(seconds))
        self._note_delay(self._last - end)

    def holding(self, lock: Any, name: str = "") -> _Holding:
        """`with worker.holding(lock):` is `with lock:` that tells of waiting for it.

        With a name, a letter from A to Z, it also tells who holds the lock.
        """
        return _HoldingNamed(self, lock, ord(name) - ord("A") + 1) if name else _Holding(self, lock)

    def put(self, queue: Any, item: Any) -> None:
        """`queue.put(item)` that tells of waiting for room, as I/O. None tells the other side of an end."""
        try:
            queue.put_nowait((perf_counter_ns(), item))
        except Full:
            self._wait_at(lambda: queue.put((perf_counter_ns(), item), True, LOCK_LOOK_S))
        if item is not None:
            self._slot[PUT] += 1

    def get(self, queue: Any) -> Any:
        """`queue.get()` that tells of waiting for an item, as I/O."""
        try:
            _, item = queue.get_nowait()
        except Empty:
            _, item = self._wait_at(lambda: queue.get(True, LOCK_LOOK_S))
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

    def check(self) -> None:
        """Stop here if asked to."""
        if self._slot[CONTROL] != self._seen:
            self._obey()

    # What the lab calls.

    def begin(self) -> None:
        """Note the first instruction: who the worker is, and that it runs."""
        now = perf_counter_ns()
        self._slot[PID] = os.getpid()
        self._slot[NATIVE_ID] = get_native_id()
        self._slot[SWITCH] = round(sys.getswitchinterval() * 1e9)
        self._write(self._back(now), self._mode)
        self.check()

    def end(self) -> None:
        """Note the last instruction."""
        now = perf_counter_ns()
        self._enter(now, State.ENDED)

    def wake(self) -> None:
        """End the worker's sleep, now or the next, so that it sees that it is to stop; called from outside."""
        self._bed.wake()

    # How the probe does it.

    def _lie_down(self, seconds: float) -> int:
        now = perf_counter_ns()
        end = self._slot[SLEEP_END] = now + int(seconds * 1e9)
        self._enter(now, State.IO)
        return end

    def _get_up(self, end: int, woken: bool) -> None:
        now = perf_counter_ns()
        self._resume(now, ready=now if woken else end)
        self.check()

    def _note_delay(self, ns: int) -> None:
        slot = self._slot
        slot[DELAYS] = max(slot[DELAYS], ns)
        slot[DELAYS + 1 + bucket(max(0, ns))] += 1

    def _write(self, time_ns: int, state: State) -> None:
        slot = self._slot
        head = slot[HEAD]
        slot[RING_AT + head % RING] = pack(time_ns, state)
        slot[HEAD] = head + 1

    def _enter(self, now: int, state: State) -> None:
        """Note that the worker leaves off running."""
        took = now - self._last
        if took > LONGEST_NS:
            self._ran_throughout(now, took, took)
        else:
            self._look(now)
        self._write(now, state)

    def _resume(self, now: int, ready: int) -> None:
        """Note that the worker runs again, having been ready to since `ready`."""
        if ready < now:
            self._write(ready, State.WAITING)
        self._write(self._back(now), self._mode)

    def _run_as(self, mode: State) -> None:
        """Note whether what follows, up to the next chunks of the other kind, needs the GIL to run."""
        if mode is not self._mode:
            now = perf_counter_ns()
            self._enter(now, mode)
            self._mode = mode
            self._last = self._slot[BEAT] = now

    def _back(self, now: int) -> int:
        """Begin to run: what CPU time the thread has used before is not this worker's."""
        self._clock = thread_time_ns()
        self._looked = self._last = self._slot[BEAT] = now
        self._slot[GIL] = self._slot[self._gil_of] if _gil_enabled() else 0
        return now

    def _look(self, now: int) -> int:
        """Read the thread's CPU clock: the CPU time in ns since the last look."""
        clock = thread_time_ns()
        used = clock - self._clock
        self._clock = clock
        self._cpu += used
        self._slot[CPU] = self._cpu
        self._looked = now
        self._slot[GIL] = self._slot[self._gil_of] if _gil_enabled() else 0
        return used

    def _resized(self, size: int, took: int, now: int) -> int:
        """The size for the next chunk after one of this size that took unusually short or long."""
        # Waiting costs CPU as well (waking up once a switch interval to ask for the GIL), so of a chunk with a wait
        # no more ran than of the longest one without.
        if took > SHORTEST_NS and not self._ran_throughout(now, took, max(CHUNK_NS, self._unbroken)):
            return self._size
        self._slot[CHUNK] = took
        return max(1, min(size * 8, size * CHUNK_NS // max(1, took)))

    def _ran_throughout(self, now: int, took: int, most: int) -> bool:
        """Whether the last `took` ns were CPU time; if not, note the wait in their middle, `most` ns of them running.

        All time from the last look to the beginning of the gap was running, so what CPU time there is beyond it
        was used within the gap; on average half of it before the wait and half after. What has let go of the GIL
        waits for it at the end.
        """
        ran_before = now - took - self._looked
        ran_within = min(took, max(0, self._look(now) - ran_before))
        if took - ran_within < SHORTEST_WAIT_NS:
            self._unbroken = took
            return True
        if self._mode is State.RELEASED:
            ran_after = 0
        else:
            ran_within = min(ran_within, most)
            ran_after = ran_within // 2
        self._write(now - took + ran_within - ran_after, State.WAITING)
        self._write(now - ran_after, self._mode)
        return False

    def _obey(self) -> None:
        self._seen = control = self._slot[CONTROL]
        if control & 1:
            raise Stopped
        sys.setswitchinterval(self._slot[INTERVAL] / 1e9)
        self._slot[SWITCH] = round(sys.getswitchinterval() * 1e9)

    def holds(self, number: int, held: bool) -> None:
        """Note which of the locks with names the worker holds."""
        self._slot[HOLDS] = self._slot[HOLDS] & ~(1 << number) | held << number

    def wants(self, number: int) -> None:
        """Note which of the locks with names the worker waits for; 0: none."""
        self._slot[WANTS] = number

    def _wait_at(self, move: Callable[[], Any]) -> Any:
        """Put or get where that has to wait, and note the wait."""
        start = perf_counter_ns()
        self._enter(start, State.IO)
        while True:
            try:
                moved = move()
            except (Empty, Full):
                if self._slot[CONTROL] != self._seen:
                    now = perf_counter_ns()
                    self._resume(now, ready=now)
                    self._obey()
                    start = perf_counter_ns()
                    self._enter(start, State.IO)
                continue
            now = perf_counter_ns()
            # A thread can go on from the moment when its item is put; a process not before it has come through a pipe.
            at_once = moved is not None and not self.model.startswith("process")
            self._resume(now, ready=max(start, moved[0]) if at_once else now)
            return moved

    def wait_for(self, lock: Any) -> None:
        """Take a lock that somebody else holds, and note the wait."""
        start = perf_counter_ns()
        self._enter(start, State.LOCK)
        while not lock.acquire(True, LOCK_LOOK_S):
            if self._slot[CONTROL] != self._seen:
                now = perf_counter_ns()
                self._resume(now, ready=now)
                self._obey()
                start = perf_counter_ns()
                self._enter(start, State.LOCK)
        now = perf_counter_ns()
        self._resume(now, ready=max(start, _released.get(id(lock), now)))


class _Holding:
    def __init__(self, worker: Worker, lock: Any) -> None:
        self._worker = worker
        self._lock = lock

    def __enter__(self) -> None:
        if not self._lock.acquire(False):
            self._worker.wait_for(self._lock)

    def __exit__(self, *_: object) -> None:
        _released[id(self._lock)] = perf_counter_ns()
        self._lock.release()


class _HoldingNamed(_Holding):
    def __init__(self, worker: Worker, lock: Any, number: int) -> None:
        super().__init__(worker, lock)
        self._number = number

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
