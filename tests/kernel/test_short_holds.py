"""Threads that hold the GIL for a moment, on streams of records made by hand; times in microseconds."""

from __future__ import annotations

from collections.abc import Sequence

from pconc_tui.kernel.outside import ClockSample
from pconc_tui.kernel.records import BLOCKED, IN, NO_FUTEX, PREEMPTED, Record, Switch
from pconc_tui.protocol.block import State
from tests.kernel.streams import COND, LOCK, MUTEX, PID, SWITCH_COND, A, B, C, judge, lane

OTHER_LOCK = LOCK + 0x100


def on(us: float, tid: int, cpu: int = 0) -> Switch:
    return Switch(round(1000 * us), PID, tid, cpu, IN)


def off(us: float, tid: int, futex: int | None = None, cpu: int = 0) -> Switch:
    """The thread loses its core; `futex`: what it blocks in, None: it could go on."""
    way = PREEMPTED if futex is None else BLOCKED
    return Switch(round(1000 * us), PID, tid, cpu, way, -2 if futex is None else futex)


def turns(records: Sequence[Record]) -> list[int]:
    """The threads that hold the GIL, one after another; lanes show the same."""
    episodes, found = judge(records)
    held = [hold.tid for hold in sorted([*found.holds, *episodes.holding()])]
    starts = sorted((each.time_ns, each.tid) for each in found.transitions if each.state is State.RUNNING)
    found_turns, shown = (
        [tid for n, tid in enumerate(each) if n == 0 or each[n - 1] != tid]
        for each in (held, [tid for _, tid in starts])
    )
    assert shown == found_turns
    return found_turns


A_HOLDS: list[Record] = [on(0, B), off(5, B, COND), on(10, C), off(15, C, COND), on(20, A)]
"""The others wait for the GIL."""


def test_after_a_wait_for_another_to_take_the_gil_another_has_taken_it() -> None:
    records = [
        *A_HOLDS,
        on(2000, B, 1),
        off(2010, A, SWITCH_COND),
        on(2030, A),
        off(2050, B, COND, 1),
        off(9000, A, NO_FUTEX),
    ]
    assert turns(records) == [A, B, A]


def test_a_thread_that_loses_its_core_to_one_that_waited_at_the_mutex_has_not_taken_the_gil() -> None:
    records = [
        *(on(0, B), off(5, B, COND), on(10, C), off(15, C, COND), on(20, A, 1)),
        *(on(2001, B), off(2005, B, MUTEX), on(2006, C), off(2025, A, SWITCH_COND, 1), off(2066, C), on(2067, B)),
        *(off(8000, B), on(8001, C), off(8081, C, COND), on(8082, B), off(9000, B, NO_FUTEX)),
    ]
    assert turns(records) == [A, B]


def test_a_thread_with_which_one_that_it_woke_up_contends_for_the_mutex_has_held_the_gil() -> None:
    records = [
        *(*A_HOLDS, off(2000, A), on(2001, B), off(2005, B, MUTEX), on(2006, A), off(2010, A), on(2011, B)),
        *(off(2060, B), on(2061, C), off(2064, C, MUTEX), on(2065, B), off(2069, B), on(2070, C)),
        *(off(4000, C), on(4001, B), off(4015, B, COND), on(4016, C), off(9000, C, NO_FUTEX)),
    ]
    assert turns(records) == [A, B, C]


def test_a_thread_that_finds_the_mutex_locked_when_it_releases_the_gil_has_held_it() -> None:
    records = [*A_HOLDS, off(2000, A, LOCK), on(2001, B), off(8000, B, MUTEX), on(8001, C), off(8006, C, COND)]
    _, found = judge([*records, on(8010, B), off(8015, B, SWITCH_COND), on(8016, C), off(9000, C, NO_FUTEX)])
    assert lane(found, B)[2:4] == [(2000, State.RUNNING), (8000, State.GIL_WAIT)]


def test_a_thread_that_gave_the_gil_up_for_a_moment_and_kept_its_core_has_it_again() -> None:
    asks: list[Record] = [on(0, B, 1), off(5, B, COND, 1), on(20, A), on(5010, B, 1), off(5015, B, COND, 1)]
    records = [*asks, on(5200, B, 1), off(5206, B, NO_FUTEX, 1), off(9000, A, NO_FUTEX)]
    assert turns(records) == [A, B, A]
    assert lane(judge(records)[1], A)[-3:] == [(5200, State.RELEASED), (5206, State.RUNNING), (9000, State.IO)]


