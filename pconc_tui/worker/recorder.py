"""How a worker notes when it ran: transitions in its slot, found from a clock and the thread's CPU time."""

from __future__ import annotations

import os
import sys
from threading import get_native_id
from time import perf_counter_ns, thread_time_ns
from typing import Callable

from pconc_tui.protocol.block import (
    CHUNK,
    CPU,
    CPU_BEFORE,
    GIL,
    HEAD,
    LAST_RAN,
    NATIVE_ID,
    PID,
    RING,
    RING_AT,
    SWITCH_INTERVAL,
    State,
    pack,
)

CHUNK_NS = 100_000
"""How long a chunk of CPU work should take."""
SHORTEST_NS, LONGEST_NS = CHUNK_NS * 4 // 5, CHUNK_NS * 3 // 2
"""A chunk that took less is made larger; one that took more is looked into: did the worker have to wait?"""
SHORTEST_WAIT_NS = CHUNK_NS // 4
"""A wait shorter than this is lost in the noise of a chunk's length, and counted as running."""

_gil_enabled: Callable[[], bool] = getattr(sys, "_is_gil_enabled", lambda: True)


class Recorder:
    """The only writer of a worker's slot, in the worker's own thread."""

    def __init__(self, slot: memoryview, model: str) -> None:
        self._slot = slot
        self._mode = State.RUNNING
        self._last = self._looked = self._cpu = self._clock = self._unbroken = 0
        # Whose GIL it needs: its process's, or that of the interpreter which only its thread runs.
        self._gil_of = NATIVE_ID if model.startswith("interpreter") else PID

    def _introduce(self) -> None:
        """Note the first instruction: who the worker is, and that it runs."""
        now = perf_counter_ns()
        self._slot[PID] = os.getpid()
        self._slot[NATIVE_ID] = get_native_id()
        self._slot[SWITCH_INTERVAL] = round(sys.getswitchinterval() * 1e9)
        self._back(now)
        self._slot[CPU_BEFORE] = self._clock
        self._write(now, self._mode)

    def _write(self, time_ns: int, state: State) -> None:
        slot = self._slot
        head = slot[HEAD]
        slot[RING_AT + head % RING] = pack(time_ns, state)
        slot[HEAD] = head + 1

    def _enter(self, state: State) -> int:
        """Note that the worker leaves off running, now."""
        now = perf_counter_ns()
        took = now - self._last
        if took > LONGEST_NS:
            self._ran_throughout(now, took, took)
        else:
            self._look(now)
        self._write(now, state)
        return now

    def _resume(self, now: int, ready: int) -> None:
        """Note that the worker runs again, having been ready to since `ready`."""
        if ready < now:
            self._write(ready, State.WAITING)
        self._write(self._back(now), self._mode)

    def _run_as(self, mode: State) -> None:
        """Note whether what follows, up to the next chunks of the other kind, needs the GIL to run."""
        if mode is not self._mode:
            now = self._enter(mode)
            self._mode = mode
            self._last = self._slot[LAST_RAN] = now

    def _back(self, now: int) -> int:
        """Begin to run: what CPU time the thread has used before is not this worker's."""
        self._clock = thread_time_ns()
        self._looked = self._last = self._slot[LAST_RAN] = now
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
        # no more ran than of the last one without.
        if took > SHORTEST_NS and not self._ran_throughout(now, took, max(CHUNK_NS, self._unbroken)):
            return size
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
