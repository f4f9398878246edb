"""Episodes on streams of records made by hand: which thread holds the GIL from when to when, and what the others do."""

from __future__ import annotations

from pconc_tui.kernel.episodes import Episodes, Found
from pconc_tui.kernel.gil import Gil
from pconc_tui.kernel.records import NO_FUTEX, Record, Switch
from pconc_tui.protocol.block import State
from tests.kernel.streams import (
    COND,
    GIL,
    LOCK,
    LONG_US,
    MUTEX,
    PID,
    SWITCH_COND,
    TAKE_TURNS,
    A,
    B,
    C,
    blocked,
    judge,
    lane,
    on,
    preempted,
)


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


def test_turns_that_are_as_short_as_requests_are_turns() -> None:
    turns: list[Record] = [on(0, A), on(10, B), blocked(20, B, COND)]
    for us in range(120, 1200, 240):  # The one that asks gets the GIL at once, and the other waits for it at `cond`.
        turns += [on(us, B), blocked(us + 10, A, COND), on(us + 120, A), blocked(us + 130, B, COND)]
    episodes = Episodes(PID, (GIL,), interval_ns=50_000)
    found = episodes.add(turns, 1000 * LONG_US)
    assert [(each.tid, each.ended_ns - each.began_ns) for each in found.holds[1:9]] == 4 * [(B, 120_000), (A, 120_000)]
    assert episodes.handoffs == 10


def test_native_threads_take_no_gil() -> None:
    episodes = Episodes(PID, [GIL])
    episodes.native_tids = {B}
    records = [on(0, B), blocked(9000, B, NO_FUTEX), on(9100, C), blocked(9200, C, NO_FUTEX)]
    found = episodes.add(records, 1000 * LONG_US)
    assert lane(found, B) == [(0, State.RELEASED), (9000, State.IO)]
    assert lane(found, C) == [(9100, State.RUNNING), (9200, State.IO)]  # It may be too new to be known.


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


def test_a_thread_that_wakes_up_for_nothing_goes_on_waiting() -> None:
    """The GIL was released for a moment meanwhile: the time after which B asks for it is that of its first wait."""
    records = [on(0, A), on(10, B), blocked(15, B, COND), on(2000, B), blocked(2004, B, COND)]
    found = judge([*records, on(5020, B), blocked(5030, B, COND), blocked(5100, A, NO_FUTEX)])[1]
    assert [(each.time_ns // 1000, each.tid) for each in found.requests] == [(5020, B)]


def test_while_none_waits_a_thread_that_wakes_up_and_goes_on_takes_the_gil() -> None:
    found = judge([on(0, A), on(100, B), blocked(2000, B, NO_FUTEX), blocked(4000, A, NO_FUTEX)])[1]
    assert lane(found, A) == [(0, State.RUNNING), (100, State.RELEASED), (4000, State.IO)]
    assert lane(found, B) == [(100, State.RUNNING), (2000, State.IO)]


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


def test_a_thread_does_not_ask_for_the_gil_where_it_changed_hands_while_it_waited() -> None:
    # C takes it at 3000, so B waits again at 5020; C still has it when that wait times out, too.
    start = [on(0, A), on(1, C), blocked(5, C, COND), on(10, B), blocked(15, B, COND), blocked(2990, A, NO_FUTEX)]
    waits = [on(3000, C), on(5020, B), blocked(5025, B, COND), on(10_030, B), blocked(10_035, B, COND)]
    found = judge([*start, *waits, blocked(11_000, C, NO_FUTEX)])[1]
    assert [(each.time_ns // 1000, each.tid) for each in found.requests] == [(10_030, B)]
