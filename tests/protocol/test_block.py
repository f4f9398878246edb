"""The shared block: transitions are read whole, in order and once, and those overwritten before are counted."""

from __future__ import annotations

import pytest

from pconc_tui.protocol.block import HEAD, MIXED, RING, RING_AT, UNSET, VALUE, Block, State, pack, transitions, unpack


def write(slot: memoryview, time_ns: int) -> None:
    head = slot[HEAD]
    slot[RING_AT + head % RING] = pack(time_ns, State.RUNNING)
    slot[HEAD] = head + 1


def times_ns(words: list[int]) -> list[int]:
    return [unpack(word)[0] for word in words]


@pytest.fixture
def block() -> Block:
    return Block.create()


@pytest.fixture
def slot(block: Block) -> memoryview:
    block.clear(3)
    return block.slot(3)


@pytest.mark.parametrize("state", State)
def test_a_transition_is_one_word(state: State) -> None:
    assert unpack(pack(123_456_789_012_345, state)) == (123_456_789_012_345, state)


@pytest.mark.parametrize("state", State)
def test_a_transition_can_be_mixed(state: State) -> None:
    word = pack(123_456_789_012_345, state, mixed=True)
    assert unpack(word) == (123_456_789_012_345, state)
    assert word & MIXED
    assert not pack(123_456_789_012_345, state) & MIXED


def test_a_mixed_transition_hides_no_other_of_the_same_time(slot: memoryview) -> None:
    words = [pack(7, State.UNKNOWN, mixed=True), pack(7, State.RUNNING)]
    slot[RING_AT], slot[RING_AT + 1] = words
    slot[HEAD] = 1
    _, following, _ = transitions(slot, 0)
    slot[HEAD] = 2
    assert transitions(slot, 0)[0] == words
    assert transitions(slot, following)[0] == words[1:]


def test_a_cleared_slot_has_no_counters(slot: memoryview) -> None:
    assert slot[VALUE] == UNSET
    assert transitions(slot, 0) == ([], 0, 0)


def test_transitions_are_read_once(slot: memoryview) -> None:
    for number in range(5):
        write(slot, number)
    words, following, lost = transitions(slot, 2)
    assert times_ns(words) == [2, 3, 4]
    assert (following, lost) == (5, 0)
    assert transitions(slot, following) == ([], 5, 0)


def test_none_is_lost_while_the_ring_has_room(slot: memoryview) -> None:
    for number in range(RING - 1):
        write(slot, number)
    words, _, lost = transitions(slot, 0)
    assert (len(words), lost) == (RING - 1, 0)


def test_overwritten_transitions_are_counted(slot: memoryview) -> None:
    for number in range(RING + 100):
        write(slot, number)
    words, following, lost = transitions(slot, 10)
    assert len(words) + lost == following - 10
    assert times_ns(words)[-1] == RING + 99
    assert times_ns(words)[:2] == [10 + lost, 11 + lost]


@pytest.mark.parametrize("laps", [0, 1, 3])
@pytest.mark.parametrize("invisible", [1, 2])
def test_a_store_that_is_not_visible_yet_is_read_by_the_next_call(slot: memoryview, laps: int, invisible: int) -> None:
    before = laps * RING
    for number in range(before + 2):
        write(slot, 1000 + number)
    _, following, _ = transitions(slot, max(0, before - 1))
    assert following == before + 2
    numbers = range(following, following + invisible)
    words_before = [slot[RING_AT + number % RING] for number in numbers]
    for number in numbers:
        write(slot, 1000 + number)
    stores = [slot[RING_AT + number % RING] for number in numbers]
    for number, word in zip(numbers, words_before, strict=True):
        slot[RING_AT + number % RING] = word
    assert transitions(slot, following) == ([], following, 0)
    for number, word in zip(numbers, stores, strict=True):
        slot[RING_AT + number % RING] = word
        words, following, lost = transitions(slot, following)
        assert (times_ns(words), following, lost) == ([1000 + number], number + 1, 0)


def test_what_is_visible_before_a_hole_is_read(slot: memoryview) -> None:
    for number in range(4):
        write(slot, 1000 + number)
    hole, slot[RING_AT + 2] = slot[RING_AT + 2], 0
    words, following, lost = transitions(slot, 0)
    assert (times_ns(words), following, lost) == ([1000, 1001], 2, 0)
    slot[RING_AT + 2] = hole
    assert times_ns(transitions(slot, following)[0]) == [1002, 1003]


def test_the_first_transition_of_a_slots_previous_worker_is_not_taken_for_a_new_one(block: Block) -> None:
    slot = block.slot(3)
    for number in range(3):
        write(slot, 1000 + number)
    block.clear(3)
    slot[HEAD] = 2  # The new worker's transitions are not visible yet.
    assert transitions(slot, 0) == ([], 0, 0)
    slot[RING_AT] = pack(2000, State.RUNNING)
    assert times_ns(transitions(slot, 0)[0]) == [2000]


def test_after_a_loss_reading_goes_on_at_the_oldest_that_is_left(slot: memoryview) -> None:
    for number in range(2 * RING):
        write(slot, 1000 + number)
    words, following, lost = transitions(slot, 5)
    assert (len(words), following, lost) == (RING - 1, 2 * RING, RING + 1 - 5)
