"""Episodes with what samples say beside the records: the holder, what threads are blocked in, their CPU clocks."""

from __future__ import annotations

import pytest

from pconc_tui.kernel.episodes import Episodes
from pconc_tui.kernel.found import Found, Transition
from pconc_tui.kernel.outside import BlockedSample, ClockSample, GilWaits, HolderSample, ReadySample
from pconc_tui.kernel.records import NO_FUTEX, UNKNOWN, Switch
from pconc_tui.protocol.block import State
from tests.kernel.streams import COND, GIL, LOCK, LONG_US, MUTEX, PID, A, B, C, blocked, judge, lane, on, preempted


def test_a_sampled_holder_shows_a_gil_that_was_taken_and_released_unnoticed() -> None:
    records = [on(0, A), blocked(9000, A, NO_FUTEX)]
    free, held = HolderSample(3_000_000, 0), HolderSample(6_000_000, A)
    found = judge(records, free, held)[1]
    assert lane(found, A) == [(0, State.RUNNING), (3000, State.RELEASED), (6000, State.RUNNING), (9000, State.IO)]


def test_a_sample_of_the_holder_near_a_switch_says_nothing() -> None:
    found = judge([on(0, A), blocked(9000, A, NO_FUTEX)], HolderSample(20_000, 0))[1]
    assert lane(found, A) == [(0, State.RUNNING), (9000, State.IO)]


def test_what_threads_are_blocked_in_from_the_start_is_sampled() -> None:
    found = judge([], BlockedSample(1_000_000, A, COND), BlockedSample(2_000_000, B, LOCK))[1]
    assert lane(found, A) == [(1000, State.GIL_WAIT)]
    assert lane(found, B) == [(2000, State.LOCK)]


def test_without_registers_a_sample_says_what_a_thread_has_been_blocked_in() -> None:
    records = [on(0, A), blocked(1000, A, UNKNOWN), on(9000, A)]
    found = judge(records, BlockedSample(4_000_000, A, LOCK))[1]
    assert lane(found, A)[:3] == [(0, State.RUNNING), (1000, State.LOCK), (9000, State.RUNNING)]


@pytest.mark.parametrize(
    ("sample", "state"),
    [(BlockedSample(9_500_000, A, LOCK), State.LOCK), (ReadySample(9_500_000, A), State.IO), (None, State.RUNNING)],
)
def test_without_registers_a_wait_that_lasts_is_shown_as_soon_as_a_sample_says_what_it_is(
    sample: BlockedSample | ReadySample | None, state: State
) -> None:
    """It need not have ended, nor the sample be older than the records that can be judged."""
    episodes = Episodes(PID, (GIL,))
    found = episodes.add([on(0, A), blocked(1000, A, UNKNOWN)], 9_000_000, [sample] if sample else []).transitions
    assert found[-1].state is state
    later = episodes.add([on(20_000, A), blocked(21_000, A, NO_FUTEX)], 30_000_000).transitions
    shown = [each[1] for each in lane(Found([*found, *later], [], []), A)]
    assert shown == [State.RUNNING, state if sample else State.IO, State.RUNNING, State.IO]


def test_without_registers_a_request_is_known_by_the_switch_interval() -> None:
    records = [on(0, A), on(10, B), blocked(15, B, UNKNOWN), on(5065, B), blocked(5070, B, UNKNOWN)]
    found = judge([*records, blocked(5090, A, UNKNOWN), on(5095, B), blocked(9000, B, UNKNOWN)])[1]
    assert (15, State.GIL_WAIT) in lane(found, B)
    assert (5070, State.GIL_WAIT) in lane(found, B)
    assert len(found.requests) == 1


def test_without_registers_what_is_sampled_counts_for_the_waits_before_it_too() -> None:
    records = [on(0, A), blocked(1000, A, UNKNOWN), on(3000, A), blocked(4000, A, UNKNOWN), on(9000, A)]
    found = judge(records, BlockedSample(6_000_000, A, LOCK))[1]
    assert [state for _, state in lane(found, A)] == [*[State.RUNNING, State.LOCK] * 2, State.RUNNING]


def test_without_registers_a_wait_that_has_ended_is_decided_when_it_begins() -> None:
    """So B waits for the GIL when C wakes up, which therefore does not take it."""
    records = [on(0, A), on(100, B), blocked(120, B, UNKNOWN), on(300, C), blocked(500, C, UNKNOWN), on(700, B)]
    found = judge([*records, blocked(710, B, UNKNOWN), blocked(5090, A, UNKNOWN)])[1]
    assert (120, State.GIL_WAIT) in lane(found, B)
    assert (300, State.RELEASED) in lane(found, C)


def test_without_registers_the_number_of_waits_that_began_says_whether_they_were_for_the_gil() -> None:
    """While another thread can use a core, B may wait for the GIL, unless hardly any wait for it has begun."""
    work = [each for n in range(30) for each in (on(3000 * n + 100, B), blocked(3000 * n + 1000, B, UNKNOWN))]
    records = [on(0, A), *work, on(95_000, B), blocked(96_000, B, UNKNOWN), on(99_000, B)]
    states = [
        dict(lane(judge(records, GilWaits(0, 0), GilWaits(91_000_000, begun))[1], B))[96_000] for begun in (0, 90)
    ]
    assert states == [State.IO, State.GIL_WAIT]


