"""Writes what observed threads do into the slots of the observer's block, and reports the threads as events."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from itertools import count

from pconc_tui.protocol.block import GIL, HEAD, NATIVE_ID, PID, RING, RING_AT, UNSET, Block
from pconc_tui.protocol.observer_slots import GIL_HELD, LOCK_HEAD, OBSERVER_SLOTS, THREAD, UNTIL, write_lock

RESTING = 256
"""How many slots of ended threads rest before the first is used again: the reader needs a while to read them."""


class ThreadSlot:
    """The only writer of one thread's slot."""

    def __init__(self, words: memoryview, id: int, slot: int, pid: int, tid: int) -> None:
        self.id = id
        self.slot = slot
        self.pid = pid
        self.tid = tid
        self.has_python_state = False
        """Whether it runs Python code, as far as is reported."""
        self.without_core_ns = 0
        """Since when it needs the GIL and has no core, though it is not blocked; 0: it does not."""
        self.core_wait_ns = 0
        """For how long it has waited for a core in waits that were too short to be shown."""
        self.state = -1
        """That of its last transition; -1: there is none."""
        self._words = words
        self._head = 0
        self.last_ns = 0
        """When that was."""
        self._lock = -1
        for word in (HEAD, RING_AT, LOCK_HEAD):
            words[word] = 0
        words[PID], words[NATIVE_ID], words[GIL] = pid, tid, UNSET
        words[GIL_HELD] = 10**6
        words[THREAD] = id

    def write(self, time_ns: int, state: int) -> None:
        """Append a transition to its ring."""
        self.state = state
        words, head = self._words, self._head
        # Times must not decrease: a reader takes an older word for one that is not visible yet.
        if time_ns > self.last_ns:
            self.last_ns = time_ns
        words[RING_AT + head % RING] = self.last_ns << 5 | state  # As `pack` does.
        words[HEAD] = self._head = head + 1

    def waits_for(self, time_ns: int, lock: int) -> None:
        """Record which lock it waits for from now on whenever it waits for one."""
        if lock != self._lock:
            self._lock = lock
            write_lock(self._words, time_ns, lock)

    def needs(self, gil: int) -> None:
        """Record which GIL it needs; 0: none."""
        self._words[GIL] = gil

    def gil_is_held(self, part: float) -> None:
        """Record for which part of the time its GIL is held, of that for which transitions say so."""
        self._words[GIL_HELD] = round(1e6 * part)


class ThreadSlots:
    """Assigns slots to threads, and reports each; slot 0 has the time up to which all is written."""

    def __init__(self, block: Block, report: Callable[..., None]) -> None:
        self._block = block
        self._report = report
        self._ids = count(1)
        self._unused = deque(range(OBSERVER_SLOTS))
        self._ended: deque[int] = deque()
        self._first = block.slot(0)
        self._not_shown = 0

    def start(self, pid: int, tid: int, name: str, started_ns: int, started_by: int) -> ThreadSlot | None:
        """A slot for a thread; None: there is none left, which is reported.

        `started_by`: the id of the thread that started it; 0: unknown.
        """
        if len(self._ended) > RESTING or (self._ended and not self._unused):
            number = self._ended.popleft()
        elif self._unused:
            number = self._unused.popleft()
        else:
            self._not_shown += 1
            self._report("not_shown", threads=self._not_shown)
            return None
        slot = ThreadSlot(self._block.slot(number), next(self._ids), number, pid, tid)
        fields = {"pid": pid, "tid": tid, "name": name, "started_ns": started_ns, "started_by": started_by}
        self._report("thread", id=slot.id, slot=number, **fields)
        return slot

    def end(self, slot: ThreadSlot, time_ns: int) -> None:
        """The thread has ended; its last transition is written."""
        self._ended.append(slot.slot)
        self._report("ended", id=slot.id, ended_ns=time_ns)

    def publish(self, until_ns: int) -> None:
        """All that happened up to this time is written."""
        self._first[UNTIL] = until_ns
