"""Transitions in an observed thread's slot."""

from __future__ import annotations

from pconc_tui.protocol.block import RING_AT, SLOT_WORDS, State, unpack
from pconc_tui.sampler.thread_slots import ThreadSlot

MS = 1_000_000


def test_a_thread_that_ran_without_the_gil_and_lost_its_core_waits_for_a_core() -> None:
    """It had waited for the GIL before, and then computed without it for 3 ms."""
    words = memoryview(bytearray(8 * SLOT_WORDS)).cast("q")
    slot = ThreadSlot(words, 1, 0, 7, 7)
    written = [(0, State.GIL_WAIT), (1 * MS, State.RELEASED), (4 * MS, State.CORE_WAIT), (8 * MS, State.RELEASED)]
    for time_ns, state in written:
        slot.write(time_ns, state)
    assert [unpack(word) for word in words[RING_AT : RING_AT + len(written)]] == written
