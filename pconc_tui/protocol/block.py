"""The shared block's layout: one slot a worker, written by that worker alone, read by the monitor.

Runs under any CPython from 3.9 on, in the lab and in the app alike; standard library only.

A slot is `SLOT_WORDS` signed 64-bit words: `HEADER_WORDS` named below, then the longest delay and a histogram of all
delays (`pconc_tui.protocol.delay_histogram`), then a ring of `RING` transitions.
A transition is one word, `time_ns << 5 | mixed << 4 | state`, so that it is written at once and never read half: from
that time on (`time.perf_counter_ns`, one clock for all processes) the worker is in that state, until the next one.
`mixed` is set by the sampler alone: the lengths of these states are known, the order in which they took turns is not.
Spans made of transitions can neither overlap nor leave holes.
"""

from __future__ import annotations

import mmap
import os
from enum import IntEnum
from typing import Any, List, Tuple

from pconc_tui.protocol.delay_histogram import BUCKETS

SLOTS = 256
HEADER_WORDS = 23
RING = 8192
DELAYS = HEADER_WORDS
DELAY_WORDS = 1 + BUCKETS
RING_AT = DELAYS + DELAY_WORDS
SLOT_WORDS = RING_AT + RING
BLOCK_BYTES = SLOTS * SLOT_WORDS * 8

UNSET = -(1 << 63)
"""A counter that nobody has written yet."""


class State(IntEnum):
    """What a worker is doing. It notes `WAITING` itself, of which the monitor makes `GIL_WAIT` and `CORE_WAIT`."""

    STARTING = 0
    RUNNING = 1
    WAITING = 2
    IO = 3
    LOCK = 4
    ENDED = 5
    RELEASED = 8
    """Running, in code that has let go of the GIL."""
    GIL_WAIT = 6
    CORE_WAIT = 7
    UNKNOWN = 9
    """Somebody looked, and could not tell."""


# Header words of a slot. The first three are written by others than the worker: before it starts, or by the monitor.
LAUNCHED = 0  # ns: when its launch began
CONTROL = 1  # bit 0: stop; above it: a count that moves when a setting does (written by the monitor)
INTERVAL = 2  # ns: the switch interval asked for (written by the monitor)
PID = 3
NATIVE_ID = 4
ITERATIONS = 5
BEAT = 6  # ns: when the worker was last seen running; before HEAD, so that a reader never takes it for newer
HEAD = 7  # transitions written so far
GIL = 8  # which GIL it needs: equal numbers share one; 0: none. After HEAD, so that it is known where HEAD is not 0
VALUE = 9  # the shared counter, as this worker last saw it
PLAIN = 10  # the worker's own copy of the plain counter
CPU = 11  # ns: the thread's CPU time, by its own clock, when the worker last looked
PROGRESS = 12  # rounds done, in millionths of all
SLEEP_END = 13  # ns: the planned end of the sleep it is in
SWITCH = 14  # ns: the switch interval in force where the worker runs, when it last looked
CHUNK = 15  # ns: the CPU time of its last chunk of unusual length: how long it may run without a beat
WANTS = 16  # the lock that it waits for, where that has a name: 1 is A
HOLDS = 17  # the locks that it holds, where they have names: a bit each
PUT = 18  # items that it put into a queue
GOT = 19  # items that it took out of one
REPORTS = 20  # ns: since when code that is watched from outside tells of itself, by `pconc_tui.probe`; 0: it does not
INTERPRETER = 21  # the interpreter it runs in, by CPython's id: 0 is the main one
CPU_BEFORE = 22  # ns: CPU time of its thread before its first instruction; of a sampled task, all that is not its own


MIXED = 1 << 4


def pack(time_ns: int, state: int, mixed: bool = False) -> int:
    """One transition as one word."""
    return time_ns << 5 | mixed << 4 | state


def unpack(word: int) -> Tuple[int, State]:
    """`(time_ns, state)` of one transition."""
    return word >> 5, State(word & 15)


class Block:
    """The memory itself: a file without a name, so that nothing is left of it whoever dies, and however."""

    def __init__(self, fd: int) -> None:
        self.fd = fd
        self._map = mmap.mmap(fd, BLOCK_BYTES)
        self._words = memoryview(self._map).cast("q")

    @classmethod
    def create(cls) -> Block:
        """A new block, all zeros; it takes real memory only where it has been written."""
        if hasattr(os, "memfd_create"):
            fd = os.memfd_create("pconc-tui")
        else:
            import tempfile

            with tempfile.TemporaryFile() as file:
                fd = os.dup(file.fileno())
        os.ftruncate(fd, BLOCK_BYTES)
        return cls(fd)

    def __reduce__(self) -> Tuple[Any, ...]:
        # Workers that are spawned or come from a fork server get the block as a file descriptor of their own.
        from multiprocessing.reduction import DupFd

        return _from_duplicate, (DupFd(self.fd),)

    def slot(self, index: int) -> memoryview:
        """The words of one slot."""
        start = index * SLOT_WORDS
        return self._words[start : start + SLOT_WORDS]

    def clear(self, index: int) -> None:
        """Make a slot ready for its next worker; only while nobody writes it."""
        slot = self.slot(index)
        for word in range(RING_AT):
            slot[word] = 0
        slot[VALUE] = slot[PLAIN] = UNSET

    def close(self) -> None:
        """Let go of the memory; it is freed with the last slot that was handed out."""
        self._words.release()
        os.close(self.fd)


def _from_duplicate(duplicate: Any) -> Block:
    return Block(duplicate.detach())


def transitions(slot: memoryview, since: int) -> Tuple[List[int], int, int]:
    """The transitions from number `since` on: `(words, head, lost)`; `lost` were overwritten before they were read."""
    head = slot[HEAD]
    first = max(since, head - RING + 1)
    words = [slot[RING_AT + number % RING] for number in range(first, head)]
    # What the worker wrote meanwhile, and is writing now, may have overwritten the oldest of these.
    overtaken = max(0, slot[HEAD] - RING + 1 - first)
    return words[overtaken:], head, first + overtaken - since
