"""Waits for a core after a wake-up, by the queue clock."""

from __future__ import annotations

import pytest

from pconc_tui.kernel.records import BLOCKED, IN, PREEMPTED
from pconc_tui.sampler.core_use import JUST_WOKEN, UNUSED
from pconc_tui.sampler.wake_ups import WakeUps

MS = 1_000_000


def add(wake_ups: WakeUps, time_ms: float, way: int, interval_ns: int = 0) -> None:
    time_ns = round(time_ms * MS)
    if way == IN:
        wake_ups.gets_core(time_ns)
    else:
        wake_ups.loses_core(time_ns, way, interval_ns)


def switches(*pairs: tuple[float, int]) -> WakeUps:
    wake_ups = WakeUps()
    wake_ups.read(0)
    for time_ms, way in pairs:
        add(wake_ups, time_ms, way)
    return wake_ups


def test_what_is_no_preemption_is_a_wait_after_the_wake_up() -> None:
    wake_ups = switches((10, BLOCKED), (25, IN), (26, PREEMPTED), (28, IN))
    assert wake_ups.is_due
    wake_ups.read(7 * MS)
    assert not wake_ups.is_due
    assert wake_ups.waited_ns(25 * MS - 5_000) == 5 * MS
    assert wake_ups.waited_ns(28 * MS) == 0


def test_several_waits_are_taken_to_be_equal_and_no_longer_than_it_was_blocked() -> None:
    wake_ups = switches((10, BLOCKED), (11, IN), (12, BLOCKED), (20, IN))
    wake_ups.read(6 * MS)
    assert [wake_ups.waited_ns(time_ms * MS) for time_ms in (11, 20)] == [1 * MS, 5 * MS]


def test_waits_do_not_last_longer_than_all_that_it_was_blocked() -> None:
    wake_ups = switches((10, BLOCKED), (11, IN), (12, BLOCKED), (20, IN))
    wake_ups.read(60 * MS)
    assert [wake_ups.waited_ns(time_ms * MS) for time_ms in (11, 20)] == [1 * MS, 8 * MS]


def test_a_clock_that_grew_by_more_than_it_was_blocked_says_that_it_only_waited_for_a_core() -> None:
    wake_ups = switches((10, BLOCKED), (20, IN), (21, BLOCKED), (22, IN))
    wake_ups.read(12 * MS)
    assert [wake_ups.waited_ns(time_ms * MS) for time_ms in (20, 22)] == [10 * MS, 1 * MS]


def test_what_the_clock_counts_before_the_records_show_it_is_subtracted_when_they_do() -> None:
    wake_ups = switches((10, BLOCKED), (20, IN))
    wake_ups.read(13 * MS)  # 3 ms of them are those from 30 on.
    assert wake_ups.waited_ns(20 * MS) == 10 * MS
    for time_ms, way in ((30, PREEMPTED), (33, IN), (40, BLOCKED), (50, IN)):
        add(wake_ups, time_ms, way)
    wake_ups.read(15 * MS)
    assert wake_ups.waited_ns(50 * MS) == 2 * MS


def test_the_clock_of_a_new_thread_is_known_from_its_start_on() -> None:
    wake_ups = WakeUps(10 * MS)
    for time_ms, way in ((11, IN), (12, BLOCKED), (20, IN)):
        add(wake_ups, time_ms, way)
    wake_ups.read(4 * MS)
    assert wake_ups.waited_ns(20 * MS) == 3 * MS


def test_a_run_that_is_shown_a_little_later_than_recorded_has_its_wait() -> None:
    wake_ups = switches((10, BLOCKED), (25, IN))
    wake_ups.read(2 * MS)
    assert wake_ups.waited_ns(25 * MS + 2_000) == 2 * MS


def test_of_a_thread_that_has_ended_the_last_waits_are_as_long_as_those_before_on_average() -> None:
    wake_ups = switches((10, BLOCKED), (20, IN), (21, BLOCKED), (24, IN))
    wake_ups.read(4 * MS)
    for time_ms, way in ((30, BLOCKED), (35, IN), (36, BLOCKED), (37, IN)):
        add(wake_ups, time_ms, way)
    wake_ups.end()
    assert [wake_ups.waited_ns(time_ms * MS) for time_ms in (20, 24, 35, 37)] == [2 * MS, 2 * MS, 2 * MS, 1 * MS]


