"""Waits for a core after a wake-up, by the queue clock."""

from __future__ import annotations

from pconc_tui.kernel.records import BLOCKED, IN, PREEMPTED
from pconc_tui.protocol.block import State
from pconc_tui.sampler.wake_ups import WakeUps, woken_state

MS = 1_000_000


def switches(*pairs: tuple[float, int]) -> WakeUps:
    wake_ups = WakeUps()
    wake_ups.read(0)
    for time_ms, way in pairs:
        wake_ups.add(round(time_ms * MS), way)
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


def test_a_short_wait_is_none() -> None:
    wake_ups = switches((10, BLOCKED), (25, IN))
    wake_ups.read(20_000)
    assert wake_ups.waited_ns(25 * MS) == 0


def test_a_wait_whose_run_is_not_shown_is_forgotten() -> None:
    wake_ups = switches((10, BLOCKED), (25, IN), (30, BLOCKED), (40, IN))
    wake_ups.read(2 * MS)
    assert wake_ups.waited_ns(40 * MS) == 1 * MS


def test_wake_ups_that_were_left_out_have_waited_for_as_long() -> None:
    wake_ups = switches((10, BLOCKED), (25, IN))
    wake_ups.left_out = 2
    wake_ups.read(6 * MS)
    assert wake_ups.waited_ns(25 * MS) == 2 * MS
    wake_ups.add(30 * MS, BLOCKED)
    wake_ups.add(40 * MS, IN)
    wake_ups.read(9 * MS)
    assert wake_ups.waited_ns(40 * MS) == 3 * MS


def test_what_a_thread_waits_for_once_it_is_woken_up() -> None:
    assert woken_state(None, 5 * MS, needs_gil=False) is State.CORE_WAIT
    assert woken_state(None, 5 * MS, needs_gil=True) is State.GIL_WAIT


def test_a_thread_that_is_given_the_gil_before_its_time_out_waits_for_a_core() -> None:
    assert woken_state(1 * MS, 5 * MS, needs_gil=False) is State.CORE_WAIT
    assert woken_state(5 * MS, 5 * MS, needs_gil=False) is None
    assert woken_state(-1, 5 * MS, needs_gil=False) is None


def test_a_thread_that_then_has_to_wait_for_the_gil_again_has_waited_for_it_all_the_time() -> None:
    assert woken_state(1 * MS, 5 * MS, needs_gil=True) is None
