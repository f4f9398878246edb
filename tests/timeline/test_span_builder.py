"""Folding one worker's transitions into spans: every nanosecond has exactly one state."""

from __future__ import annotations

import itertools

import pytest

from pconc_tui.protocol.block import State, pack
from pconc_tui.timeline.final_spans import PIECE
from pconc_tui.timeline.gil_waits import Gil
from pconc_tui.timeline.span_builder import SpanBuilder
from pconc_tui.timeline.spans import Span
from tests.timeline.lanes import END, GAP, IO, LOCK, MS, RUN, finalize, lane, spans


def test_mixed_transitions_make_mixed_spans() -> None:
    worker = lane(1, None, (0, RUN))
    worker.add([pack(2 * MS, IO, mixed=True), pack(5 * MS, RUN)], 8 * MS)
    finalize(8, worker)
    assert [span.mixed for piece in worker.history(8 * MS) for span in piece] == [False, True, False]
    assert worker.mixed_ns == 3 * MS


def test_the_provisional_span_of_a_mixed_transition_is_mixed_too() -> None:
    worker = lane(1, None, (0, RUN))
    worker.add([pack(2 * MS, RUN, mixed=True)], 4 * MS)
    finalize(8, worker)
    spans = [(span.end_ns // MS, span.state, span.mixed) for piece in worker.history(8 * MS) for span in piece]
    assert spans == [(2, RUN, False), (4, RUN, True), (8, State.CORE_WAIT, False)]
    assert worker.state(round(4.1 * MS)) is State.CORE_WAIT, "a worker that runs for a moment at a time"


@pytest.mark.parametrize("state", [RUN, IO, State.GIL_WAIT])
def test_what_others_have_seen_last_counts_for_a_while_only(state: State) -> None:
    worker = SpanBuilder(1, 0, None)
    worker.is_observed = True
    worker.add([pack(0, state)], 10 * MS, fresh_ns=10 * MS)
    finalize(10, worker)
    assert spans(worker, 20) == [(0, 20, state)]
    assert spans(worker, 50) == [(0, 20, state), (20, 50, State.UNKNOWN)]
    worker.add([], 60 * MS, fresh_ns=10 * MS)
    finalize(60, worker)
    assert spans(worker, 60) == [(0, 60, state)], "once it is known, it is so"


def test_two_threads_take_turns() -> None:
    gil = Gil()
    one = lane(1, gil, (1, RUN), (5, GAP), (10, RUN), (12, END), last_ran=12)
    two = lane(2, gil, (5, RUN), (10, GAP), (12, RUN), (14, END), last_ran=14)
    finalize(20, one, two)
    assert spans(one, 20) == [
        (0, 1, State.STARTING),
        (1, 5, RUN),
        (5, 10, State.GIL_WAIT),
        (10, 12, RUN),
    ]
    assert spans(two, 20)[2:] == [(10, 12, State.GIL_WAIT), (12, 14, RUN)]
    assert (gil.handoffs.received(1), gil.handoffs.received(2)) == (1, 2)


def test_a_sleep_past_its_planned_end_is_a_gil_wait_even_before_the_sleeper_records_it() -> None:
    gil = Gil()
    sleeper, other = SpanBuilder(1, 0, None), lane(2, gil, (1, RUN), last_ran=20)
    sleeper.gil = gil
    sleeper.add([pack(1 * MS, RUN), pack(2 * MS, IO)], 2 * MS, sleep_end_ns=12 * MS)
    finalize(10, sleeper, other)
    assert spans(sleeper, 10)[2:] == [(2, 10, IO)]
    finalize(20, sleeper, other)
    assert spans(sleeper, 20)[2:] == [(2, 12, IO), (12, 20, State.GIL_WAIT)]
    assert sleeper.state(20 * MS) is State.GIL_WAIT
    # The next I/O wait has no planned end; the old one must not count.
    sleeper.add([pack(12 * MS, GAP), pack(20 * MS, RUN), pack(21 * MS, IO)], 21 * MS, sleep_end_ns=12 * MS)
    finalize(30, sleeper, other)
    assert spans(sleeper, 30)[-1] == (21, 30, IO)


def test_without_a_gil_every_gap_is_a_core_wait() -> None:
    one = lane(1, None, (1, RUN), (5, GAP), (9, RUN), (10, END))
    finalize(20, one)
    assert (5, 9, State.CORE_WAIT) in spans(one, 20)


def test_states_add_up_to_the_wall_time() -> None:
    gil = Gil()
    one = lane(1, gil, (1, RUN), (2, IO), (5, GAP), (6, RUN), (7, LOCK), (9, GAP), (9.5, RUN), (11, END))
    two = lane(2, gil, (3, RUN), (6, GAP), (7, RUN), (9.5, END))
    finalize(20, one, two)
    times = one.times(20 * MS)
    assert times.wall == pytest.approx(0.010)
    assert (times.running, times.io, times.lock_wait, times.gil_wait) == pytest.approx((0.0035, 0.003, 0.002, 0.0015))


def test_spans_neither_overlap_nor_leave_holes_from_frame_to_frame() -> None:
    gil = Gil()
    one, two = SpanBuilder(1, 0, None), SpanBuilder(2, 0, None)
    one.gil = two.gil = gil
    for turn in range(2 * PIECE):
        running, waiting = (one, two) if turn % 2 else (two, one)
        running.add([pack(turn * 5 * MS + 1, RUN)], turn * 5 * MS + 1)
        waiting.add([pack(turn * 5 * MS + 1, GAP)], turn * 5 * MS + 1)
        finalize(turn * 5, one, two)
        flat = [span for piece in one.history(turn * 5 * MS) for span in piece]
        assert all(before.end_ns == after.start_ns for before, after in itertools.pairwise(flat))
    assert len(one.history(turn * 5 * MS)) > 1


def test_transitions_after_the_frames_time_are_left_to_the_next_frame() -> None:
    one = lane(1, None, (1, RUN), (5, IO), (7, RUN), last_ran=7)
    finalize(6, one)
    assert spans(one, 6)[-1] == (5, 6, IO)
    finalize(8, one)
    assert (5, 7, IO) in spans(one, 8)


def test_the_lane_of_a_killed_worker_ends_when_its_death_was_noticed_and_is_unknown_since_it_last_ran() -> None:
    one = lane(1, None, (1, RUN), last_ran=5)
    one.end(8 * MS)
    assert spans(one, 20) == [(0, 1, State.STARTING), (1, 5, RUN), (5, 8, State.UNKNOWN)]
    assert one.ended_ns == 8 * MS


def test_the_oldest_pieces_of_history_are_dropped_beyond_the_limit() -> None:
    one = SpanBuilder(1, 0, 2)
    for turn in range(5 * PIECE):
        one.add([pack(turn * MS + 1, RUN if turn % 2 else IO)], turn * MS)
    one.finalize(10 * PIECE * MS)
    dropped, *kept = one.history(10 * PIECE * MS)
    assert len(kept) == 3
    assert [*dropped] == [Span(0, kept[0][0].start_ns, State.UNKNOWN)]


def test_more_history_can_be_kept_from_a_moment_on_but_not_less() -> None:
    for kept, asked, found in ((2, 4, 5), (2, 1, 3), (None, 1, 6)):  # Pieces, and what has not been packed yet.
        one = SpanBuilder(1, 0, kept)
        one.keep_at_least(asked)
        for turn in range(5 * PIECE):
            one.add([pack(turn * MS + 1, RUN if turn % 2 else IO)], turn * MS)
        one.finalize(10 * PIECE * MS)
        history = one.history(10 * PIECE * MS)
        assert len([piece for piece in history if piece[0].state is not State.UNKNOWN]) == found


def test_the_times_of_each_frame_include_its_tail() -> None:
    one = lane(1, None, (1, RUN), last_ran=10)
    finalize(5, one)
    assert one.times(5 * MS).running == pytest.approx(0.004)
    finalize(10, one)
    assert one.times(10 * MS).running == pytest.approx(0.009)


def test_a_thread_that_starts_while_another_holds_the_gil_waits_for_it() -> None:
    gil = Gil()
    one, other = lane(1, gil, (0.2, RUN), (9, IO)), lane(2, gil, (9, RUN), (10, END))
    other.needs_gil_to_start = True
    finalize(12, one, other)
    assert spans(other, 12) == [(0, 0.2, State.STARTING), (0.2, 9, State.GIL_WAIT), (9, 10, RUN)]
    assert other.started_ns == 0.2 * MS
    assert other.times(12 * MS).wall == pytest.approx(9.8e-3)


def corrected(ran: float, *transitions: tuple[float, State], end: float = 9) -> list[tuple[float, float, State]]:
    """The spans of a lane that ends then, once it is known how long it ran."""
    made = lane(1, None, *transitions, (end, END))
    made.add([], 0, ran=(round(end * MS), round(ran * MS)))
    finalize(end, made)
    return spans(made, end)[1:]


def test_the_last_spans_are_changed_where_the_cpu_clock_shows_less_running() -> None:
    assert corrected(3, (1, RUN), (3.5, IO), (6, RUN)) == [
        (1, 3.5, RUN), (3.5, 6, IO), (6, 6.5, RUN), (6.5, 9, State.CORE_WAIT),
    ]  # fmt: skip
    assert corrected(1, (1, RUN), (5, IO)) == [(1, 2, RUN), (2, 5, State.CORE_WAIT), (5, 9, IO)]
    assert corrected(1.5, (1, RUN), end=3) == [(1, 2.5, RUN), (2.5, 3, State.CORE_WAIT)]


def test_the_last_spans_are_changed_where_the_cpu_clock_shows_more_running() -> None:
    assert corrected(3, (1, RUN), (3.5, IO)) == [(1, 3.5, RUN), (3.5, 8.5, IO), (8.5, 9, RUN)]
    assert corrected(8, (1, RUN), (3, IO), (5, RUN)) == [(1, 3, RUN), (3, 5, RUN), (5, 9, RUN)]


def test_what_is_unknown_and_what_is_as_good_as_right_are_not_changed() -> None:
    unknown = (1, 9, State.UNKNOWN)
    assert corrected(5, (1, State.UNKNOWN)) == [unknown]
    assert corrected(8 - 0.05, (1, RUN)) == [(1, 9, RUN)]


def filled(ran: float, *transitions: tuple[float, State]) -> SpanBuilder:
    """A lane that ends after 9 ms, in which the worker ran for so long."""
    made = lane(1, Gil(), *transitions, (9, END))
    finalize(9, made)
    made.fill_unknown(round(ran * MS))
    return made


def test_cpu_time_that_is_shown_nowhere_else_is_in_the_unknown_spans() -> None:
    made = filled(4, (1, RUN), (2, State.UNKNOWN), (4, IO), (5, State.UNKNOWN), (7, IO))
    assert spans(made, 9)[1:] == [
        (1, 2, RUN), (2, 3, State.UNKNOWN), (3, 4, RUN), (4, 5, IO), (5, 7, RUN), (7, 9, IO),
    ]  # fmt: skip
    assert made.mixed_ns == 3 * MS
    assert made.times(9 * MS).running == pytest.approx(0.004)
    assert made.held_s(9 * MS) == pytest.approx(0.001)


def test_cpu_time_is_in_unknown_spans_also_where_these_are_no_longer_kept() -> None:
    made = SpanBuilder(1, 0, 1)
    many = 4 * PIECE
    words = [pack(1 * MS, RUN), pack(2 * MS, State.UNKNOWN)]
    words += [pack((7 + turn) * MS, IO if turn % 2 else RUN) for turn in range(many)]
    end_ns = (7 + many) * MS
    made.add([*words, pack(end_ns, END)], 0)
    made.finalize(end_ns)
    made.fill_unknown((1 + many // 2 + 4) * MS)
    times = made.times(end_ns)
    assert (times.running, times.unknown) == pytest.approx((0.001 * (5 + many // 2), 0.001))
    assert times.wall == pytest.approx((end_ns - 1 * MS) / 1e9)


def test_known_spans_stay_as_they_are_whatever_the_cpu_clock_says() -> None:
    for ran in (0.5, 1, 8):
        assert spans(filled(ran, (1, RUN), (2, IO)), 9)[1:] == [(1, 2, RUN), (2, 9, IO)]
    assert spans(filled(9, (1, RUN), (2, State.UNKNOWN), (3, IO)), 9)[1:] == [(1, 2, RUN), (2, 3, RUN), (3, 9, IO)]


def test_a_correction_reaches_into_packed_history() -> None:
    one = SpanBuilder(1, 0, None)
    words = [pack((turn + 1) * MS, IO if turn % 2 else RUN) for turn in range(2 * PIECE)]
    end = 2 * PIECE + 1
    one.add([*words, pack(end * MS, END)], 0, ran=(end * MS, 10 * MS))
    one.finalize(end * MS)
    times = one.times(end * MS)
    assert (times.running, times.wall) == pytest.approx((0.010, (end - 1) / 1000))
    assert sum(span[1] - span[0] for span in spans(one, end) if span[2] is RUN) == 10


def test_the_longest_time_without_releasing_the_gil_includes_waits_for_a_core() -> None:
    gil = Gil()
    one = lane(1, gil, (0, RUN), (5, GAP), (10, RUN), (12, GAP), (15, RUN), (20, IO), (22, RUN), last_ran=24)
    two = lane(2, gil, (5, RUN), (10, IO), (30, END), last_ran=10)
    finalize(24, one, two)
    assert one.held_s(24 * MS) == 0.010
    assert two.held_s(24 * MS) == 0.005
    one.add([], 40 * MS)
    finalize(40, one, two)
    assert one.held_s(40 * MS) == 0.018


def test_a_hold_whose_releases_do_not_show_counts_for_as_long_as_another_waits() -> None:
    gil = Gil()
    one, two = SpanBuilder(1, 0, None), SpanBuilder(2, 0, None)
    for each in (one, two):
        each.use_gil(gil)
        each.hides_releases = True
    one.add([pack(0, RUN), pack(50 * MS, State.GIL_WAIT)], 60 * MS)
    two.add([pack(0, IO), pack(40 * MS, State.GIL_WAIT), pack(50 * MS, RUN)], 60 * MS)
    finalize(60, one, two)
    assert one.held_s(60 * MS) == 0.010
    assert two.held_s(60 * MS) == 0.010, "the other has waited since"


def test_a_wait_for_a_core_in_which_another_runs_ends_the_hold() -> None:
    gil = Gil()
    one = lane(1, gil, (0, RUN), (5, State.CORE_WAIT), (12, RUN), (14, IO), last_ran=14)
    two = lane(2, gil, (6, RUN), (10, IO), last_ran=10)
    finalize(24, one, two)
    assert one.held_s(24 * MS) == 0.005


def test_what_goes_on_without_being_known_is_no_hold() -> None:
    seen = lane(1, Gil(), (0, RUN), last_ran=10)
    seen.is_observed = True
    seen.add([], 20 * MS, fresh_ns=500 * MS)
    finalize(200, seen)
    assert spans(seen, 200) == [(0, 200, RUN)]
    assert seen.held_s(200 * MS) == 0.020


SHORTLY_BEFORE = [(3, RUN), (6, State.CORE_WAIT), (8.5, RUN), (9, RUN), (9.5, State.CORE_WAIT)]


@pytest.mark.parametrize(("time", "state"), SHORTLY_BEFORE)
def test_the_state_shortly_before_is_that_of_its_spans(time: float, state: State) -> None:
    worker = lane(1, None, (0, RUN), (5, GAP), (8, RUN), last_ran=9)
    finalize(10, worker)
    assert worker.state(10 * MS) is State.CORE_WAIT
    assert worker.state_before(round(time * MS), 10 * MS) is state


def test_the_state_shortly_before_the_end_or_the_launch_is_the_present_one() -> None:
    ended, launched = lane(1, None, (0, RUN), (9, END), last_ran=9), SpanBuilder(2, 9 * MS, None)
    finalize(10, ended, launched)
    assert ended.state_before(8 * MS, 10 * MS) is END
    assert launched.state_before(8 * MS, 10 * MS) is State.STARTING


def test_a_worker_that_loses_its_core_as_it_begins_to_wait_holds_no_gil() -> None:
    waits = lane(1, Gil(), (0, RUN), (10, LOCK), (10.000001, State.CORE_WAIT), (15, LOCK), (20, END), last_ran=10)
    finalize(30, waits)
    assert waits.held_s(30 * MS) == 0.010


def test_code_that_has_released_the_gil_or_needs_none_holds_none() -> None:
    released = lane(1, Gil(), (0, State.RELEASED), (20, IO), (30, END), last_ran=20)
    none = lane(2, None, (0, RUN), (20, END), last_ran=20)
    mixed = lane(3, Gil(), last_ran=20)
    mixed.add([pack(1 * MS, RUN, mixed=True), pack(20 * MS, END)], 20 * MS)
    finalize(40, released, none, mixed)
    assert [each.held_s(40 * MS) for each in (released, none, mixed)] == [None, None, None]


def test_spans_that_are_corrected_do_not_count_twice_as_holding_the_gil() -> None:
    made = lane(1, Gil(), (1, RUN), (9, END))
    made.add([], 9 * MS, ran=(9 * MS, 5 * MS))
    finalize(9, made)
    assert made.times(9 * MS).running == 0.005
    assert made.held_s(9 * MS) == 0.008
