"""Episodes of threads that block without releasing the GIL."""

from __future__ import annotations

from pconc_tui.kernel.outside import HolderSample
from pconc_tui.kernel.records import NO_CALL, NO_FUTEX, Record
from pconc_tui.protocol.block import State
from tests.kernel.streams import COND, LOCK, SWITCH_COND, A, B, C, blocked, judge, lane, on, preempted


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
