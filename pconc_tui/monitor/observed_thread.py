"""A thread of an observed tree: its ids and name as reported, and what is read from its slot of the observer's block.

A slot is used again by another thread later, whose id is in it then: what that does is not read for the one before.
"""

from __future__ import annotations

from pconc_tui.monitor.lock_shares import NO_LOCK_WAITS
from pconc_tui.monitor.ring_reader import RingReader
from pconc_tui.protocol.block import GIL, UNSET
from pconc_tui.protocol.observer_slots import GIL_HELD, THREAD, UNKNOWN_LOCK, last_lock


class ObservedThread:
    """A thread of the tree."""

    def __init__(
        self, words: memoryview, id: int, slot: int, pid: int, tid: int, name: str, started_ns: int, started_by: int
    ) -> None:
        self.id = id
        """A number that no other thread of this observer has: thread ids are used again."""
        self.slot = slot
        self.pid = pid
        self.tid = tid
        self.name = name
        """`Thread.name` where that is known, or the name that the system has for it."""
        self.started_ns = started_ns
        """When it was started, or when observing began."""
        self.started_by = started_by
        """The id of the thread that started it; 0: unknown."""
        self.ended_ns: int | None = None
        """When it ended; None: it lives."""
        self.has_python_state = False
        """Whether it runs Python code: other threads are native ones."""
        self.lock_waits = NO_LOCK_WAITS
        self._words = words

    @property
    def gil(self) -> int:
        """The number of the GIL that it needs: threads with equal numbers share one; 0: none, or not known."""
        return self.known_gil or 0

    @property
    def known_gil(self) -> int | None:
        """The same; None: not known."""
        number: int = self._words[GIL] if self._words[THREAD] == self.id else UNSET
        return None if number == UNSET else number

    @property
    def gil_held(self) -> float:
        """The part of the time for which its GIL is held, of that for which transitions say so.

        That it is released and taken again while no other thread waits leaves no record: samples say for how much.
        """
        return self._words[GIL_HELD] / 1e6 if self._words[THREAD] == self.id else 1.0

    @property
    def lock(self) -> int:
        """The number of the lock that it waits for, if it waits for one; negative ones as in `observer_slots`."""
        return last_lock(self._words) if self._words[THREAD] == self.id else UNKNOWN_LOCK

    def reader(self) -> ThreadReader:
        """Reads what it does, from its start on: unknown up to the oldest that is kept. Several can read one thread."""
        return ThreadReader(self, self._words)


class ThreadReader:
    """Reads the transitions of one thread, once a frame."""

    def __init__(self, thread: ObservedThread, words: memoryview) -> None:
        self._thread = thread
        self._words = words
        self._ring = RingReader(words, thread.started_ns)

    @property
    def lost(self) -> int:
        """Transitions that were overwritten before they were read."""
        return self._ring.lost

    @property
    def last_ns(self) -> int:
        """Time of the last transition that was read."""
        return self._ring.last_ns

    def read(self) -> list[int]:
        """Its transitions since the last call, as words of `protocol.block`; `UNKNOWN` in place of those lost."""
        return self._ring.read() if self._words[THREAD] == self._thread.id else []
