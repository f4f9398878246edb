"""Folding transitions into spans and states: every nanosecond has one, and gaps get the right cause."""

from __future__ import annotations

import itertools

import pytest

from pconc_tui.protocol.block import State, pack
from pconc_tui.timeline.gil import Gil
from pconc_tui.timeline.span_builder import PIECE, SpanBuilder
from pconc_tui.timeline.spans import Span, spans_between

MS = 1_000_000
RUN, GAP, IO, LOCK, END = State.RUNNING, State.WAITING, State.IO, State.LOCK, State.ENDED


def lane(worker: int, gil: Gil | None, *transitions: tuple[float, State], beat: float = 0) -> SpanBuilder:
    """A lane that was launched at 0 and has noted these transitions, in ms."""
    made = SpanBuilder(worker, 0, None)
    made.gil = gil
    made.take([pack(int(ms * MS), state) for ms, state in transitions], int(beat * MS))
    return made


def seal(now: float, *lanes: SpanBuilder) -> None:
    for gil in {lane.gil for lane in lanes if lane.gil}:
        gil.settle(int(now * MS))
    for each in lanes:
        each.seal(int(now * MS))


def spans(lane: SpanBuilder, now: float) -> list[tuple[float, float, State]]:
    return [(start / MS, end / MS, state) for piece in lane.history(int(now * MS)) for start, end, state, _ in piece]


def test_two_threads_take_turns() -> None:
    gil = Gil()
    one = lane(1, gil, (1, RUN), (5, GAP), (10, RUN), (12, END), beat=12)
    two = lane(2, gil, (5, RUN), (10, GAP), (12, RUN), (14, END), beat=14)
    seal(20, one, two)
    assert spans(one, 20) == [
        (0, 1, State.STARTING),
        (1, 5, RUN),
        (5, 10, State.GIL_WAIT),
        (10, 12, RUN),
    ]
    assert spans(two, 20)[2:] == [(10, 12, State.GIL_WAIT), (12, 14, RUN)]
    assert (gil.handoffs[1], gil.handoffs[2]) == (1, 2)


def test_a_gap_in_which_no_sibling_ran_is_waiting_for_a_core() -> None:
    gil = Gil()
    one = lane(1, gil, (1, RUN), (5, GAP), (9, RUN), (10, END))
    two = lane(2, gil, (10, RUN), (12, END))
    seal(20, one, two)
    assert (5, 9, State.CORE_WAIT) in spans(one, 20)


def test_past_its_planned_end_a_sleep_is_a_wait_for_whoever_runs_even_before_the_sleeper_says_so() -> None:
    gil = Gil()
    sleeper, other = SpanBuilder(1, 0, None), lane(2, gil, (1, RUN), beat=20)
    sleeper.gil = gil
    sleeper.take([pack(1 * MS, RUN), pack(2 * MS, IO)], 2 * MS, wakes_ns=12 * MS)
    seal(10, sleeper, other)
    assert spans(sleeper, 10)[2:] == [(2, 10, IO)]
    seal(20, sleeper, other)
    assert spans(sleeper, 20)[2:] == [(2, 12, IO), (12, 20, State.GIL_WAIT)]
    assert sleeper.state(20 * MS) is State.GIL_WAIT
    # The next wait of this kind has no planned end, or not yet.
    sleeper.take([pack(12 * MS, GAP), pack(20 * MS, RUN), pack(21 * MS, IO)], 21 * MS, wakes_ns=12 * MS)
    seal(30, sleeper, other)
    assert spans(sleeper, 30)[-1] == (21, 30, IO)


def test_a_sibling_under_another_gil_explains_nothing() -> None:
    one = lane(1, Gil(), (1, RUN), (5, GAP), (9, RUN), (10, END))
    two = lane(2, Gil(), (1, RUN), (10, END))
    seal(20, one, two)
    assert (5, 9, State.CORE_WAIT) in spans(one, 20)


def test_without_a_gil_gaps_are_waiting_for_a_core() -> None:
    one = lane(1, None, (1, RUN), (5, GAP), (9, RUN), (10, END))
    seal(20, one)
    assert (5, 9, State.CORE_WAIT) in spans(one, 20)


def test_a_sibling_that_is_still_running_explains_a_gap() -> None:
    gil = Gil()
    one = lane(1, gil, (1, RUN), beat=5)
    two = lane(2, gil, (5, RUN), beat=9.95)
    seal(10, one, two)
    assert one.state(10 * MS) is State.GIL_WAIT
    assert two.state(10 * MS) is State.RUNNING
    assert spans(one, 10)[-1] == (5, 10, State.GIL_WAIT)


