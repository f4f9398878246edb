"""Episodes of threads that start, end and call execve, and of times whose records were lost."""

from __future__ import annotations

from pconc_tui.kernel.records import NO_FUTEX, Comm, Exit, Fork, Lost, Record
from pconc_tui.protocol.block import State
from tests.kernel.streams import COND, LOCK, PID, A, B, C, blocked, judge, lane, on


def test_threads_start_and_end() -> None:
    records: list[Record] = [on(0, A), Fork(100_000, PID, B, 0, PID, A), blocked(150, A, LOCK), on(200, B)]
    found = judge([*records, Exit(900_000, PID, B, 1)])[1]
    assert lane(found, B) == [(100, State.STARTING), (200, State.RUNNING), (900, State.ENDED)]


def test_another_program_has_no_gil_yet() -> None:
    records: list[Record] = [on(0, A), Comm(100_000, PID, A, 0, "sh", True), blocked(500, A, COND)]
    assert lane(judge(records)[1], A) == [(0, State.RUNNING), (500, State.LOCK)]


def test_a_thread_that_calls_execve_goes_on_as_the_first() -> None:
    records: list[Record] = [on(0, A), blocked(10, A, LOCK), on(20, C), blocked(30, C, LOCK), on(50, B)]
    ended: list[Record] = [Exit(100_000, PID, A, 0), Exit(110_000, PID, C, 0)]
    found = judge([*records, *ended, Comm(120_000, PID, A, 1, "sh", True), blocked(500, A, LOCK)])[1]
    assert lane(found, A)[-3:] == [(100, State.ENDED), (120, State.RUNNING), (500, State.LOCK)]
    assert lane(found, B) == [(50, State.RUNNING), (120, State.ENDED)]
    assert lane(found, C)[-1] == (110, State.ENDED)


def test_what_overflowed_is_unknown_until_a_thread_is_seen_again() -> None:
    lost = [Lost(2_000_000, 5_000_000, 1, 0), Lost(5_100_000, 5_100_000, 1, 77)]
    records: list[Record] = [
        on(0, A),
        on(10, B),
        blocked(15, B, COND),
        *lost,
        on(3000, B),
        on(6000, B),
        blocked(7000, A, NO_FUTEX),
    ]
    episodes, found = judge([*records, blocked(9000, B, NO_FUTEX)])
    assert lane(found, A) == [(0, State.RUNNING), (2000, State.UNKNOWN), (7000, State.IO)]
    assert (2000, State.UNKNOWN) in lane(found, B)
    assert 3000 not in dict(lane(found, B))
    assert (6000, State.RUNNING) in lane(found, B)
    assert episodes.lost == 77
    assert found.holds[0].ended_ns == 2_000_000


def test_a_thread_that_starts_in_an_unknown_time_is_unknown() -> None:
    records: list[Record] = [on(0, A), Lost(2_000_000, 5_000_000, 1, 0), Fork(3_000_000, PID, B, 0, PID, A)]
    found = judge([*records, on(4000, B), blocked(6000, B, LOCK)])[1]
    assert lane(found, B) == [(3000, State.STARTING), (3000, State.UNKNOWN), (6000, State.LOCK)]


def test_nothing_of_an_unknown_time_is_shown() -> None:
    lost = Lost(2_000_000, 5_000_000, 1, 0)
    found = judge([on(0, A), lost, blocked(3000, A, LOCK), on(4000, A), blocked(6000, A, NO_FUTEX)])[1]
    assert lane(found, A) == [(0, State.RUNNING), (2000, State.UNKNOWN), (6000, State.IO)]


def test_a_thread_that_ends_has_released_the_gil_for_that() -> None:
    """A starts one thread after another, and waits for each to end, which wakes it up."""
    records: list[Record] = [on(0, A)]
    for number in range(20):
        us = 1000 * number
        records += [Fork(1000 * us + 10_000, PID, B, 0, PID, A), blocked(us + 20, A, LOCK), on(us + 30, B)]
        records += [on(us + 990, A), Exit(1000 * us + 995_000, PID, B, 1)]
    episodes, found = judge(records)
    assert len([each for each in found.holds if each.tid == B]) == 20
    use = episodes.use(0)
    assert use is not None
    assert use.held > 0.95
