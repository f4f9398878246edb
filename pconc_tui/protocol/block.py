"""The shared block: how workers publish what they do, without a lock or a system call.

The block is memory that the lab, the sampler and the monitor map. Each worker has a slot of `SLOT_WORDS` signed 64-bit
words, written by that worker alone: `HEADER_WORDS` named below, the delay histogram, and a ring of `RING` transitions.
A transition is one word, `time_ns << 5 | mixed << 4 | state`: from that time on, by `time.perf_counter_ns`, which is
one clock for all processes, the worker is in that state until the next transition. So spans neither overlap nor leave
holes. Only the sampler sets `mixed`: how long the worker was in these states is known, the order of the states is not.

The writer stores the word, then increments `HEAD`. With a ring of 4 words (it really has 16384):

    HEAD = 3   ring: [10 RUNNING] [15 WAITING] [20 RUNNING] [ 0 ]          a reader at 1 takes numbers 1 and 2
    HEAD = 6   ring: [30 RUNNING] [35 IO     ] [20 RUNNING] [25 WAITING]   numbers 0 and 1 are overwritten

At the second call that reader is at 3. Number 6 will overwrite number 2, perhaps right now, so 3 is the oldest that is
safe to read. A reader at 0 would have lost 0 to 2; `transitions` counts these.

An aligned 64-bit store is never seen half-done, but no lock orders two stores. x86-64 makes them visible in program
order. aarch64 may show the new `HEAD` before the word, so the reader finds there what the word held before: 0 in the
first lap, a transition of the previous lap or of the slot's previous worker later on. The times of one writer never
decrease, so a word older than its predecessor is not visible yet: `transitions` stops before it, and the next call
reads it. When the event "ended" has come through its pipe, all transitions are visible: system calls order stores.

The header has no such check. `LAST_RAN` is stored before `HEAD` and read before it, so that it is not newer than the
transitions read with it; if it is newer after all, a running span reaches too far until the next frame. `GIL` is stored
before `HEAD` and read after it; if it is late, the worker's first run is missing from the hand-offs. So is `CPU`; if
it is late, a sampled lane's last stretch is corrected by too little. All other words are independent figures: a late
store shows the previous value for one frame.
"""

from __future__ import annotations

import mmap
import os
from enum import IntEnum
from typing import Any, List, Tuple

from pconc_tui.protocol.delay_histogram import BUCKETS

SLOTS = 256
HEADER_WORDS = 29
RING = 16384
"""A thread that is recorded may have 10,000 transitions from one reading of the records to the next."""
DELAYS = HEADER_WORDS
"""Where a slot's delay histogram begins: the longest delay in ns, then the count of each bucket."""
DELAY_WORDS = 1 + BUCKETS
RING_AT = DELAYS + DELAY_WORDS
SLOT_WORDS = RING_AT + RING
SLOT_BYTES = SLOT_WORDS * 8

UNSET = -(1 << 63)
"""A counter that has not been written yet."""


class State(IntEnum):
    """What a worker is doing. It records `WAITING` itself; the timeline makes `GIL_WAIT` or `CORE_WAIT` of it."""

    STARTING = 0
    RUNNING = 1
    WAITING = 2
    IO = 3
    LOCK = 4
    ENDED = 5
    RELEASED = 8
    """Running code that has released the GIL."""
    GIL_WAIT = 6
    CORE_WAIT = 7
    UNKNOWN = 9
    """Sampled without a result."""
    ASKING = 10
    """Running for a moment to ask for the GIL: its wait has lasted a switch interval, so it sends a drop request."""
    BLOCKED_WITH_GIL = 11
    """Blocked without having released the GIL: in a call of C code that keeps it, or for a page of memory."""


STATES = {state.value: state for state in State}
"""Faster than `State(value)`, which takes most of the time to unpack a transition."""
WITHOUT_GIL = frozenset({State.RELEASED, State.ASKING})
"""The states in which it runs without the GIL that it needs."""
RUNS = WITHOUT_GIL | {State.RUNNING}
"""The states in which it runs."""
BLOCKED = frozenset({State.IO, State.LOCK, State.BLOCKED_WITH_GIL})
"""The states in which it waits for something other than a core or the GIL."""
KEEPS_GIL = frozenset({State.CORE_WAIT, State.BLOCKED_WITH_GIL})
"""The states in which a worker that ran with the GIL still holds it."""

RELEASING_NS = 1
"""A worker that has released its GIL and has no core is in the wait that it begins, or `RELEASED`, for this long first:
one that goes from `RUNNING` to `CORE_WAIT` still holds it."""


