"""Transitions that are lost before they are read, of each kind of lane that is observed."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from pconc_tui.monitor.observed_thread import ObservedThread, ThreadReader
from pconc_tui.monitor.sampled_tree import SampledThread
from pconc_tui.protocol.block import RING, Block, State, pack
from pconc_tui.protocol.sampler_slots import WORKER
from pconc_tui.sampler.thread_slots import ThreadSlot

STARTED_NS = 5


@pytest.fixture
def words() -> Iterator[memoryview]:
    block = Block.create(1)
    words = block.slot(0)
    yield words
    words.release()
    block.close()


def recorded(words: memoryview) -> ThreadReader:
    return ObservedThread(words, 1, 0, 7, 7, "", STARTED_NS, 0).reader()


def sampled(words: memoryview) -> SampledThread:
    words[WORKER] = 1
    return SampledThread(words, 1, 0, 7, 7, STARTED_NS)


@pytest.mark.parametrize("reader", [recorded, sampled])
def test_what_was_lost_before_the_first_reading_is_unknown_from_the_start_on(
    reader: Callable[[memoryview], ThreadReader | SampledThread], words: memoryview
) -> None:
    slot = ThreadSlot(words, 1, 0, 7, 7)
    for number in range(RING + 9):
        slot.write(10 + number, State.RUNNING)
    made = reader(words)
    found = made.read()
    assert found[:2] == [pack(STARTED_NS, State.UNKNOWN), pack(20, State.RUNNING)]
    assert (len(found), made.lost) == (RING, 10)
    assert made.read() == []
