"""Records when a worker ran, by two clocks: the time after each chunk of work, and its thread's CPU time where needed.

`Worker.chunks` cuts CPU work into chunks of about 100 µs and stores the time in `LAST_RAN` after each. While chunks end
in close succession, the worker runs and no transition is written. A chunk that took longer than `LONGEST_NS` has a gap:
the worker waited, or its code was slow. The thread's CPU clock decides; reading it is a system call, so it is read only
then. An example:

    10.00 ms   transition RUNNING; the CPU clock reads 3.00 ms
    14.00 ms   a chunk ends: 4.00 ms of running since the clock was read
    19.10 ms   the next chunk ends, 5.10 ms later; the CPU clock reads 7.10 ms

Of 4.10 ms of CPU time 4.00 ms were used before the long chunk, so 0.10 ms were used in it, and the worker waited for
5.00 ms. Half of the CPU time in the chunk counts as used before the wait and half as used after it, so the transitions
are WAITING at 14.05 ms and RUNNING at 19.05 ms. Had the clock read 12.10 ms, the worker would have run all the time.
What the worker waited for, a core or the GIL, is decided later, from the lanes of the other workers (`timeline`). Only
of code that releases the GIL these don't show that: there a thread that shares its GIL reads how long it waited for a
core (`run_delay`), and records the rest of the wait as waiting for the GIL:

    14.05 ms   the wait of 5.00 ms begins; the thread has waited for a core for 2.00 ms
               so the transitions are CORE_WAIT at 14.05 ms, GIL_WAIT at 16.05 ms and RELEASED at 19.05 ms

A worker that shares its GIL with no other reads that clock too, after each wait: it was blocked (a page had to be read,
an item had not come through its pipe yet), woken up, and waited for a core; what it ran before it went on, to take an
item out, its CPU clock shows. Example of a sleep or a wait that begins at 20.00 ms and is over at 30.00 ms:

    30.00 ms   the thread has waited for a core for 2.00 ms and run for 0.10 ms since
               so the transitions are IO at 20.00 ms, CORE_WAIT at 27.90 ms and RUNNING at 29.90 ms

One that shares its GIL needs that as well as a core when its wait is over, so the lanes of others explain that part.
How long it had no core before that, the clock says too: `core_waits` shows where in the wait that was. To block, it
gives up the GIL, which wakes up another thread, and so still runs for some 10 us after it has entered a wait: for half
of what its CPU clock counts in its waits, on average. That is taken to be as long each time, since a wait is recorded
before it begins.
"""

from __future__ import annotations

import os
import sys
from threading import get_native_id
from time import perf_counter_ns, thread_time_ns
from typing import Optional

from pconc_tui.protocol.block import (
    CHUNK,
    CPU,
    CPU_BEFORE,
    GIL,
    HEAD,
    LAST_RAN,
    NATIVE_ID,
    PID,
    RELEASING_NS,
    RING,
    RING_AT,
    SWITCH_INTERVAL,
    State,
    pack,
)
from pconc_tui.worker import run_delay
from pconc_tui.worker.core_waits import Wait, placed
from pconc_tui.worker.run_delay import NONE, Switches, gil_enabled

CHUNK_NS = 100_000
"""How long a chunk of CPU work should take."""
SHORTEST_NS, LONGEST_NS = CHUNK_NS * 4 // 5, CHUNK_NS * 3 // 2
"""A shorter chunk is made larger; a longer one is checked for a wait."""
MOST_BEFORE_NS = CHUNK_NS
"""A thread that enters a wait runs for no longer than this before it blocks."""
KEPT = 7 / 8
"""Of the average so far this part is kept with each wait."""
SHORTEST_WAIT_NS = CHUNK_NS // 4
"""A shorter wait can't be distinguished from a chunk's varying duration, and counts as running."""


