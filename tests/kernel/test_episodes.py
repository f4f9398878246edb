"""Episodes, on streams of records made by hand; times in microseconds."""

from __future__ import annotations

from collections.abc import Iterable

from pconc_tui.kernel.episodes import Episodes, Found
from pconc_tui.kernel.gil import Gil
from pconc_tui.kernel.outside import BlockedSample, ClockSample, GilWaits, HolderSample, Outside
from pconc_tui.kernel.records import (
    BLOCKED,
    IN,
    NO_CALL,
    NO_FUTEX,
    PREEMPTED,
    UNKNOWN,
    Comm,
    Exit,
    Fork,
    Lost,
    Record,
    Switch,
)
from pconc_tui.protocol.block import State

PID, A, B, C = 10, 10, 11, 12
GIL = Gil(0x1000, 0x1030, 0x1058, 0x1088, 0x10B0)
COND, MUTEX, SWITCH_COND, LOCK = 0x1028, 0x1030, 0x1080, 0x9000
LONG_US = 10_000_000
CPUS = {A: 0, B: 1, C: 2}


def on(us: int, tid: int) -> Switch:
    return Switch(1000 * us, PID, tid, CPUS[tid], IN)


def preempted(us: int, tid: int) -> Switch:
    return Switch(1000 * us, PID, tid, CPUS[tid], PREEMPTED)


def blocked(us: int, tid: int, futex: int) -> Switch:
    return Switch(1000 * us, PID, tid, CPUS[tid], BLOCKED, futex)


def judge(records: Iterable[Record], *outside: Outside, gils: Iterable[Gil] = (GIL,)) -> tuple[Episodes, Found]:
    episodes = Episodes(PID, tuple(gils))
    return episodes, episodes.add(records, 1000 * LONG_US, outside)