# Header words of a slot. The first three are written by the lab or the monitor, the others by the worker.
LAUNCHED = 0  # ns: when its launch began (written by the lab, before the worker starts)
CONTROL = 1  # bit 0: stop; above it: a count of changes of REQUESTED_INTERVAL (written by the monitor)
STOP = 1  # bit of CONTROL
REQUESTED_INTERVAL = 2  # ns: the requested switch interval (written by the monitor)
PID = 3
NATIVE_ID = 4
ITERATIONS = 5
LAST_RAN = 6  # ns: when the worker last recorded that it ran; before HEAD, see above
HEAD = 7  # transitions written so far
GIL = 8  # the GIL it needs: workers with equal numbers share one; 0: none. After HEAD, see above
VALUE = 9  # the shared counter, as this worker last read it
PLAIN = 10  # the worker's own copy of the plain counter
CPU = 11  # ns: CPU time that it has used, when its thread's CPU clock was last read
PROGRESS = 12  # rounds done, in millionths of all
SLEEP_END = 13  # ns: the planned end of the sleep it is in
SWITCH_INTERVAL = 14  # ns: the switch interval in force where it runs, when last read
CHUNK = 15  # ns: the duration of its last resized chunk: how long it may run without updating LAST_RAN
AWAITED_LOCK = 16  # the named lock that it waits for: 1 is A, 2 is B; 0: none
HELD_LOCKS = 17  # the named locks that it holds: bit 1 is A, bit 2 is B
PUT = 18  # items that it has put into a queue
GOT = 19  # items that it has taken out of a queue
REPORTING_SINCE = 20  # ns: when a sampled worker first called `pconc_tui.probe`; 0: it has not
INTERPRETER = 21  # the id that CPython gives the interpreter it runs in; 0: the main one
CPU_BEFORE = 22  # ns: CPU time of its thread before its first instruction; of a sampled task, all that is not its own
RSS = 23  # bytes: resident size of its process at its start, where that process ends with it; else 0
SAMPLER = (
    24  # the pid of the process whose children sample it; 0: none (written by the monitor, before the worker starts)
)
PROCESS_CPU = 25  # ns: CPU time of its process, where that runs nothing but workers; at its end, as the next two
HELPERS_CPU = 26  # ns: of that, the CPU time of all threads but its own
CHILDREN_CPU = 27  # ns: CPU time of its process's descendants
RUN_DELAY = 28  # ns: how long a sampled worker's thread has waited for a core, written at its end; 0: unknown

MIXED = 1 << 4
"""The bit of a transition that is set where the order of the states is unknown."""


def pack(time_ns: int, state: int, mixed: bool = False) -> int:
    """One transition as one word."""
    return time_ns << 5 | mixed << 4 | state


def unpack(word: int) -> Tuple[int, State]:
    """`(time_ns, state)` of one transition."""
    return word >> 5, STATES[word & 15]


class Block:
    """The memory: an unnamed file, which disappears with the last process that has it open."""

    def __init__(self, fd: int) -> None:
        self.fd = fd
        self._map = mmap.mmap(fd, 0)
        self._words = memoryview(self._map).cast("q")

    @classmethod
    def create(cls, slots: int = SLOTS) -> Block:
        """A new block, all zeros; it takes real memory only where it has been written."""
        if hasattr(os, "memfd_create"):
            fd = os.memfd_create("pconc-tui")
        else:
            import tempfile

            with tempfile.TemporaryFile() as file:
                fd = os.dup(file.fileno())
        os.ftruncate(fd, slots * SLOT_BYTES)
        return cls(fd)

    def __reduce__(self) -> Tuple[Any, ...]:
        # Processes started by spawn or by a fork server receive a duplicate of the file descriptor.
        from multiprocessing.reduction import DupFd

        return _from_duplicate, (DupFd(self.fd),)

    def slot(self, index: int) -> memoryview:
        """The words of one slot."""
        start = index * SLOT_WORDS
        return self._words[start : start + SLOT_WORDS]

    def clear(self, index: int) -> None:
        """Prepare a slot for its next worker; only while no worker writes it."""
        slot = self.slot(index)
        for word in range(RING_AT + 1):  # The first transition too: a reader must not take the old one for new.
            slot[word] = 0
        slot[VALUE] = slot[PLAIN] = UNSET

    def close(self) -> None:
        """Release the memory; the system frees it when the last slot in use has been released too."""
        self._words.release()
        os.close(self.fd)


def _from_duplicate(duplicate: Any) -> Block:
    return Block(duplicate.detach())


def transitions(slot: memoryview, since: int) -> Tuple[List[int], int, int]:
    """The visible transitions from number `since` on: `(words, next, lost)`.

    `next` is the number to pass to the next call; `lost` transitions were overwritten before they were read.
    """
    head = slot[HEAD]
    first = max(since, head - RING + 1)
    words = _ring(slot, first, head)
    previous_ns = slot[RING_AT + (since - 1) % RING] >> 5
    # The writer goes on meanwhile: it may have overwritten the oldest of these.
    oldest = slot[HEAD] - RING + 1
    overtaken = max(0, oldest - first)
    first += overtaken
    if since <= max(0, oldest):
        previous_ns = 0  # There is no previous transition, or it may be overwritten too.
    del words[:overtaken]
    times_ns = [word >> 5 for word in words]  # Of two at the same time, the states need not be in order.
    if words and (words[0] == 0 or times_ns[0] < previous_ns or sorted(times_ns) != times_ns):
        words = _in_order(words, previous_ns)
    return words, first + len(words), first - since


def _ring(slot: memoryview, first: int, head: int) -> List[int]:
    """Transitions number `first` to `head` - 1."""
    if first >= head:
        return []
    start, end = RING_AT + first % RING, RING_AT + (head - 1) % RING + 1
    found: List[int] = (
        slot[start:end].tolist() if start < end else slot[start : RING_AT + RING].tolist() + slot[RING_AT:end].tolist()
    )
    return found


def _in_order(words: List[int], previous_ns: int) -> List[int]:
    """These transitions up to the first that is older than the one before, or has not been written."""
    found = []
    for word in words:
        if word == 0 or word >> 5 < previous_ns:
            break
        found.append(word)
        previous_ns = word >> 5
    return found