def test_a_core_lost_before_the_gil_was_taken_is_told_apart() -> None:
    gil = Gil()
    one = lane(1, gil, (1, RUN), (5, GAP), (9, RUN), (10, END))
    two = lane(2, gil, (0.5, RUN), (1, GAP), (7, RUN), (9, END))
    seal(20, one, two)
    assert spans(one, 20)[2:4] == [(5, 7, State.CORE_WAIT), (7, 9, State.GIL_WAIT)]


def test_the_time_of_a_hand_off_is_waiting_for_the_gil() -> None:
    gil = Gil()
    one = lane(1, gil, (1, RUN), (5, GAP), (9, RUN), (10, END))
    two = lane(2, gil, (0.5, RUN), (1, GAP), (5.08, RUN), (9, END))
    seal(20, one, two)
    assert (5, 9, State.GIL_WAIT) in spans(one, 20)


def test_noise_at_the_edge_of_a_gap_explains_nothing() -> None:
    gil = Gil()
    one = lane(1, gil, (1, RUN), (5, GAP), (9, RUN), (10, END))
    two = lane(2, gil, (0.5, RUN), (5.02, END))
    seal(20, one, two)
    assert (5, 9, State.CORE_WAIT) in spans(one, 20)


def test_states_add_up_to_the_wall_time() -> None:
    gil = Gil()
    one = lane(1, gil, (1, RUN), (2, IO), (5, GAP), (6, RUN), (7, LOCK), (9, GAP), (9.5, RUN), (11, END))
    two = lane(2, gil, (3, RUN), (6, GAP), (7, RUN), (9.5, END))
    seal(20, one, two)
    times = one.times(20 * MS)
    assert times.wall == pytest.approx(0.010)
    assert (times.running, times.io, times.lock_wait, times.gil_wait) == pytest.approx((0.0035, 0.003, 0.002, 0.0015))


def test_spans_neither_overlap_nor_leave_holes_from_frame_to_frame() -> None:
    gil = Gil()
    one, two = SpanBuilder(1, 0, None), SpanBuilder(2, 0, None)
    one.gil = two.gil = gil
    for turn in range(2 * PIECE):
        running, waiting = (one, two) if turn % 2 else (two, one)
        running.take([pack(turn * 5 * MS + 1, RUN)], turn * 5 * MS + 1)
        waiting.take([pack(turn * 5 * MS + 1, GAP)], turn * 5 * MS + 1)
        seal(turn * 5, one, two)
        flat = [span for piece in one.history(turn * 5 * MS) for span in piece]
        assert all(before.end_ns == after.start_ns for before, after in itertools.pairwise(flat))
    assert len(one.history(turn * 5 * MS)) > 1


def test_transitions_newer_than_the_frame_wait_for_the_next() -> None:
    one = lane(1, None, (1, RUN), (5, IO), (7, RUN), beat=7)
    seal(6, one)
    assert spans(one, 6)[-1] == (5, 6, IO)
    seal(8, one)
    assert (5, 7, IO) in spans(one, 8)


def test_a_killed_worker_ends_where_it_was_found_dead() -> None:
    one = lane(1, None, (1, RUN), beat=5)
    one.cut(8 * MS)
    assert spans(one, 20) == [(0, 1, State.STARTING), (1, 5, RUN), (5, 8, State.CORE_WAIT)]
    assert one.ended_ns == 8 * MS


def test_old_pieces_of_history_are_dropped_where_asked() -> None:
    one = SpanBuilder(1, 0, 2)
    for turn in range(5 * PIECE):
        one.take([pack(turn * MS + 1, RUN if turn % 2 else IO)], turn * MS)
    one.seal(10 * PIECE * MS)
    assert len(one.history(10 * PIECE * MS)) == 3


def test_spans_between_finds_what_touches_a_window() -> None:
    spans = [Span(10 * n, 10 * n + 10, RUN) for n in range(10)]
    history = (tuple(spans[:4]), tuple(spans[4:8]), tuple(spans[8:]))
    assert list(spans_between(history, 35, 61)) == spans[3:7]
    assert list(spans_between(history, 40, 60)) == spans[4:6]
    assert list(spans_between(history, -5, 5)) == spans[:1]
    assert list(spans_between(history, 100, 200)) == []
    assert list(spans_between((), 0, 1)) == []
    assert list(spans_between(((),), 0, 1)) == []