class Recorder:
    """The only writer of a worker's slot; runs in the worker's own thread."""

    def __init__(self, slot: memoryview, model: str) -> None:
        self._slot = slot
        self._running_state = State.RUNNING
        self._last_ran_ns = 0
        self._cpu_ns = 0
        """CPU time of this worker, as published."""
        self._cpu_clock_ns = self._cpu_read_ns = 0
        """What the thread's CPU clock read, and when."""
        self._unbroken_ns = 0
        """The duration of the last long chunk without a wait."""
        # A GIL is identified by its process, or by the thread of an interpreter that has its own.
        self._gil_word = NATIVE_ID if model.startswith("interpreter") else PID
        self._shares_gil = model.startswith("thread")
        self._shares_thread = model == "asyncio"
        self._run_delay: Optional[run_delay.RunDelay] = None
        """None: it is not needed, or there is none. Where other workers need the GIL: only in code that releases it."""
        self._entered = State.IO
        self._entered_ns = 0
        """The wait that it last entered, and when."""
        self._waits = 0
        """How many it has entered since it ran, as one can consist of several."""
        self._runs_before_ns = 0
        """For how long it runs on when it enters a wait."""
        self._written_ns = 0
        """The time of the last transition."""

    def _record_start(self) -> None:
        """Record the first instruction, and which process and thread the worker is in."""
        now = perf_counter_ns()
        self._slot[PID] = os.getpid()
        self._slot[NATIVE_ID] = get_native_id()
        self._slot[SWITCH_INTERVAL] = round(sys.getswitchinterval() * 1e9)
        self._start_running(now)
        self._slot[CPU_BEFORE] = self._cpu_clock_ns
        if self._is_alone:
            self._run_delay = run_delay.run_delay()
            self._core_waited_ns()
            self._switches()
        self._write(now, self._running_state)

    @property
    def _is_alone(self) -> bool:
        """Whether no other worker needs its GIL, or runs in its thread."""
        return not self._shares_thread and not (self._shares_gil and self._slot[GIL])

    @property
    def knows_core_waits(self) -> bool:
        """Whether all that it waited for a core, in any wait, follows from clocks."""
        return self._run_delay is not None and self._is_alone

    def _read_clocks_with_gil(self) -> None:
        """Read the clocks of a thread that shares its GIL, before it blocks."""
        if self._shares_gil and self._slot[GIL]:
            if self._run_delay is None:
                self._run_delay = run_delay.run_delay_with_gil()
            self._core_waited_ns()
            self._switches()

    def _write(self, time_ns: int, state: State) -> None:
        """Record a transition; not before the last one."""
        slot = self._slot
        if time_ns < self._written_ns:
            time_ns = self._written_ns
        self._written_ns = time_ns
        head = slot[HEAD]
        slot[RING_AT + head % RING] = pack(time_ns, state)
        slot[HEAD] = head + 1

    def _enter(self, state: State) -> int:
        """Record that the worker stops running and enters this state, now; returns the time in ns."""
        if self._shares_gil and self._running_state is State.RUNNING:
            if state is not State.ENDED:
                self._read_clocks_with_gil()
        elif perf_counter_ns() - self._last_ran_ns <= LONGEST_NS:
            self._core_waited_ns()
        # A system call is where a thread is most likely to lose its core: what is read later may count this wait too.
        now = perf_counter_ns()
        self._enter_at(now, state)
        return now

    def _enter_at(self, now: int, state: State) -> None:
        """The same for this time, in ns."""
        took = now - self._last_ran_ns
        if took > LONGEST_NS:
            self._ran_throughout(now, took, took)
        else:
            self._read_cpu_clock(now)
        self._waits = 0
        self._enter_wait(now, state)

    def _enter_wait(self, now: int, state: State) -> None:
        """Record that it begins to wait in this state, at this time in ns at the earliest."""
        self._waits += 1
        if state in (State.IO, State.LOCK):
            now += self._runs_before_ns
        self._write(now, state)
        self._entered, self._entered_ns = state, self._written_ns

    def _resume(self, now: int, ready: int) -> None:
        """Record that the worker runs again at `now`, and that it was ready to run from `ready` on (both in ns)."""
        runs = now
        if self.knows_core_waits:
            waited_ns = self._core_waited_ns()  # First: what follows are system calls.
            self._switches()
            used_ns = self._used_until(now)
            # The clocks count what was before the wait too, but a sleep has not ended before its planned end.
            earliest = ready if ready < now else self._entered_ns
            runs = max(earliest, now - used_ns)
            ready = max(earliest, runs - waited_ns)
            if runs - ready >= SHORTEST_WAIT_NS:
                self._write(ready, State.CORE_WAIT)
            self._last_ran_ns = self._slot[LAST_RAN] = now
        else:
            if self._run_delay is not None:
                blocked, ready = self._placed(ready, now)
                self._write_core_loss(blocked)
            if ready < now:
                self._write(ready, State.WAITING)
            clock_ns = self._cpu_clock_ns
            self._start_running(now)
            if self._shares_gil:
                self._learn_runs_before(self._cpu_clock_ns - clock_ns)
        self._write(runs, self._running_state)

    def _used_until(self, now: int) -> int:
        """Read the CPU clock, some us after `now`; returns the CPU time in ns until then, since it was last read."""
        used_ns = self._read_cpu_clock(now)
        late_ns = perf_counter_ns() - now
        if late_ns >= LONGEST_NS:
            return used_ns  # It has lost its core meanwhile.
        self._cpu_clock_ns -= late_ns
        self._cpu_ns -= late_ns
        return used_ns - late_ns

    def _placed(self, ready: int, now: int) -> Wait:
        """When it blocked and could have gone on in the wait that ends now."""
        waited_ns = self._core_waited_ns()
        return placed(self._entered_ns, ready, now, waited_ns, self._switches(), self._entered is State.LOCK)

    def _write_core_loss(self, blocked: int) -> None:
        """Record that in the wait that it is in, the worker had no core at first, and blocked at this time in ns."""
        if blocked - self._entered_ns >= SHORTEST_WAIT_NS:
            self._write(self._entered_ns + RELEASING_NS, State.CORE_WAIT)
            self._write(blocked, self._entered)

    def _run_as(self, state: State) -> None:
        """Record whether the code that follows, up to the next call, is `RUNNING` or has `RELEASED` the GIL."""
        if state is not self._running_state:
            now = self._enter(state)
            self._running_state = state
            self._read_clocks_with_gil()
            self._last_ran_ns = self._slot[LAST_RAN] = now
            self._core_waited_ns()

    def _learn_runs_before(self, used_ns: int) -> None:
        """Its last waits used so much CPU time: half of that before it blocked, and half when it was woken up."""
        before_ns = min(MOST_BEFORE_NS, used_ns // (2 * max(1, self._waits)))
        self._runs_before_ns = round(KEPT * self._runs_before_ns + (1 - KEPT) * before_ns)

    def _start_running(self, now: int) -> None:
        """Start measuring at `now`, in ns: CPU time that the thread used before is not this worker's."""
        self._cpu_clock_ns = thread_time_ns()
        self._cpu_read_ns = self._last_ran_ns = self._slot[LAST_RAN] = now
        self._slot[GIL] = self._slot[self._gil_word] if gil_enabled() else 0

    def _read_cpu_clock(self, now: int) -> int:
        """Read the thread's CPU clock, and publish it; returns the CPU time in ns since it was last read."""
        clock = thread_time_ns()
        used = clock - self._cpu_clock_ns
        self._cpu_clock_ns = clock
        self._cpu_ns += used
        self._slot[CPU] = self._cpu_ns
        self._cpu_read_ns = now
        self._slot[GIL] = self._slot[self._gil_word] if gil_enabled() else 0
        return used

    def _resized(self, size: int, took: int, now: int) -> int:
        """The size of the next chunk, after one of this size took unusually short or long: `took` ns."""
        # A wait costs CPU time too: the thread wakes up once a switch interval to request the GIL. So of a chunk with a
        # wait, no more counts as running than the last long chunk without one took.
        if took > SHORTEST_NS and not self._ran_throughout(now, took, max(CHUNK_NS, self._unbroken_ns)):
            return size
        self._slot[CHUNK] = took
        return max(1, min(size * 8, size * CHUNK_NS // max(1, took)))

    def _ran_throughout(self, now: int, took: int, most: int) -> bool:
        """Whether the last `took` ns were CPU time; if not, record a wait within them and at most `most` ns of running.

        Code that released the GIL waits for it when it is done, so its wait is at the end rather than in the middle.
        """
        ran_before = now - took - self._cpu_read_ns
        ran_ns = self._read_cpu_clock(now) - ran_before
        ran_within = min(took, max(0, ran_ns))
        if ran_ns < 0 and self.knows_core_waits:
            # Waits within chunks that were not long were shown as running: what is left of them is in the next wait.
            self._cpu_read_ns += ran_ns
        if took - ran_within < SHORTEST_WAIT_NS:
            self._unbroken_ns = took
            return True
        if self.knows_core_waits:
            ran_after = ran_within // 2
            self._write_blocked(now - took + ran_within - ran_after, now - ran_after)
        elif self._running_state is State.RELEASED:
            self._write_waits(now - took + ran_within, now)
            ran_after = 0
        else:
            ran_within = min(ran_within, most)
            ran_after = ran_within // 2
            self._write(now - took + ran_within - ran_after, State.WAITING)
        self._write(now - ran_after, self._running_state)
        return False

    def _write_waits(self, start: int, end: int) -> None:
        """Record that code which releases the GIL waited, between these times in ns: for a core, then for the GIL."""
        if self._run_delay is None:
            self._write(start, State.WAITING)
            return
        taken = min(end, start + self._core_waited_ns())
        if taken - start >= SHORTEST_WAIT_NS:
            self._write(start, State.CORE_WAIT)
            start = taken
        if end - start >= SHORTEST_WAIT_NS:
            self._write(start, State.GIL_WAIT)

    def _write_blocked(self, start: int, end: int) -> None:
        """Record that a worker that is alone was blocked between these times in ns, and then waited for a core.

        A thread that was not blocked had no core all the time, also where the clock counts less: it was seen to.
        """
        ready = max(start, end - self._core_waited_ns())
        if not self._switches().blocked or ready - start < SHORTEST_WAIT_NS:
            ready = start
        else:
            self._write(start, State.IO)
        if end - ready >= SHORTEST_WAIT_NS:
            self._write(ready, State.CORE_WAIT)

    def _switches(self) -> Switches:
        """How often the thread has left its core since the last call; 0 where that is not needed."""
        return NONE if self._run_delay is None else self._run_delay.switches()

    def _core_waited_ns(self) -> int:
        """How long the thread has waited for a core since the last call; 0 where that is not needed."""
        return 0 if self._run_delay is None else self._run_delay.growth_ns()