def test_one_that_released_the_gil_without_being_asked_goes_on_without() -> None:
    records = [on(0, B, 1), off(5, B, COND, 1), on(20, A), on(3000, B, 1), off(3006, B, NO_FUTEX, 1)]
    assert turns([*records, off(9000, A, NO_FUTEX)]) == [A, B]


def test_a_thread_that_waits_for_a_lock_again_at_once_has_not_taken_the_gil() -> None:
    records = [
        on(0, B),
        off(5, B, LOCK),
        on(10, A),
        off(3000, A, NO_FUTEX),
        on(3001, B),
        off(3006, B, LOCK),
        on(3007, A),
    ]
    assert turns([*records, off(9000, A, NO_FUTEX)]) == [B, A]
    assert lane(judge(records)[1], B)[-2:] == [(3000, State.RELEASED), (3006, State.LOCK)]


def test_a_thread_whose_wait_for_a_lock_has_timed_out_takes_the_gil() -> None:
    records = [on(0, B), off(5, B, LOCK), on(10, A), off(2000, A, NO_FUTEX), on(3000, B), off(3006, B, LOCK)]
    assert turns(records) == [B, A, B]
    assert lane(judge(records)[1], B)[-2:] == [(3000, State.RUNNING), (3006, State.LOCK)]
    # Had another just run, that might have released the lock.
    assert lane(judge([*records[:3], off(2950, A, NO_FUTEX), *records[4:]])[1], B)[-2:] == [
        (3000, State.RELEASED),
        (3006, State.LOCK),
    ]


def test_a_thread_that_wakes_up_and_goes_on_has_the_gil_of_the_one_that_lost_its_core_to_it() -> None:
    joins = [on(0, B), off(5, B, LOCK), on(10, C), off(15, C, COND), on(20, A), off(2000, A), on(2001, B)]
    records = [*joins, off(2060, B, OTHER_LOCK), on(2061, C), off(9000, C, NO_FUTEX)]
    assert turns(records) == [B, A, B, C]
    # The same for a moment, or until it waits for the GIL: then it did not get it.
    assert B not in turns([*joins, off(2010, B, OTHER_LOCK), on(2061, C), off(9000, C, NO_FUTEX)])[1:]
    assert B not in turns([*joins, off(2060, B, COND), on(2061, A), off(9000, A, NO_FUTEX)])[1:]


def test_a_thread_that_is_charged_for_less_than_its_records_show_runs_before_it_loses_its_core() -> None:
    slices = [each for n in range(130) for each in (on(1000 * n, A), off(1000 * n + 100, A, NO_FUTEX))]
    clocks = [ClockSample(1_000_000 * n + 500_000, A, 95_000 * (n + 1)) for n in (0, 60)]
    late: list[Record] = [on(140_000, A), off(140_004, A), on(140_005, B)]
    _, found = judge([*slices, *late], *clocks)
    times = [each.time_ns for each in found.transitions if each.tid == A][-2:]
    assert times[0] < times[1] == 140_004_000
    assert all(each.time_ns > times[0] for each in found.transitions if each.tid == B)


def test_a_thread_that_gets_its_core_before_its_record_runs_after_the_holder_did() -> None:
    """B's CPU clock counts 5 us before each record of its getting a core: from 142.005 ms on; A got its at 142.007."""
    slices: list[Record] = [
        each for n in range(130) for each in (on(1000 * n, B, 1), off(1000 * n + 100, B, NO_FUTEX, 1))
    ]
    clocks = [ClockSample(1_000_000 * n + 500_000, B, 105_000 * (n + 1)) for n in (0, 60)]
    waits = [on(140_000, A), on(140_020, B, 1), off(140_030, B, COND, 1), off(141_000, A), on(142_007, A)]
    _, found = judge(
        [
            on(0, A),
            off(1, A, NO_FUTEX),
            *slices,
            *waits,
            on(142_010, B, 1),
            off(142_015, A, SWITCH_COND),
            off(144_000, B, NO_FUTEX, 1),
        ],
        *clocks,
    )
    starts = sorted((each.time_ns, each.tid) for each in found.transitions if each.state is State.RUNNING)
    assert [tid for _, tid in starts[-2:]] == [A, B]
