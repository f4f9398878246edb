"""Episodes of threads that lose their core, or wait for one: which thread keeps the GIL, which waits for it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from pconc_tui.kernel.found import WITHOUT_CORE, Found
from pconc_tui.kernel.outside import HolderSample
from pconc_tui.kernel.records import BLOCKED, IN, NO_FUTEX, Record, Switch
from pconc_tui.protocol.block import State, pack
from pconc_tui.timeline.holds import HoldFinder
from tests.kernel.streams import COND, CPUS, LOCK, PID, SWITCH_COND, A, B, C, blocked, judge, lane, on, preempted


def test_a_preempted_thread_keeps_the_gil() -> None:
    records = [on(0, A), preempted(1000, A), on(3000, A), blocked(4000, A, NO_FUTEX)]
    found = judge(records)[1]
    assert [state for _, state in lane(found, A)] == [State.RUNNING, State.CORE_WAIT, State.RUNNING, State.IO]
    assert [(each.began_ns, each.ended_ns) for each in found.holds] == [(0, 4_000_000)]


def test_a_thread_that_takes_a_core_and_the_gil_at_once_runs_with_it_from_then_on() -> None:
    start = [on(0, A), on(10, B), blocked(15, B, COND), preempted(5090, A), on(5090, B)._replace(cpu=CPUS[A])]
    found = judge([*start, blocked(9000, B, NO_FUTEX)])[1]
    assert lane(found, B)[1:] == [(15, State.GIL_WAIT), (5090, State.RUNNING), (9000, State.IO)]


def test_from_the_release_on_the_next_waits_for_a_core() -> None:
    records = [on(0, A), on(10, B), blocked(15, B, COND), blocked(1000, A, NO_FUTEX), on(4000, B)]
    found = judge([*records, blocked(9000, B, NO_FUTEX)])[1]
    assert lane(found, B)[1:3] == [(15, State.GIL_WAIT), (1000, State.CORE_WAIT)]
    assert lane(found, B)[3] == (4000, State.RUNNING)


def test_a_thread_preempted_on_its_way_to_the_gil_is_judged_when_it_goes_on() -> None:
    start = [on(0, A), on(10, B), blocked(15, B, COND), on(5065, B), preempted(5068, B)]
    waits = [*start, on(9000, B), blocked(9005, B, COND), blocked(12000, A, SWITCH_COND)]
    found = judge(waits)[1]
    assert [each.tid for each in found.holds] == [A]
    assert len(found.requests) == 1
    takes = [*start, blocked(8000, A, SWITCH_COND), on(9000, B), blocked(12000, B, NO_FUTEX)]
    assert [each.tid for each in judge(takes)[1].holds] == [A, B]


ASKED_AND_HELD = [on(0, A), on(10, B), blocked(15, B, COND), on(5065, B), blocked(5070, B, COND)]


def test_a_thread_that_gave_the_gil_up_on_request_waits_for_it_also_where_it_has_no_core() -> None:
    records = [*ASKED_AND_HELD, preempted(5080, A), on(5090, B), on(9000, A), blocked(9010, A, COND)]
    found = judge([*records, blocked(9500, B, NO_FUTEX)])[1]
    assert lane(found, A) == [
        (0, State.RUNNING),
        (5080, State.CORE_WAIT),
        (5090, State.GIL_WAIT),
        (9000, State.RELEASED),
        (9010, State.GIL_WAIT),
    ]


def test_it_does_so_too_where_it_loses_its_core_after_the_gil() -> None:
    found = judge([*ASKED_AND_HELD, on(5090, B), preempted(5095, A), on(9000, A), blocked(9010, A, COND)])[1]
    assert lane(found, A)[1:3] == [(5090, State.RELEASED), (5095, State.GIL_WAIT)]


def test_that_it_has_no_core_and_needs_the_gil_is_said() -> None:
    records = [*ASKED_AND_HELD, on(5090, B), preempted(5095, A), on(9000, A), blocked(9010, A, COND)]
    found = judge(records)[1].transitions
    assert [each.detail for each in found if each.tid == A and each.state is State.GIL_WAIT] == [WITHOUT_CORE, 0]


def test_samples_near_a_switch_or_of_a_gil_that_is_free_say_nothing_of_how_long_it_is_held() -> None:
    records = [*ASKED_AND_HELD, on(5090, B), blocked(9000, B, NO_FUTEX)]
    unsampled = held_part(records)
    for time_us, counts in ((1000, True), (20, False), (9020, False), (9500, False)):
        assert (held_part(records, HolderSample(1000 * time_us, 0)) < unsampled) is counts


def held_part(records: Sequence[Record], *samples: HolderSample) -> float:
    use = judge(records, *samples)[0].use(0)
    assert use is not None
    return use.held


@pytest.mark.parametrize(
    ("time_us", "tid", "counts"),
    [
        (1000, B, True),  # It is blocked by its records, so it has been woken up.
        (1000, A, False),  # It has a core, and so has B then:
        (5067, B, False),
        (9500, B, False),  # The GIL is free by the records too.
    ],
)
def test_that_a_thread_is_ready_without_a_core_says_for_how_long_the_gil_is_held_then(
    time_us: int, tid: int, counts: bool
) -> None:
    records = [*ASKED_AND_HELD, blocked(9000, A, NO_FUTEX)]
    sample = HolderSample(1000 * time_us, 0)
    with_ready, without = (judge(records, each)[0].use(0) for each in (sample._replace(ready=(tid,)), sample))
    assert with_ready is not None
    assert without is not None
    assert with_ready.held == without.held
    assert (with_ready.held_for_ready < without.held_for_ready) is counts


def test_holds_that_end_when_another_takes_the_gil_say_that_it_is_free_for_a_part_of_the_time() -> None:
    # A goes on without the GIL, as in C code: when it released it is not on record. B blocks, which is.
    taken = [on(0, A), on(10, B), blocked(15, B, COND), on(1000, B), blocked(1500, B, NO_FUTEX)]
    assert held_part(taken) == pytest.approx(2 / 3, abs=0.01)
    handed_over = [on(0, A), on(10, B), blocked(15, B, COND), blocked(1000, A, NO_FUTEX), on(1010, B)]
    assert held_part([*handed_over, blocked(1500, B, NO_FUTEX)]) == 1


def test_that_the_gil_is_free_while_no_thread_needs_it_says_nothing() -> None:
    records = [on(0, A), blocked(1, A, NO_FUTEX), on(2, B), blocked(3, B, NO_FUTEX)]
    asked = [each._replace(time_ns=each.time_ns + 100_000_000) for each in ASKED_AND_HELD]
    moves = [on(105_090, B), preempted(105_095, A), on(109_000, A), blocked(109_010, A, COND)]
    free = [HolderSample(10_000_000 * number, 0) for number in range(1, 9)]
    found = judge([*records, *asked, *moves], *free)[1]
    assert (105_095, State.GIL_WAIT) in lane(found, A)


def test_a_thread_that_blocks_or_needs_the_gil_soon_after_releasing_it_waits_for_it_without_a_core() -> None:
    # Twice A wakes up B as it releases the GIL, and loses its core to B; then it runs 10 us until it needs the GIL.
    start = [on(0, A), on(10, B), blocked(15, B, COND)]
    first = [preempted(1000, A), on(1001, B), on(3000, A), blocked(3010, A, COND), blocked(3500, B, NO_FUTEX)]
    again = [on(3501, A), on(3600, B), blocked(3650, B, COND), preempted(4000, A), on(4001, B)]
    end = [on(6000, A), blocked(6010, A, COND), blocked(7000, B, NO_FUTEX)]
    found = judge([*start, *first, *again, *end])[1]
    lost = [state for time_us, state in lane(found, A) if time_us in (1001, 4001)]
    assert lost == [State.RELEASED, State.CORE_WAIT, State.GIL_WAIT]


def test_a_thread_that_blocks_in_a_lock_after_releasing_it_waits_for_a_core_the_next_time() -> None:
    # Three times A releases the GIL to B, and loses its core; then it needs the GIL, a lock, and a lock.
    records: list[Record] = []
    for number, futex in enumerate((COND, LOCK, LOCK)):
        at = 10_000 * number
        records += [on(at, A), on(at + 10, B), blocked(at + 15, B, COND), preempted(at + 1000, A), on(at + 1001, B)]
        records += [on(at + 3000, A), blocked(at + 3010, A, futex), blocked(at + 3500, B, NO_FUTEX)]
    found = judge(records)[1]
    waits = [state for time_us, state in lane(found, A) if time_us % 10_000 == 1001]
    without = [State.RELEASED, State.CORE_WAIT]
    assert waits == [*without, State.GIL_WAIT, *without]


def test_a_thread_without_a_core_holds_the_gil_until_another_takes_it() -> None:
    """Here B at 1001, though A waits for a core before and afterwards."""
    records = [on(0, A), on(10, B), blocked(15, B, COND), preempted(1000, A), on(1001, B), on(3000, A)]
    found = judge([*records, blocked(3010, A, LOCK), blocked(3500, B, NO_FUTEX)])[1]
    assert holds(found, A) == [(0, 1001)]
    assert holds(found, B) == [(1001, 3500)]


def test_a_thread_without_a_core_holds_it_until_a_sample_finds_it_free() -> None:
    records = [on(0, A), preempted(1000, A), on(9000, A), blocked(9010, A, LOCK)]
    found = judge(records, HolderSample(5_000_000, 0))[1]
    assert holds(found, A)[0] == (0, 5000)


def holds(found: Found, tid: int) -> list[tuple[int, int]]:
    """When a thread held the GIL by its lane, in us."""
    words = [pack(each.time_ns, each.state) for each in found.transitions if each.tid == tid]
    return [(began_ns // 1000, ended_ns // 1000) for began_ns, ended_ns in HoldFinder().add(words)]


def test_a_holder_without_a_core_keeps_the_gil_while_another_finds_that_it_has_to_wait() -> None:
    records = [
        on(0, A),
        preempted(1000, A),
        on(2000, B),
        blocked(2150, B, COND),
        on(3000, A),
        blocked(4000, A, NO_FUTEX),
    ]
    found = judge(records)[1]
    assert [(each.began_ns // 1000, each.ended_ns // 1000, each.tid) for each in found.holds] == [(0, 4000, A)]
    assert lane(found, B)[:2] == [(2000, State.RELEASED), (2150, State.GIL_WAIT)]


def test_a_thread_that_computes_without_the_gil_waits_for_a_core() -> None:
    records = [on(0, A), on(10, B), blocked(15, B, COND), on(1000, B), preempted(4000, A), on(8000, A)]
    found = judge([*records, blocked(9500, B, NO_FUTEX)])[1]
    assert lane(found, A) == [
        (0, State.RUNNING),
        (1000, State.RELEASED),
        (4000, State.CORE_WAIT),
        (8000, State.RELEASED),
    ]


def test_a_thread_that_wakes_up_while_another_holds_the_gil_waits_for_it_also_without_a_core() -> None:
    records = [on(0, A), on(10, B), blocked(15, B, COND), on(500, C), preempted(510, C), on(4000, C)]
    found = judge([*records, blocked(4010, C, COND)])[1]
    assert lane(found, C)[:2] == [(500, State.RELEASED), (510, State.GIL_WAIT)]


def test_a_thread_without_the_gil_is_without_it_after_it_lost_its_core_too() -> None:
    records = [on(0, A), on(10, B), blocked(15, B, COND), on(1000, B), preempted(2000, A), on(3000, A)]
    found = judge([*records, blocked(4000, B, LOCK), blocked(9000, A, COND)])[1]
    assert lane(found, A)[1:4] == [(1000, State.RELEASED), (2000, State.CORE_WAIT), (3000, State.RELEASED)]


def test_a_thread_that_lost_its_core_before_it_could_take_a_free_gil_takes_it_later() -> None:
    records = [on(0, A), on(10, B), blocked(15, B, COND), blocked(1000, A, NO_FUTEX), on(1010, B), preempted(1020, B)]
    found = judge([*records, on(9000, B), blocked(12000, B, NO_FUTEX)], HolderSample(4_000_000, 0))[1]
    assert lane(found, B)[-2:] == [(9000, State.RUNNING), (12000, State.IO)]


def test_a_thread_that_only_asks_is_not_taken_for_the_holder() -> None:
    asks = [on(10, B), blocked(15, B, COND), on(5065, B), preempted(5068, B)]
    waits = [on(6000, C), blocked(6005, C, COND), on(9000, B), blocked(9005, B, COND)]
    found = judge([on(0, A), *asks, *waits, blocked(12000, A, SWITCH_COND)], HolderSample(3_000_000, 0))[1]
    assert lane(found, A) == [
        (0, State.RUNNING),
        (3000, State.RELEASED),
        (6005, State.RUNNING),
        (12000, State.GIL_WAIT),
    ]


def test_holds_do_not_overlap_though_a_thread_gets_its_core_before_its_record() -> None:
    # The core that B gets at 5102 us was free from 5099 us on, when A still held the GIL.
    freed = [Switch(4_000_000, PID, C, CPUS[B], IN), Switch(5_099_000, PID, C, CPUS[B], BLOCKED, NO_FUTEX)]
    records = [on(0, A), on(10, B), blocked(15, B, COND), *freed, blocked(5101, A, SWITCH_COND), on(5102, B)]
    _, found = judge([*records, blocked(9000, B, NO_FUTEX)])
    assert lane(found, B)[-3:-1] == [(5099, State.RELEASED), (5101, State.RUNNING)]
    assert [(hold.tid, hold.began_ns, hold.ended_ns) for hold in found.holds[-2:]] == [
        (A, found.holds[-2].began_ns, 5_101_000),
        (B, 5_101_000, 9_000_000),
    ]