def test_without_registers_a_thread_that_blocks_in_a_call_no_longer_waits_for_the_gil() -> None:
    """B only seemed to ask for it when it woke up at 100; so C takes it from A, which has lost its core."""
    records = [on(0, A), on(10, B), blocked(15, B, UNKNOWN), on(100, B), blocked(105, B, UNKNOWN), preempted(2000, A)]
    records += [on(3000, C), blocked(4000, C, UNKNOWN), on(5000, B), blocked(5010, B, UNKNOWN), on(6000, A)]
    found = judge(records, BlockedSample(1_000_000, B, NO_FUTEX))[1]
    assert (15, State.GIL_WAIT) in lane(found, B)
    assert (105, State.IO) in lane(found, B)
    assert (3000, State.RUNNING) in lane(found, C)


def test_without_registers_the_first_wait_for_the_gil_is_known_by_its_length() -> None:
    records = [on(0, A), on(1, B), blocked(300, B, UNKNOWN), on(301, A), on(5400, B), blocked(5405, B, UNKNOWN)]
    found = judge([*records, on(5408, B), blocked(9000, B, UNKNOWN)], HolderSample(1_000_000, A))[1]
    assert (300, State.GIL_WAIT) in lane(found, B)


def turns(last_ran_us: int) -> list[Switch]:
    """A is woken up three times, and then blocks after it has run for so long: 10 us, or 500."""
    records = [on(0, A), blocked(1000, A, UNKNOWN)]
    for at, ran_us in ((3000, 10), (6000, 500), (9000, last_ran_us)):
        records += [on(at, A), blocked(at + ran_us, A, UNKNOWN)]
    return [*records, on(12_000, A), blocked(14_000, A, UNKNOWN)]


@pytest.mark.parametrize(("ran_us", "state"), [(10, State.GIL_WAIT), (500, State.LOCK)])
def test_without_registers_how_long_a_thread_ran_says_what_for_though_none_seems_to_hold_the_gil(
    ran_us: int, state: State
) -> None:
    """By its records A is alone: that another held the GIL is only sampled, after it had run for 10 us."""
    samples = BlockedSample(4_000_000, A, COND), BlockedSample(7_000_000, A, LOCK)
    episodes, found = judge(turns(ran_us), *samples)
    assert dict(lane(found, A))[9000 + ran_us] is state
    assert (12_000_000 in episodes.take_gil_waits()[A]) is (state is State.GIL_WAIT)


def test_without_registers_it_is_known_which_threads_have_waited_for_the_gil() -> None:
    """Of a wait that has not ended when its beginning is judged, after it. A wait for its mutex is none of these."""
    samples = [BlockedSample(us * 1000, A, futex) for us, futex in ((2000, LOCK), (4000, COND), (7000, MUTEX))]
    episodes, _ = judge(turns(10)[:-2], *samples)
    assert {tid: {*waits} for tid, waits in episodes.take_gil_waits().items()} == {A: {6_000_000}}
    episodes.add([on(LONG_US + 10_000, A)], 1000 * (LONG_US + 20_000), [BlockedSample(1000 * LONG_US + 1, A, COND)])
    assert {tid: {*waits} for tid, waits in episodes.take_gil_waits().items()} == {A: {1000 * (LONG_US + 10_000)}}
    assert not episodes.take_gil_waits()


def test_slices_are_as_long_as_the_cpu_clock_says() -> None:
    """Each slice lasts 100 us by the records, and 105 by the clock: the switch itself took the rest."""
    slices = 120
    records = [each for n in range(slices) for each in (on(1000 * n, A), blocked(1000 * n + 100, A, NO_FUTEX))]
    clocks = [ClockSample(1_000_000 * n + 500_000, A, 105_000 * (n + 1)) for n in (0, 60)]
    found = judge(records, *clocks)[1]
    times = [each.time_ns for each in found.transitions]
    assert times[0] == 0
    assert times[-2] == 1_000_000 * (slices - 1) - 5_000


def test_the_clock_of_a_thread_that_has_just_got_its_core_counts_until_then() -> None:
    slices = 120
    records = [each for n in range(slices) for each in (on(1000 * n, A), blocked(1000 * n + 100, A, NO_FUTEX))]
    clocks = [ClockSample(1_000_000 * n + 50_000, A, 105_000 * n) for n in (1, 61)]
    times = [each.time_ns for each in judge(records, *clocks)[1].transitions]
    assert times[-2] == 1_000_000 * (slices - 1) - 5_000


@pytest.mark.parametrize(("futex", "waits_for"), [(COND, State.GIL_WAIT), (LOCK, State.CORE_WAIT)])
def test_without_registers_a_sample_says_what_a_thread_needs_that_lost_its_core(futex: int, waits_for: State) -> None:
    """Twice A releases the GIL to B, and loses its core; what it is blocked in then is sampled while it is blocked."""
    episodes = Episodes(PID, (GIL,))
    found: list[Transition] = []
    for at in (0, 20_000):
        records = [on(at, A), on(at + 10, B), blocked(at + 15, B, COND), preempted(at + 1000, A), on(at + 1001, B)]
        records += [on(at + 3000, A), blocked(at + 3010, A, UNKNOWN), blocked(at + 3500, B, NO_FUTEX)]
        found += episodes.add(records, 1000 * (at + 8000)).transitions
        found += episodes.add([], 1000 * (at + 10_000), [BlockedSample(1000 * (at + 8000), A, futex)]).transitions
    waits = [each.state for each in found if each.tid == A and each.time_ns // 1000 in (21_000, 21_001)]
    assert waits[-1] is waits_for
