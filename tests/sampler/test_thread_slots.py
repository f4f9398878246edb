"""What an observed thread does, as its slot has it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from pconc_tui.protocol.block import RING_AT, Block, State, unpack
from pconc_tui.protocol.observer_slots import OBSERVER_SLOTS
from pconc_tui.sampler.thread_slots import ThreadSlot

MS = 1_000_000


@pytest.fixture
def slot() -> Iterator[ThreadSlot]:
    with closing(Block.create(OBSERVER_SLOTS)) as block:
        words = block.slot(1)
        yield ThreadSlot(words, 1, 1, 10, 10)
        words.release()


def written(slot: ThreadSlot, *transitions: tuple[float, State]) -> list[State]:
    """What stands in the slot after these transitions, at times in ms."""
    for time_ms, state in transitions:
        slot.write(round(time_ms * MS), state)
    return [unpack(slot._words[RING_AT + number])[1] for number in range(len(transitions))]


def test_a_thread_that_asks_for_the_gil_and_loses_its_core_goes_on_waiting_for_the_gil(slot: ThreadSlot) -> None:
    asked = written(slot, (0, State.GIL_WAIT), (5, State.ASKING), (5.05, State.CORE_WAIT))
    assert asked == [State.GIL_WAIT, State.ASKING, State.GIL_WAIT]


def test_a_thread_that_runs_for_long_without_the_gil_waits_for_a_core(slot: ThreadSlot) -> None:
    ran = written(
        slot,
        *((0, State.GIL_WAIT), (5, State.RELEASED), (9, State.CORE_WAIT)),
        *((20, State.RELEASED), (20.05, State.CORE_WAIT)),
    )
    assert ran == [State.GIL_WAIT, State.RELEASED, State.CORE_WAIT, State.RELEASED, State.CORE_WAIT]
