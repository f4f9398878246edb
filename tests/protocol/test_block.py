"""The shared block: transitions are read whole, and what was overwritten is counted."""

from __future__ import annotations

import pytest

from pconc_tui.protocol.block import HEAD, RING, RING_AT, UNSET, VALUE, Block, State, pack, transitions, unpack


def write(slot: memoryview, time_ns: int) -> None:
    head = slot[HEAD]
    slot[RING_AT + head % RING] = pack(time_ns, State.RUNNING)
    slot[HEAD] = head + 1


@pytest.fixture
def slot() -> memoryview:
    block = Block.create()
    block.clear(3)
    return block.slot(3)


@pytest.mark.parametrize("state", State)
def test_a_transition_is_one_word(state: State) -> None:
    assert unpack(pack(123_456_789_012_345, state)) == (123_456_789_012_345, state)


def test_a_cleared_slot_has_no_counters(slot: memoryview) -> None:
    assert slot[VALUE] == UNSET
    assert transitions(slot, 0) == ([], 0, 0)


def test_transitions_are_read_once(slot: memoryview) -> None:
    for number in range(5):
        write(slot, number)
    words, head, lost = transitions(slot, 2)
    assert [unpack(word)[0] for word in words] == [2, 3, 4]
    assert (head, lost) == (5, 0)
    assert transitions(slot, head) == ([], 5, 0)


def test_none_is_lost_while_the_ring_has_room(slot: memoryview) -> None:
    for number in range(RING - 1):
        write(slot, number)
    words, _, lost = transitions(slot, 0)
    assert (len(words), lost) == (RING - 1, 0)


def test_overwritten_transitions_are_counted(slot: memoryview) -> None:
    for number in range(RING + 100):
        write(slot, number)
    words, head, lost = transitions(slot, 10)
    assert len(words) + lost == head - 10
    assert unpack(words[-1])[0] == RING + 99
    assert [unpack(word)[0] for word in words[:2]] == [10 + lost, 11 + lost]
