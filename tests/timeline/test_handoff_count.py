"""Counting the hand-offs of one GIL."""

from __future__ import annotations

from pconc_tui.timeline.handoff_count import HandoffCounter

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
