"""Which locks threads wait for, by what is read of their semaphores."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from pconc_tui.cpython import Parked
from pconc_tui.kernel.found import Transition
from pconc_tui.protocol.block import Block, State
from pconc_tui.protocol.observer_slots import OBSERVER_SLOTS
from pconc_tui.sampler.lock_waits import MISSES, LockWaits
from pconc_tui.sampler.thread_slots import ThreadSlots

PID = TID = 10
SEMAPHORE, LOCK = 0x7000, 0x9000
MS = 10**6


class Waiting:
    """A thread that waits at a semaphore, and the addresses of the locks that are found."""

    def __init__(self, slots: ThreadSlots) -> None:
        self.locks: list[int] = []
        slot = slots.start(PID, TID, "", 0, 0)
        assert slot is not None
        self._waits = LockWaits(PID, {TID: slot}, self._reported)
        self._waits.add([Transition(MS, TID, State.LOCK, SEMAPHORE)])
        self._now_ns = MS

    def _reported(self, event: str, **fields: int) -> None:
        if event == "lock":
            self.locks.append(fields["address"])

    def read(self, parked: bool) -> None:
        """It waits, and is found parked or not."""
        self._now_ns += 20 * MS
        self._waits.probe(self._now_ns, lambda _: Parked(LOCK, True) if parked else None, lambda _: True)


@pytest.fixture
def waiting() -> Iterator[Waiting]:
    with closing(Block.create(OBSERVER_SLOTS)) as block:
        found = Waiting(ThreadSlots(block, lambda *_, **__: None))
        yield found
        del found._waits


def test_a_thread_that_is_parked_waits_for_what_its_entry_says(waiting: Waiting) -> None:
    waiting.read(True)
    assert waiting.locks == [LOCK]


def test_a_semaphore_that_is_no_threads_own_is_a_lock(waiting: Waiting) -> None:
    for _ in range(MISSES):
        assert not waiting.locks
        waiting.read(False)
    assert waiting.locks == [SEMAPHORE]


def test_a_reading_that_missed_an_entry_does_not_make_its_semaphore_a_lock(waiting: Waiting) -> None:
    waiting.read(False)
    waiting.read(True)
    for _ in range(MISSES):
        waiting.read(False)
    waiting.read(True)
    assert waiting.locks == [LOCK]
