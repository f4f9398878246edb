"""Episodes of threads that are stopped and go on."""

from __future__ import annotations

import pytest

from pconc_tui.kernel.outside import HolderSample
from pconc_tui.kernel.records import NO_CALL, NO_FUTEX, STOPPED, Record
from pconc_tui.protocol.block import State
from tests.kernel.streams import COND, LOCK, SWITCH_COND, A, B, C, blocked, judge, lane, on, preempted

COMPUTES: list[Record] = [on(0, B), blocked(10, B, NO_FUTEX), on(20, C), blocked(30, C, COND), on(40, A)]
"""B sleeps, C waits for the GIL, and A computes."""
STOPS: list[Record] = [on(1000, B), blocked(1010, A, NO_CALL), blocked(1020, B, STOPPED), on(1021, C)]
STOPPED_US, GOES_ON_US = 1040, 301_000
ARE_STOPPED = [*COMPUTES, *STOPS, blocked(STOPPED_US, C, STOPPED)]


def test_threads_are_unknown_while_they_are_stopped() -> None:
    goes_on = [on(GOES_ON_US, B), on(GOES_ON_US + 1, A), blocked(GOES_ON_US + 20, B, NO_FUTEX), on(GOES_ON_US + 21, C)]
    found = judge([*ARE_STOPPED, *goes_on, blocked(GOES_ON_US + 30, C, COND), blocked(310_000, A, NO_FUTEX)])[1]
    sleeps = [(GOES_ON_US, State.RELEASED), (GOES_ON_US + 20, State.IO)]
    assert lane(found, B)[-3:] == [(1020, State.UNKNOWN), *sleeps]
    assert lane(found, A)[-3:] == [(1020, State.UNKNOWN), (GOES_ON_US + 1, State.RUNNING), (310_000, State.IO)]
    assert lane(found, C)[-3:] == [
        (STOPPED_US, State.UNKNOWN),
        (GOES_ON_US + 21, State.RELEASED),
        (GOES_ON_US + 30, State.GIL_WAIT),
    ]
    assert [each.tid for each in found.holds if each.ended_ns > 1_000_000] == [A]


def test_a_thread_that_goes_on_with_its_sleep_does_not_take_the_gil_from_one_that_keeps_it() -> None:
    # B loses its core before it sleeps again, and A goes on while another waits for the GIL.
    goes_on = [on(GOES_ON_US, B), preempted(GOES_ON_US + 9, B), on(GOES_ON_US + 10, C)]
    goes_on += [blocked(GOES_ON_US + 15, C, COND), on(GOES_ON_US + 30, A)]
    goes_on += [on(385_000, B), blocked(385_010, B, NO_FUTEX)]
    found = judge([*ARE_STOPPED, *goes_on, blocked(390_000, A, NO_FUTEX)])[1]
    assert State.RUNNING not in [state for time_us, state in lane(found, B) if time_us >= GOES_ON_US]
    assert lane(found, A)[-2:] == [(GOES_ON_US + 30, State.RUNNING), (390_000, State.IO)]


def test_a_thread_that_keeps_the_gil_in_a_call_keeps_it_after_a_stop() -> None:
    begins = [on(0, B), on(10, A), blocked(15, A, COND), on(5020, A), blocked(5030, B, SWITCH_COND), on(5040, B)]
    waits = [blocked(5045, B, COND), blocked(6000, A, NO_FUTEX), on(10_050, B), blocked(10_055, B, COND)]
    waits += [on(15_060, B), blocked(15_065, B, COND)]
    stops = [on(20_000, C), blocked(20_010, C, STOPPED), on(20_011, A), blocked(20_020, A, STOPPED)]
    goes_on = [on(90_000, C), blocked(90_010, C, NO_FUTEX), on(90_020, A), blocked(90_030, A, NO_FUTEX)]
    asks: list[Record] = [on(95_050, B), blocked(95_055, B, COND), on(99_000, A)]
    sleeps: list[Record] = [on(5, C), blocked(6, C, NO_FUTEX)]
    found = judge([*begins, *sleeps, *waits, *stops, *goes_on, *asks])[1]
    keeps = [(90_020, State.RUNNING), (90_030, State.BLOCKED_WITH_GIL), (99_000, State.RUNNING)]
    assert lane(found, A)[-4:] == [(20_020, State.UNKNOWN), *keeps]
    assert lane(found, C)[-3:] == [(20_010, State.UNKNOWN), (90_000, State.RELEASED), (90_010, State.IO)]


@pytest.mark.parametrize("futex", [COND, LOCK])
def test_what_a_thread_that_went_on_waited_for_may_come_to_its_end(futex: int) -> None:
    goes_on = [on(GOES_ON_US, A), on(GOES_ON_US + 5, B), blocked(GOES_ON_US + 15, B, futex)]
    found = judge([*ARE_STOPPED, *goes_on])[1]
    waits = State.GIL_WAIT if futex == COND else State.LOCK
    assert lane(found, B)[-1] == (GOES_ON_US + 15, waits)


def test_that_a_stopped_thread_holds_the_gil_shows_nothing() -> None:
    found = judge(ARE_STOPPED, HolderSample(50_000_000, A, 0))[1]
    assert lane(found, A)[-1] == (1020, State.UNKNOWN)