def lane(found: Found, tid: int) -> list[tuple[int, State]]:
    return [(each.time_ns // 1000, each.state) for each in found.transitions if each.tid == tid]


TAKE_TURNS = [
    on(0, A),
    on(10, B),
    blocked(15, B, COND),
    on(5065, B),
    blocked(5070, B, COND),
    blocked(5090, A, SWITCH_COND),
    on(5095, B),
    on(5110, A),
    blocked(5115, A, COND),
    on(10200, A),
    blocked(10205, A, COND),
    blocked(10230, B, SWITCH_COND),
    on(10240, A),
    blocked(15000, A, NO_FUTEX),
]


def test_two_threads_take_turns() -> None:
    episodes, found = judge(TAKE_TURNS)
    assert lane(found, A) == [
        (0, State.RUNNING),
        (5090, State.GIL_WAIT),
        (5110, State.RELEASED),
        (5115, State.GIL_WAIT),
        (10200, State.RELEASED),
        (10205, State.GIL_WAIT),
        (10240, State.RUNNING),
        (15000, State.IO),
    ]
    assert lane(found, B) == [
        (10, State.RELEASED),
        (15, State.GIL_WAIT),
        (5065, State.RELEASED),
        (5070, State.GIL_WAIT),
        (5095, State.RUNNING),
        (10230, State.GIL_WAIT),
    ]
    assert [(each.time_ns // 1000, each.tid) for each in found.requests] == [(5065, B), (10200, A)]
    assert [(each.began_ns // 1000, each.ended_ns // 1000, each.tid) for each in found.holds] == [
        (0, 5090, A),
        (5095, 10230, B),
        (10240, 15000, A),
    ]
    assert episodes.handoffs == 2


def test_it_makes_no_difference_how_many_records_are_judged_at_once() -> None:
    whole, parts = judge(TAKE_TURNS)[1], Found([], [], [])
    episodes = Episodes(PID, [GIL])
    for number, record in enumerate(TAKE_TURNS):
        last = number == len(TAKE_TURNS) - 1
        found = episodes.add([record], 1000 * LONG_US if last else record.time_ns)
        parts.transitions.extend(found.transitions)
        parts.requests.extend(found.requests)
        parts.holds.extend(found.holds)
    assert parts == whole


def test_the_next_may_take_the_gil_before_the_last_waits_for_that() -> None:
    records = [
        *(on(0, A), on(10, B), blocked(15, B, COND)),
        *(on(5065, B), blocked(5070, B, COND), on(5080, B), blocked(5090, A, SWITCH_COND)),
        *(on(5092, A), blocked(5097, A, COND), blocked(9000, B, NO_FUTEX)),
    ]
    episodes, found = judge(records)
    assert [each.tid for each in found.holds] == [A, B]
    assert episodes.handoffs == 1


def test_a_wait_for_a_mutex_of_the_gil_ends_no_episode() -> None:
    records = [on(0, A), on(10, B), blocked(12, B, MUTEX), on(14, B), blocked(18, B, COND), blocked(9000, A, NO_FUTEX)]
    episodes, found = judge(records)
    assert lane(found, B)[:2] == [(10, State.RELEASED), (12, State.GIL_WAIT)]
    assert episodes.handoffs == 0


def test_a_thread_that_runs_while_another_takes_the_gil_has_released_it() -> None:
    records = [on(0, A), on(10, B), blocked(15, B, COND), on(1000, B), blocked(3000, B, LOCK), blocked(9000, A, COND)]
    found = judge(records)[1]
    assert lane(found, A) == [(0, State.RUNNING), (1000, State.RELEASED), (9000, State.GIL_WAIT)]
    assert lane(found, B)[-2:] == [(1000, State.RUNNING), (3000, State.LOCK)]
    assert found.transitions[-2].detail == LOCK


def test_while_others_wait_for_the_gil_a_thread_that_wakes_up_runs_without_it() -> None:
    records = [on(0, A), on(10, B), blocked(15, B, COND), on(100, C), blocked(2000, C, NO_FUTEX)]
    found = judge([*records, blocked(4000, A, SWITCH_COND)])[1]
    assert lane(found, C) == [(100, State.RELEASED), (2000, State.IO)]
    assert [each.tid for each in found.holds] == [A]


def test_a_preempted_thread_keeps_the_gil() -> None:
    records = [on(0, A), preempted(1000, A), on(3000, A), blocked(4000, A, NO_FUTEX)]
    found = judge(records)[1]
    assert [state for _, state in lane(found, A)] == [State.RUNNING, State.CORE_WAIT, State.RUNNING, State.IO]
    assert [(each.began_ns, each.ended_ns) for each in found.holds] == [(0, 4_000_000)]


def test_a_thread_that_waits_for_a_page_keeps_the_gil() -> None:
    found = judge([on(0, A), blocked(1000, A, NO_CALL), on(3000, A), blocked(4000, A, NO_FUTEX)])[1]
    keeps = [State.RUNNING, State.BLOCKED_WITH_GIL, State.RUNNING, State.IO]
    assert [state for _, state in lane(found, A)] == keeps
    assert [(each.began_ns, each.ended_ns) for each in found.holds] == [(0, 4_000_000)]


def blocks_while_another_waits(*then: Record) -> list[tuple[int, State]]:
    """The lane of a thread that took the GIL, and blocks in a system call while the one before waits for it."""
    begins = [on(0, B), on(10, A), blocked(15, A, COND), on(5020, A), blocked(5030, B, SWITCH_COND), on(5040, B)]
    waits = [blocked(5045, B, COND), blocked(6000, A, NO_FUTEX)]
    return lane(judge([*begins, *waits, *then])[1], A)[-3:]


def test_a_thread_that_blocks_without_releasing_the_gil_keeps_it() -> None:
    asks: list[Record] = [on(10050, B), blocked(10055, B, COND), on(15060, B), blocked(15065, B, COND)]
    blocks = [(6000, State.IO), (15060, State.BLOCKED_WITH_GIL)]
    assert blocks_while_another_waits(*asks)[1:] == blocks
    assert blocks_while_another_waits(*asks, on(18000, A)) == [*blocks, (18000, State.RUNNING)]
    # Another takes it, so it was released in time.
    assert blocks_while_another_waits(*asks, on(18000, B)) == [*blocks, (18000, State.IO)]
    assert blocks_while_another_waits(on(6010, B), blocked(9000, B, LOCK))[-1] == (6000, State.IO)


def test_a_thread_that_is_blocked_may_hold_the_gil_by_a_sample() -> None:
    records: list[Record] = [on(0, A), blocked(10, A, NO_FUTEX), on(20, B), blocked(30, B, COND)]
    found = judge([*records, on(9000, A)], HolderSample(2_000_000, A, 0))[1]
    assert lane(found, A)[1:] == [(10, State.IO), (2000, State.BLOCKED_WITH_GIL), (9000, State.RUNNING)]


def test_a_thread_that_blocks_while_others_have_no_core_has_released_the_gil() -> None:
    waits: list[Record] = [on(5500, C), preempted(5600, C), on(10050, B), blocked(10055, B, COND)]
    assert blocks_while_another_waits(*waits, on(15060, B), blocked(15065, B, COND))[-1] == (6000, State.IO)


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


def test_without_a_gil_all_run() -> None:
    found = judge([on(0, A), on(10, B), blocked(1000, A, LOCK), blocked(2000, B, NO_FUTEX)], gils=())[1]
    assert lane(found, A) == [(0, State.RUNNING), (1000, State.LOCK)]
    assert lane(found, B) == [(10, State.RUNNING), (2000, State.IO)]
    assert not found.holds


def test_each_interpreter_has_its_own_gil() -> None:
    second = Gil(*(address + 0x1000 for address in GIL))
    records = [
        *(on(0, A), on(10, B), blocked(15, B, COND + 0x1000), on(1000, B), preempted(2000, B), on(3000, B)),
        *(blocked(8000, B, SWITCH_COND + 0x1000), blocked(9000, A, NO_FUTEX)),
    ]
    episodes, found = judge(records, gils=(GIL, second))
    assert (0, State.RUNNING) in lane(found, A)
    assert (3000, State.RUNNING) in lane(found, B)
    assert State.RELEASED not in {state for _, state in lane(found, A)}
    assert {each.tid for each in found.holds} == {A, B}
    assert episodes.handoffs == 0


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


def test_turns_that_are_as_short_as_requests_are_turns() -> None:
    turns: list[Record] = [on(0, A), on(10, B), blocked(20, B, COND)]
    for us in range(120, 1200, 240):  # The one that asks gets the GIL at once, and the other waits for it at `cond`.
        turns += [on(us, B), blocked(us + 10, A, COND), on(us + 120, A), blocked(us + 130, B, COND)]
    episodes = Episodes(PID, (GIL,), interval_ns=50_000)
    found = episodes.add(turns, 1000 * LONG_US)
    assert [(each.tid, each.ended_ns - each.began_ns) for each in found.holds[1:9]] == 4 * [(B, 120_000), (A, 120_000)]
    assert episodes.handoffs == 10


def test_a_sampled_holder_shows_a_gil_that_was_taken_and_released_unnoticed() -> None:
    records = [on(0, A), blocked(9000, A, NO_FUTEX)]
    free, held = HolderSample(3_000_000, 0), HolderSample(6_000_000, A)
    found = judge(records, free, held)[1]
    assert lane(found, A) == [(0, State.RUNNING), (3000, State.RELEASED), (6000, State.RUNNING), (9000, State.IO)]


def test_a_sample_of_the_holder_near_a_switch_says_nothing() -> None:
    found = judge([on(0, A), blocked(9000, A, NO_FUTEX)], HolderSample(20_000, 0))[1]
    assert lane(found, A) == [(0, State.RUNNING), (9000, State.IO)]


def test_native_threads_take_no_gil() -> None:
    episodes = Episodes(PID, [GIL])
    episodes.native_tids = {B}
    records = [on(0, B), blocked(9000, B, NO_FUTEX), on(9100, C), blocked(9200, C, NO_FUTEX)]
    found = episodes.add(records, 1000 * LONG_US)
    assert lane(found, B) == [(0, State.RELEASED), (9000, State.IO)]
    assert lane(found, C) == [(9100, State.RUNNING), (9200, State.IO)]  # It may be too new to be known.


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


def test_where_the_gil_is_mostly_free_a_thread_without_a_core_waits_for_that() -> None:
    records = [*ASKED_AND_HELD, on(5090, B), preempted(5095, A), on(9000, A), blocked(9010, A, COND)]
    for tid, state in ((0, State.CORE_WAIT), (A, State.GIL_WAIT)):
        # Too near to the beginning to say more than how often it is free.
        found = judge(records, *[HolderSample(time_ns, tid) for time_ns in range(3)])[1]
        assert lane(found, A)[1:3] == [(5090, State.RELEASED), (5095, state)]


def test_a_thread_that_wakes_up_and_waits_for_the_mutex_of_the_gil_takes_it_after_that() -> None:
    # A keeps the mutex while it gives the GIL up; B and C, which had asked for it, wait for the mutex until then.
    asked = [on(0, A), on(10, B), blocked(15, B, COND), on(20, C), blocked(25, C, COND), preempted(3000, A)]
    mutex = [on(5065, B), blocked(5080, B, MUTEX), on(5070, C), blocked(5085, C, MUTEX), on(5090, A)]
    taken = [
        blocked(5100, A, SWITCH_COND),
        on(5101, B),
        blocked(5250, B, NO_FUTEX),
        on(5251, C),
        blocked(9000, C, NO_FUTEX),
    ]
    episodes, found = judge([*asked, *mutex, *taken])
    holds = [(each.began_ns // 1000, each.ended_ns // 1000, each.tid) for each in found.holds]
    assert holds == [(0, 5100, A), (5101, 5250, B), (5251, 9000, C)]
    assert episodes.handoffs == 2


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


def test_what_threads_are_blocked_in_from_the_start_is_sampled() -> None:
    found = judge([], BlockedSample(1_000_000, A, COND), BlockedSample(2_000_000, B, LOCK))[1]
    assert lane(found, A) == [(1000, State.GIL_WAIT)]
    assert lane(found, B) == [(2000, State.LOCK)]


def test_without_registers_a_sample_says_what_a_thread_has_been_blocked_in() -> None:
    records = [on(0, A), blocked(1000, A, UNKNOWN), on(9000, A)]
    found = judge(records, BlockedSample(4_000_000, A, LOCK))[1]
    assert lane(found, A)[:3] == [(0, State.RUNNING), (1000, State.LOCK), (9000, State.RUNNING)]


def test_without_registers_a_request_is_known_by_the_switch_interval() -> None:
    records = [on(0, A), on(10, B), blocked(15, B, UNKNOWN), on(5065, B), blocked(5070, B, UNKNOWN)]
    found = judge([*records, blocked(5090, A, UNKNOWN), on(5095, B), blocked(9000, B, UNKNOWN)])[1]
    assert (15, State.GIL_WAIT) in lane(found, B)
    assert (5070, State.GIL_WAIT) in lane(found, B)
    assert len(found.requests) == 1


def test_without_registers_a_wait_that_has_ended_is_decided_when_it_begins() -> None:
    """So B waits for the GIL when C wakes up, which therefore does not take it."""
    records = [on(0, A), on(100, B), blocked(120, B, UNKNOWN), on(300, C), blocked(500, C, UNKNOWN), on(700, B)]
    found = judge([*records, blocked(710, B, UNKNOWN), blocked(5090, A, UNKNOWN)])[1]
    assert (120, State.GIL_WAIT) in lane(found, B)
    assert (300, State.RELEASED) in lane(found, C)


def test_a_thread_that_wakes_up_for_nothing_goes_on_waiting() -> None:
    """The GIL was released for a moment meanwhile: the time after which B asks for it is that of its first wait."""
    records = [on(0, A), on(10, B), blocked(15, B, COND), on(2000, B), blocked(2004, B, COND)]
    found = judge([*records, on(5020, B), blocked(5030, B, COND), blocked(5100, A, NO_FUTEX)])[1]
    assert [(each.time_ns // 1000, each.tid) for each in found.requests] == [(5020, B)]


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


def test_slices_are_as_long_as_the_cpu_clock_says() -> None:
    """Each slice lasts 100 us by the records, and 105 by the clock: the switch itself took the rest."""
    slices = 120
    records = [each for n in range(slices) for each in (on(1000 * n, A), blocked(1000 * n + 100, A, NO_FUTEX))]
    clocks = [ClockSample(1_000_000 * n + 500_000, A, 105_000 * (n + 1)) for n in (0, 60)]
    found = judge(records, *clocks)[1]
    times = [each.time_ns for each in found.transitions]
    assert times[0] == 0
    assert times[-2] == 1_000_000 * (slices - 1) - 5_000


def test_a_thread_without_the_gil_is_without_it_after_it_lost_its_core_too() -> None:
    records = [on(0, A), on(10, B), blocked(15, B, COND), on(1000, B), preempted(2000, A), on(3000, A)]
    found = judge([*records, blocked(4000, B, LOCK), blocked(9000, A, COND)])[1]
    assert lane(found, A)[1:4] == [(1000, State.RELEASED), (2000, State.CORE_WAIT), (3000, State.RELEASED)]


def test_while_none_waits_a_thread_that_wakes_up_and_goes_on_takes_the_gil() -> None:
    found = judge([on(0, A), on(100, B), blocked(2000, B, NO_FUTEX), blocked(4000, A, NO_FUTEX)])[1]
    assert lane(found, A) == [(0, State.RUNNING), (100, State.RELEASED), (4000, State.IO)]
    assert lane(found, B) == [(100, State.RUNNING), (2000, State.IO)]


def test_nothing_of_an_unknown_time_is_shown() -> None:
    lost = Lost(2_000_000, 5_000_000, 1, 0)
    found = judge([on(0, A), lost, blocked(3000, A, LOCK), on(4000, A), blocked(6000, A, NO_FUTEX)])[1]
    assert lane(found, A) == [(0, State.RUNNING), (2000, State.UNKNOWN), (6000, State.IO)]


def test_without_registers_the_first_wait_for_the_gil_is_known_by_its_length() -> None:
    records = [on(0, A), on(1, B), blocked(300, B, UNKNOWN), on(301, A), on(5400, B), blocked(5405, B, UNKNOWN)]
    found = judge([*records, on(5408, B), blocked(9000, B, UNKNOWN)], HolderSample(1_000_000, A))[1]
    assert (300, State.GIL_WAIT) in lane(found, B)


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


def test_with_musl_threads_wait_on_their_stacks_at_addresses_that_are_learned() -> None:
    stacks = {(tid, at): 0x7F00_0000 + 0x100 * tid + at for tid in (A, B) for at in (COND, SWITCH_COND)}
    records = [
        each._replace(futex=stacks.get((each.tid, each.futex), each.futex)) if isinstance(each, Switch) else each
        for each in TAKE_TURNS
    ]
    _, unlearned = judge(records)
    assert State.LOCK in {each.state for each in unlearned.transitions}
    episodes = Episodes(PID, (GIL,))
    episodes.learn(
        0,
        cond=[address for (_, at), address in stacks.items() if at == COND],
        switch_cond=[address for (_, at), address in stacks.items() if at == SWITCH_COND],
    )
    episodes.learn(1, [LOCK], [])  # There is no such GIL any more.
    found = episodes.add(records, 1000 * LONG_US)
    _, expected = judge(TAKE_TURNS)
    assert found == expected


def test_a_thread_needs_the_gil_that_it_used_last() -> None:
    other = Gil(*(each + 0x1000 for each in GIL))
    episodes, _ = judge([blocked(0, A, COND), blocked(0, B, COND + 0x1000), blocked(10, C, LOCK)], gils=(GIL, other))
    assert [episodes.gil_of(tid) for tid in (A, B, C, 99)] == [0, 1, 0, 0]
