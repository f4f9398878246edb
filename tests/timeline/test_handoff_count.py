"""Counting the hand-offs of one GIL."""

from __future__ import annotations

from itertools import permutations

from pconc_tui.timeline.handoff_count import KEPT_STARTS, HandoffCounter

A, B = 1, 2


def counter(*starts: tuple[int, int]) -> HandoffCounter:
    """A counter of these starts of runs: worker, then time in ns."""
    made = HandoffCounter()
    for worker, time_ns in starts:
        made.add_start(worker, time_ns)
    return made


def test_a_run_that_starts_after_a_run_of_another_worker_is_a_handoff() -> None:
    handoffs = counter((A, 1), (B, 5), (A, 10), (A, 11), (B, 12))
    handoffs.count_until(20)
    assert (handoffs.received(A), handoffs.received(B), handoffs.total()) == (1, 2, 3)


def test_a_worker_that_runs_alone_receives_no_handoff() -> None:
    handoffs = counter((A, 1), (A, 5), (A, 10))
    handoffs.count_until(20)
    assert handoffs.total() == 0


def test_starts_are_sorted_by_time_however_they_arrive() -> None:
    handoffs = counter((B, 5), (A, 1), (A, 10))
    handoffs.count_until(20)
    assert handoffs.total() == 2


def test_a_start_after_the_frames_time_is_counted_by_a_later_frame() -> None:
    handoffs = counter((A, 1), (B, 25))
    handoffs.count_until(20)
    assert handoffs.total() == 0
    handoffs.add_start(A, 22)
    handoffs.count_until(30)
    assert handoffs.received(B) == 1


def test_a_start_that_arrives_late_is_put_in_its_place() -> None:
    handoffs = counter((A, 10), (B, 50), (A, 100), (A, 110), (B, 120))
    handoffs.count_until(200)
    handoffs.add_start(B, 105)
    handoffs.count_until(201)
    assert (handoffs.received(A), handoffs.received(B)) == (2, 3)
    handoffs.add_start(B, 0)
    handoffs.count_until(202)
    assert (handoffs.received(A), handoffs.received(B)) == (3, 3), "before all others"


def test_any_order_of_arrival_gives_the_same_count() -> None:
    starts = [(A, 1), (B, 2), (A, 3), (B, 4), (B, 5), (A, 6)]
    for order in permutations(starts):
        handoffs = counter()
        for number, start in enumerate(order):
            handoffs.add_start(*start)
            handoffs.count_until(10 + number)
        assert (handoffs.received(A), handoffs.received(B)) == (2, 2)


def test_a_start_without_a_run_makes_no_handoff_however_late_that_is_known() -> None:
    for counted in (False, True):
        handoffs = counter((A, 1), (B, 5), (A, 10))
        if counted:
            handoffs.count_until(20)
        handoffs.remove_start(B, 5)
        handoffs.count_until(20)
        assert handoffs.total() == 0


def test_only_the_newest_starts_are_kept() -> None:
    handoffs = counter()
    for time_ns in range(3 * KEPT_STARTS):
        handoffs.add_start(time_ns % 2, time_ns)
        handoffs.count_until(time_ns + 1)
    assert len(handoffs._counted) <= 2 * KEPT_STARTS
    handoffs.remove_start(0, 0)
    handoffs.count_until(4 * KEPT_STARTS)
    assert handoffs.total() == 3 * KEPT_STARTS - 1
