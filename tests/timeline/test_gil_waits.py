"""Explaining gaps by the runs of the workers that share a GIL."""

from __future__ import annotations

from pconc_tui.protocol.block import State
from pconc_tui.timeline.gil_waits import KEPT_RUNS, Gil
from pconc_tui.timeline.spans import Span
from tests.timeline.lanes import END, GAP, MS, RUN, finalize, lane, spans


def test_a_gap_in_which_no_other_worker_ran_is_a_core_wait() -> None:
    gil = Gil()
    one = lane(1, gil, (1, RUN), (5, GAP), (9, RUN), (10, END))
    two = lane(2, gil, (10, RUN), (12, END))
    finalize(20, one, two)
    assert (5, 9, State.CORE_WAIT) in spans(one, 20)


def test_a_run_under_another_gil_explains_no_gap() -> None:
    one = lane(1, Gil(), (1, RUN), (5, GAP), (9, RUN), (10, END))
    two = lane(2, Gil(), (1, RUN), (10, END))
    finalize(20, one, two)
    assert (5, 9, State.CORE_WAIT) in spans(one, 20)


def test_a_run_that_has_not_ended_explains_a_gap() -> None:
    gil = Gil()
    one = lane(1, gil, (1, RUN), last_ran=5)
    two = lane(2, gil, (5, RUN), last_ran=9.95)
    finalize(10, one, two)
    assert one.state(10 * MS) is State.GIL_WAIT
    assert two.state(10 * MS) is State.RUNNING
    assert spans(one, 10)[-1] == (5, 10, State.GIL_WAIT)


def test_a_core_wait_before_another_worker_took_the_gil_is_separate() -> None:
    gil = Gil()
    one = lane(1, gil, (1, RUN), (5, GAP), (9, RUN), (10, END))
    two = lane(2, gil, (0.5, RUN), (1, GAP), (7, RUN), (9, END))
    finalize(20, one, two)
    assert spans(one, 20)[2:4] == [(5, 7, State.CORE_WAIT), (7, 9, State.GIL_WAIT)]


def test_the_duration_of_a_handoff_is_part_of_the_gil_wait() -> None:
    gil = Gil()
    one = lane(1, gil, (1, RUN), (5, GAP), (9, RUN), (10, END))
    two = lane(2, gil, (0.5, RUN), (1, GAP), (5.08, RUN), (9, END))
    finalize(20, one, two)
    assert (5, 9, State.GIL_WAIT) in spans(one, 20)


def test_a_run_that_overlaps_the_gap_by_noise_explains_nothing() -> None:
    gil = Gil()
    one = lane(1, gil, (1, RUN), (5, GAP), (9, RUN), (10, END))
    two = lane(2, gil, (0.5, RUN), (5.02, END))
    finalize(20, one, two)
    assert (5, 9, State.CORE_WAIT) in spans(one, 20)


def test_a_gap_that_started_before_the_oldest_kept_run_is_a_gil_wait() -> None:
    gil = Gil()
    for turn in range(2 * KEPT_RUNS + 1):
        gil.start_run(2, turn * MS)
        gil.end_run(2, (turn + 1) * MS)
    gil.update(3 * KEPT_RUNS * MS)
    end_ns = 2 * KEPT_RUNS * MS
    assert list(gil.explain_gap(5 * MS, end_ns, 1)) == [Span(5 * MS, end_ns, State.GIL_WAIT)]


def test_old_runs_are_dropped_and_their_handoffs_stay_counted() -> None:
    gil = Gil()
    for turn in range(3 * KEPT_RUNS):
        gil.start_run(turn % 2, turn * MS)
        gil.end_run(turn % 2, (turn + 1) * MS)
    gil.update(3 * KEPT_RUNS * MS)
    assert len(gil._runs) <= 2 * KEPT_RUNS
    assert gil.handoffs.total() == 3 * KEPT_RUNS - 1


def test_a_worker_holds_the_gil_until_another_runs_and_again_when_it_runs_itself() -> None:
    gil = Gil()
    one = lane(1, gil, (1, RUN), (5, GAP), (20, RUN), (30, END))
    two = lane(2, gil, (9, RUN), (15, GAP), (28, RUN), (29, GAP))
    finalize(40, one, two)
    parts = [(began_ns // MS, ended_ns // MS) for began_ns, ended_ns in gil.held(1 * MS, 30 * MS, 1)]
    assert parts == [(1, 9), (20, 28), (29, 30)]
    assert list(gil.held(9 * MS, 15 * MS, 2)) == [(9 * MS, 15 * MS)]


def test_a_worker_does_not_hold_the_gil_while_another_that_has_not_ended_runs() -> None:
    gil = Gil()
    one = lane(1, gil, (1, RUN), (5, GAP))
    two = lane(2, gil, (9, RUN), last_ran=15)
    finalize(15, one, two)
    assert list(gil.held(1 * MS, 15 * MS, 1)) == [(1 * MS, 9 * MS)]