def test_of_a_thread_whose_clock_was_never_read_nothing_is_known() -> None:
    wake_ups = WakeUps(1)
    for time_ms, way in ((1, IN), (2, BLOCKED), (12, IN)):
        add(wake_ups, time_ms, way)
    wake_ups.end()
    assert not wake_ups.has_waits


def test_a_wait_for_the_gil_that_lasted_longer_than_its_time_out_was_for_a_core_then() -> None:
    wake_ups = switches((1, IN))
    for time_ms, way in ((10, BLOCKED), (17, IN), (18, BLOCKED), (20, IN), (21, BLOCKED), (33, IN)):
        add(wake_ups, time_ms, way, 5 * MS)
    wake_ups.read(5 * MS)
    # The last has timed out more than once, which left no record.
    assert [wake_ups.waited_ns(time_ms * MS) for time_ms in (17, 20, 33)] == [3 * MS, 1 * MS, 1 * MS]


@pytest.mark.parametrize(
    ("each_ns", "shown_ns"),
    [(7_000, [0, 0, 0, 28_000]), (24_000, [0, 48_000, 0, 48_000]), (26_000, [26_000] * 4)],
)
def test_short_waits_are_shown_together(each_ns: int, shown_ns: list[int]) -> None:
    wake_ups = switches(*((time_ms, way) for n in range(4) for time_ms, way in ((2 * n + 1, BLOCKED), (2 * n + 2, IN))))
    wake_ups.read(4 * each_ns)
    assert [wake_ups.waited_ns((2 * n + 2) * MS) for n in range(4)] == shown_ns


def test_of_short_waits_none_is_shown_longer_than_it_was_blocked() -> None:
    wake_ups = switches((1, BLOCKED), (2, IN), (3, BLOCKED), (3.02, IN), (4, BLOCKED), (5, IN))
    wake_ups.read(60_000)
    assert [wake_ups.waited_ns(round(time_ms * MS)) for time_ms in (2, 3.02, 5)] == [0, 20_000, 40_000]


def test_a_wait_whose_run_is_not_shown_is_forgotten() -> None:
    wake_ups = switches((10, BLOCKED), (25, IN), (30, BLOCKED), (40, IN))
    wake_ups.read(2 * MS)
    assert wake_ups.waited_ns(40 * MS) == 1 * MS


def test_wake_ups_that_were_left_out_have_waited_for_as_long() -> None:
    wake_ups = switches((1, IN))
    add(wake_ups, 10, BLOCKED, 20 * MS)
    add(wake_ups, 25, IN)
    wake_ups.left_out = 2
    wake_ups.read(6 * MS)
    assert wake_ups.waited_ns(25 * MS) == 2 * MS
    add(wake_ups, 30, BLOCKED, 20 * MS)
    add(wake_ups, 40, IN)
    wake_ups.read(9 * MS)
    assert wake_ups.waited_ns(40 * MS) == 3 * MS


def woken(taken_ms: tuple[float, ...], interval_ns: int = 0) -> WakeUps:
    """A thread that blocks every 10 ms for 5 ms, and gets a core that others have had for so long."""
    wake_ups = switches((1, IN))
    for number, ms in enumerate(taken_ms):
        wake_ups.loses_core((10 * number + 10) * MS, BLOCKED, interval_ns)
        wake_ups.gets_core((10 * number + 15) * MS, round(ms * MS) if ms > 0 else round(ms))
    return wake_ups


def waits_ms(wake_ups: WakeUps, count: int) -> list[float]:
    return [wake_ups.waited_ns((10 * number + 15) * MS) / MS for number in range(count)]


def test_who_gets_a_core_that_another_had_waited_for_it_rather_than_others() -> None:
    wake_ups = woken((UNUSED, 4, 1, JUST_WOKEN))
    wake_ups.read(4 * MS)
    assert waits_ms(wake_ups, 4) == [0, 3, 1, 0]


def test_what_is_more_than_others_had_the_core_is_for_cores_that_they_did_not_have() -> None:
    wake_ups = woken((UNUSED, 2, UNUSED, JUST_WOKEN))
    wake_ups.read(8 * MS)
    assert waits_ms(wake_ups, 4) == [3, 2, 3, 0]


