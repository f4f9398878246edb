"""Reading a worker's slot."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from pconc_tui.monitor.slot_reader import SlotReader
from pconc_tui.protocol import block
from pconc_tui.protocol.block import State, pack


@pytest.fixture
def slot() -> Iterator[memoryview]:
    with closing(block.Block.create()) as made:
        words = made.slot(0)
        yield words
        words.release()


def record(slot: memoryview, *words: int) -> None:
    """Append transitions, as the worker does."""
    for word in words:
        slot[block.RING_AT + slot[block.HEAD] % block.RING] = word
        slot[block.HEAD] += 1


def test_each_transition_is_read_once(slot: memoryview) -> None:
    reader, first, second = SlotReader(slot), pack(1, State.RUNNING), pack(5, State.IO)
    record(slot, first)
    assert reader.read() == [first]
    record(slot, second)
    assert reader.read() == [second]
    assert reader.read() == []


def test_shared_counters_are_unset_before_the_first_read(slot: memoryview) -> None:
    reader = SlotReader(slot)
    assert reader.header[block.VALUE] == reader.header[block.PLAIN] == block.UNSET


def test_a_worker_that_was_never_late_has_no_delays(slot: memoryview) -> None:
    reader = SlotReader(slot)
    reader.read()
    assert reader.delays is None


def test_the_delays_are_a_histogram_with_the_longest(slot: memoryview) -> None:
    reader = SlotReader(slot)
    slot[block.DELAYS] = 2_000_000
    slot[block.DELAYS + 1] = 3
    reader.read()
    assert reader.delays is not None
    assert (reader.delays.count, reader.delays.max_ns) == (3, 2_000_000)


def test_the_values_stay_when_the_slot_is_another_workers(slot: memoryview) -> None:
    reader = SlotReader(slot[:])
    slot[block.ITERATIONS] = 7
    reader.read()
    reader.close()
    slot[block.ITERATIONS] = 0
    assert reader.header[block.ITERATIONS] == 7


def test_transitions_that_were_overwritten_are_counted_and_leave_the_state_unknown(slot: memoryview) -> None:
    reader = SlotReader(slot)
    record(slot, pack(1, State.RUNNING))
    reader.read()
    record(slot, *(pack(2 + number, State.RUNNING) for number in range(block.RING + 9)))
    found = reader.read()
    assert reader.lost == 10
    assert found[0] == pack(1, State.UNKNOWN)
    assert len(found) == 1 + block.RING - 1
