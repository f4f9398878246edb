"""Where in a wait its thread waited for a core."""

from __future__ import annotations

import pytest

from pconc_tui.worker.core_waits import Wait, placed
from pconc_tui.worker.run_delay import Switches

MS = 1_000_000


def placed_ms(end: float, waited: float, blocked: int, preempted: int, at_lock: bool = True) -> tuple[float, float]:
    """When a thread blocked and could have gone on, in ms, in a wait from 0 on that is over at 9 for certain."""
    switches = Switches(blocked, preempted)
    found = placed(0, 9 * MS, round(end * MS), round(waited * MS), switches, wakes_up_early=at_lock)
    return found.blocked_ns / MS, found.ready_ns / MS


@pytest.mark.parametrize(
    ("blocked", "preempted", "found"), [(2, 1, (5, 9)), (3, 1, (2.5, 6.5)), (2, 0, (0, 4)), (3, 0, (0, 4))]
)
def test_the_examples(blocked: int, preempted: int, found: tuple[float, float]) -> None:
    assert placed_ms(10, 6, blocked, preempted) == found


def test_a_thread_that_finds_the_lock_released_needs_no_time_without_a_core_to_get_the_gil() -> None:
    assert placed_ms(9.125, 6, blocked=2, preempted=1) == (6, 9)
    assert placed_ms(9.125, 6, blocked=3, preempted=0) == (0, 3)
    # Woken up once, after the release for all that is known.
    assert placed_ms(9.125, 6, blocked=2, preempted=0) == (0, 3.125)


def test_a_sleeping_thread_is_not_woken_up_early() -> None:
    assert placed_ms(10, 6, blocked=3, preempted=1, at_lock=False) == (5, 9)
    assert placed_ms(10, 6, blocked=3, preempted=0, at_lock=False) == (0, 9)


def test_what_may_have_been_after_the_wait_was_over_is_not_in_it() -> None:
    assert placed_ms(20, 6, blocked=2, preempted=1) == (0, 9)


def test_a_thread_has_no_core_for_no_longer_than_it_waits() -> None:
    assert placed_ms(9, 100, blocked=2, preempted=1) == (9, 9)
    assert placed_ms(9, 100, blocked=2, preempted=0) == (0, 0)
    assert placed(10, 5, 20, 100, Switches(2, 1), True) == Wait(10, 5)
