"""Assigning slots of the shared block."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from pconc_tui.monitor.slot_assignment import RESTING, SlotAllocator
from pconc_tui.protocol.block import LAST_RAN, SLOTS, Block
from pconc_tui.requests import RequestError


@pytest.fixture
def block() -> Iterator[Block]:
    with closing(Block.create()) as made:
        yield made


def test_no_slot_is_assigned_twice(block: Block) -> None:
    slots = SlotAllocator(block)
    assert sorted([*slots.allocate(SLOTS - 1), *slots.allocate(1)]) == list(range(SLOTS))


def test_a_request_for_more_slots_than_are_free_takes_none(block: Block) -> None:
    slots = SlotAllocator(block)
    with pytest.raises(RequestError, match=f"{SLOTS} workers at once are the most"):
        slots.allocate(SLOTS + 1)
    assert len(slots.allocate(SLOTS)) == SLOTS


def test_a_released_slot_is_cleared_and_reused_last(block: Block) -> None:
    slots = SlotAllocator(block)
    (used,) = slots.allocate(1)
    words = block.slot(used)
    words[LAST_RAN] = 1
    slots.release(used)
    assert slots.allocate(SLOTS)[-1] == used
    assert words[LAST_RAN] == 0
    words.release()


def test_one_worker_after_another_takes_few_slots(block: Block) -> None:
    slots, used = SlotAllocator(block), []
    for _ in range(SLOTS):
        used += slots.allocate(1)
        slots.release(used[-1])
    assert len(set(used)) == RESTING + 1
    for number, slot in enumerate(used):
        assert slot not in used[max(0, number - RESTING) : number]
