"""What a thread that was woken up and waits for a core is shown to wait for, by records made by hand."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing

import pytest

from pconc_tui.cpython import GilLocks
from pconc_tui.kernel.episodes import Episodes
from pconc_tui.kernel.outside import BlockedSample, Outside
from pconc_tui.kernel.records import NO_FUTEX, UNKNOWN, Exit, Record
from pconc_tui.protocol.block import Block, State, transitions, unpack
from pconc_tui.protocol.observer_slots import OBSERVER_SLOTS
from pconc_tui.sampler.core_waits import CoreWaits
from pconc_tui.sampler.observed_process import ObservedProcess
from pconc_tui.sampler.thread_slots import ThreadSlots
from tests.kernel.streams import COND, GIL, LOCK, SWITCH_COND, A, B, blocked, on

PID = 1 << 30
"""There is no process with such an id."""
US = 1000


def lane(
    records: Iterable[Record],
    waits_us: int,
    free: Iterable[bool] = (),
    ready: Iterable[bool] = (),
    outside: Iterable[Outside] = (),
) -> list[tuple[int, State]]:
    """What B does; it has waited for a core for so long after the wake-ups in these records.

    `free`: whether samples found the GIL free while it was held by the records; `ready`: and a thread was ready then.
    `outside`: what was sampled besides.
    """
    with closing(Block.create(OBSERVER_SLOTS)) as block:
        slots = ThreadSlots(block, lambda *_, **__: None)
        process = ObservedProcess(PID, None, slots, lambda *_, **__: None, 0)
        for tid in (A, B):
            process.add_living_thread(tid, 0)
        interpreter = process._interpreter
        interpreter.locks = (GilLocks(0, 5_000_000, *GIL),)
        interpreter.find = lambda now_ns: True  # type: ignore[method-assign]
        clocks = dict.fromkeys((A, B), (0, 0))
        process._samples._read_clocks = lambda tid: clocks[tid]  # type: ignore[method-assign]
        process.add([on(0, A), on(1, B), blocked(10, B, COND)], 1000 * US, 1000 * US)
        clocks[B] = 0, waits_us * US
        use = process._episodes._holders[0].use
        for is_free in free:
            use.sampled(not is_free)
        for is_free in ready:
            use.sampled_ready(not is_free)
        slot = process.threads[B]
        words = block.slot(slot.slot)
        process._outside += outside
        process.add(list(records), 100_000 * US, 100_000 * US)
        found = [(time_ns // US, state) for time_ns, state in map(unpack, transitions(words, 0)[0])]
        process.close()
        del process, slots, words, slot, interpreter, use
    return found


def test_a_thread_that_waits_for_a_core_to_ask_for_the_gil_waits_for_the_gil() -> None:
    asks = [on(7010, B), blocked(7020, B, COND)]
    found = lane([*asks, blocked(9000, A, SWITCH_COND), on(9005, B), blocked(9900, B, NO_FUTEX)], 3000)
    assert State.ASKING in [state for _, state in found]
    assert State.CORE_WAIT not in [state for us, state in found if us < 7010]


def waits_us(found: list[tuple[int, State]], until_us: int) -> dict[State, int]:
    """For how long B was in each state after it blocked, until this time."""
    ends = [us for us, _ in found[1:]] + [until_us]
    times = dict.fromkeys(State, 0)
    for (us, state), end in zip(found, ends, strict=True):
        times[state] += max(0, min(end, until_us) - max(us, 10))
    return times


RELEASED = blocked(1000, A, NO_FUTEX), on(4000, B), blocked(9000, B, NO_FUTEX)


def test_from_when_the_gil_is_released_a_thread_that_is_woken_up_waits_for_a_core() -> None:
    found = waits_us(lane(RELEASED, 3500), 4000)
    assert (found[State.GIL_WAIT], found[State.CORE_WAIT]) == (990, 3000)


def test_as_long_as_another_holds_the_gil_it_waits_for_that() -> None:
    moves = [blocked(3900, A, NO_FUTEX), on(4000, B), blocked(9000, B, NO_FUTEX)]
    found = waits_us(lane(moves, 3000), 4000)
    assert (found[State.GIL_WAIT], found[State.CORE_WAIT]) == (3890, 100)


def test_so_does_a_thread_that_has_ended_since() -> None:
    asks = [on(4000, B), blocked(4010, B, COND), blocked(9000, A, NO_FUTEX), on(9010, B)]
    found = waits_us(lane([*asks, Exit(9500 * US, PID, B, 1)], 2000), 4000)
    assert found[State.CORE_WAIT] == 0


def held_for_ready(held: float) -> float:
    """For what part of the time the GIL is taken to be held while a thread is ready, without samples of that."""
    apart = min(1.0, 2 - 2 * held)
    return apart * held**2 + (1 - apart) * held


@pytest.mark.parametrize("free", range(6))
def test_it_waits_for_the_gil_for_the_part_of_the_time_that_samples_find_it_held(free: int) -> None:
    asks = [on(4000, B), blocked(4010, B, COND), blocked(9000, A, NO_FUTEX)]
    found = waits_us(lane(asks, 2000, [number < free for number in range(5)]), 4000)
    assert found[State.GIL_WAIT] + found[State.CORE_WAIT] == 3990
    # As long as there are few samples, records count like three of them.
    assert found[State.CORE_WAIT] == pytest.approx(2000 * (1 - held_for_ready(1 - free / 8)), abs=60)


def test_samples_of_ready_threads_say_for_what_part_of_the_time_one_that_is_woken_up_waits_for_the_gil() -> None:
    asks = [on(4000, B), blocked(4010, B, COND), blocked(9000, A, NO_FUTEX)]
    found = waits_us(lane(asks, 2000, [True] * 5, ready=[False] * 7), 4000)
    # The samples before count like three of them; they find it held for three eighths of the time.
    assert found[State.CORE_WAIT] == pytest.approx(2000 * (1 - (3 * (3 / 8) ** 2 + 7) / 10), abs=60)


def test_without_registers_a_core_that_was_unused_was_waited_for_where_the_wait_was_not_for_the_gil() -> None:
    """B waits for the GIL twice for 3 ms, which A releases and blocks, and then for a lock for 3 ms."""
    records: list[Record] = [on(3000, B), blocked(4000, B, UNKNOWN), blocked(6990, A, NO_FUTEX), on(7000, B)]
    records += [blocked(8000, B, UNKNOWN), on(11_000, B), blocked(12_000, B, UNKNOWN)]
    samples = [BlockedSample(us * US, B, futex) for us, futex in ((5000, COND), (10_000, LOCK))]
    found = lane(records, 900, outside=samples)
    assert (10_100, State.CORE_WAIT) in found
    assert not [us for us, state in found if state is State.CORE_WAIT and 3000 < us < 10_000]


def test_what_has_no_room_after_the_thread_blocked_is_shown_with_its_next_wait() -> None:
    with closing(Block.create(OBSERVER_SLOTS)) as block:
        slots = ThreadSlots(block, lambda *_, **__: None)
        slot = slots.start(PID, B, "", 0, 0)
        assert slot is not None
        words, core_waits = block.slot(slot.slot), CoreWaits(Episodes(PID))
        for blocked_us, since_us, runs_us in ((1000, 960, 1030), (2000, 2060, 2100)):
            slot.write(blocked_us * US, State.LOCK)
            core_waits.write(slot, 0, since_us * US, runs_us * US, is_woken=True)
            slot.write(runs_us * US, State.RUNNING)
        found = [(time_ns // US, state) for time_ns, state in map(unpack, transitions(words, 0)[0])]
        del slots, words, slot
    waits = [us for us, state in found if state is State.CORE_WAIT]
    assert waits == [1000, 2020]  # 30 and 80 of the 70 and 40 us.