def test_what_is_more_than_that_is_for_all() -> None:
    wake_ups = woken((UNUSED, 2, JUST_WOKEN))
    wake_ups.read(13 * MS)
    assert waits_ms(wake_ups, 3) == [5, 5, 3]


def test_a_thread_that_waited_for_the_gil_did_not_wait_for_an_unused_core_as_long_as_others_may_have() -> None:
    wake_ups = woken((2, UNUSED), 6 * MS)
    wake_ups.loses_core(30 * MS, BLOCKED)
    wake_ups.gets_core(35 * MS, UNUSED)
    wake_ups.read(6 * MS)
    assert waits_ms(wake_ups, 3) == [2, 0, 4]


@pytest.mark.parametrize("by_record", [True, False])
def test_a_wait_is_for_the_gil_by_its_record_or_by_what_is_known_when_the_clock_is_read(by_record: bool) -> None:
    """One that lasted longer than its time-out was for a core then; no other is, where the core was unused."""
    wake_ups = switches((1, IN))
    for blocked_ms, on_ms, interval_ms in ((10, 17, 5), (20, 24, 5), (30, 36, 0)):
        add(wake_ups, blocked_ms, BLOCKED, by_record * interval_ms * MS)
        add(wake_ups, on_ms, IN)
    if by_record:
        wake_ups.read(6 * MS)
    else:
        wake_ups.read(6 * MS, {17 * MS, 24 * MS}, 5 * MS)
    assert [wake_ups.waited_ns(time_ms * MS) / MS for time_ms in (17, 24, 36)] == [2, 0, 4]


def new_thread(*pairs: tuple[float, int]) -> WakeUps:
    """A thread that was started at 10 ms, and these records of it."""
    wake_ups = WakeUps(10 * MS)
    for time_ms, way in pairs:
        add(wake_ups, time_ms, way)
    return wake_ups


def test_what_was_read_early_is_for_the_wake_ups_before_it() -> None:
    wake_ups = new_thread((10, IN), (11, BLOCKED))
    wake_ups.read_early(25 * MS, 4 * MS)
    wake_ups.read_early(35 * MS, 5 * MS)
    for time_ms, way in ((20, IN), (21, BLOCKED), (30, IN), (31, BLOCKED), (40, IN)):
        add(wake_ups, time_ms, way)
    wake_ups.read(8 * MS)
    assert [wake_ups.waited_ns(time_ms * MS) / MS for time_ms in (20, 30, 40)] == [4, 1, 3]


def test_what_was_read_early_of_a_thread_that_has_ended_is_known() -> None:
    wake_ups = new_thread((10, IN), (11, BLOCKED))
    wake_ups.read_early(25 * MS, 4 * MS)
    for time_ms, way in ((20, IN), (21, BLOCKED), (30, IN)):
        add(wake_ups, time_ms, way)
    wake_ups.end()
    assert [wake_ups.waited_ns(time_ms * MS) / MS for time_ms in (20, 30)] == [4, 4]


def test_the_clock_of_a_new_thread_is_read_the_less_often_the_older_it_is() -> None:
    wake_ups = new_thread((10, IN))
    assert not wake_ups.is_due_early(11 * MS)  # It has not blocked.
    add(wake_ups, 12, BLOCKED)
    read_ms = []
    for now_ms in range(12, 500):
        if wake_ups.is_due_early(now_ms * MS):
            wake_ups.read_early(now_ms * MS, 0)
            read_ms.append(now_ms)
    assert read_ms[:3] == [12, 13, 14]
    assert read_ms[-2:] == [473, 492]
    assert wake_ups.is_new(1000 * MS)
    assert not wake_ups.is_new(10_000 * MS)


def test_a_run_before_the_thread_blocked_for_a_wait_is_not_that_after_it() -> None:
    wake_ups = switches((1, BLOCKED), (1.01, IN), (1.02, BLOCKED), (1.06, IN))
    wake_ups.read(40_000)
    assert wake_ups.waited_ns(round(1.01 * MS)) == 0
    assert wake_ups.waited_ns(round(1.05 * MS)) == 40_000
