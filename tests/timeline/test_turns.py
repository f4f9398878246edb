"""Turns and drop requests: from lanes made by hand. Times in ms; the switch interval is 5 ms."""

from __future__ import annotations

from collections.abc import Sequence

from pconc_tui.protocol.block import State
from pconc_tui.timeline.spans import Span
from pconc_tui.timeline.turns import LaneSpans, Turn, turns

MS = 10**6
RUN, WAIT, CORE, IO, FREE = State.RUNNING, State.GIL_WAIT, State.CORE_WAIT, State.IO, State.RELEASED


def lane(worker: int, start: float, *ends: tuple[float, State], thread: object = None) -> LaneSpans:
    """A lane from this time on, without holes: the end of each span and its state."""
    spans, at = [], round(start * MS)
    for end, state in ends:
        spans.append(Span(at, round(end * MS), state))
        at = spans[-1].end_ns
    return LaneSpans(worker, 1, spans, thread)


def found(*lanes: LaneSpans) -> list[Turn]:
    return turns(lanes, 5 * MS)


def held(of: Sequence[Turn]) -> list[tuple[float, float, int, int | None]]:
    return [(turn.start_ns / MS, turn.end_ns / MS, turn.worker, turn.giver) for turn in of]


def requests(of: Sequence[Turn]) -> list[tuple[float, int, float] | None]:
    """Of each turn the time of its request, the worker that asks, and how long that had waited."""
    return [each and (each.time_ns / MS, each.worker, each.waited_ns / MS) for each in (turn.request for turn in of)]


def test_the_example_of_the_module() -> None:
    made = found(
        lane(1, 0, (5.1, RUN), (20, WAIT)),
        lane(2, -10, (20, WAIT)),
        lane(3, -4.9, (20, WAIT)),
        lane(4, -15, (0, RUN), (5.2, WAIT), (10.3, RUN), (20, WAIT)),
    )
    assert held(made) == [(-15, 0, 4, None), (0, 5.1, 1, 4), (5.2, 10.3, 4, 1)]
    # 4 has just released the GIL, and waits since 1 has taken it: until 5.0, as 2 does, which is first in the list.
    assert requests(made)[1] == (5.0, 2, 15.0)
    assert made[1].ended_by_request
    assert requests(made)[2] == (10.2, 1, 5.0)


def test_a_wait_in_which_the_gil_changed_hands_is_not_long_enough() -> None:
    made = found(
        lane(1, -3, (0, RUN), (2, IO), (20, IO)),
        lane(2, -3, (0, WAIT), (9.1, RUN), (20, WAIT)),
        lane(3, -1, (9.2, WAIT), (20, RUN)),
    )
    # It waits since -1: until 4, in which there was the hand-off at 0, then until 9.
    assert requests(made) == [None, (9.0, 3, 10.0), (14.2, 2, 5.0)]


def test_a_turn_that_a_blocking_call_ends_early_has_no_request() -> None:
    made = found(lane(1, 0, (2, RUN), (8, IO)), lane(2, 0, (2.1, WAIT), (8, RUN)))
    assert requests(made) == [None, None]
    assert [turn.then for turn in made] == [IO, None]
    assert not made[0].ended_by_request


def test_a_release_after_a_whole_interval_is_one_on_request_even_where_ends_are_noisy() -> None:
    made = found(lane(1, 0, (4.9, RUN), (12, WAIT)), lane(2, 0, (5.0, WAIT), (12, RUN)))
    assert requests(made)[0] == (4.9, 2, 5.0)
    made = found(lane(1, 0, (3, RUN), (12, WAIT)), lane(2, 0, (3.1, WAIT), (12, RUN)))
    assert requests(made)[0] is None, "too early for one"


def test_a_holder_that_does_not_obey_has_been_asked_all_the_same() -> None:
    made = found(lane(1, 0, (30, RUN), (40, WAIT)), lane(2, 1, (30.1, WAIT), (40, RUN)))
    assert requests(made)[0] == (6.0, 2, 5.0)


def test_a_worker_that_waits_for_a_core_still_holds_the_gil() -> None:
    made = found(lane(1, 0, (2, RUN), (4, CORE), (5, RUN), (9, WAIT)), lane(2, 0, (5.1, WAIT), (9, RUN)))
    assert held(made) == [(0, 5, 1, None), (5.1, 9, 2, 1)]
    made = found(lane(1, 0, (2, IO), (4, CORE), (5, RUN)), lane(2, 0, (5, IO)))
    assert held(made) == [(4, 5, 1, None)], "it held none before"


def test_a_worker_that_runs_without_the_gil_does_not_hold_it() -> None:
    made = found(lane(1, 0, (2, RUN), (6, FREE), (7, RUN)), lane(2, 0, (2, WAIT), (5, RUN), (7, IO)))
    assert held(made) == [(0, 2, 1, None), (2, 5, 2, 1), (6, 7, 1, 2)]
    assert made[0].then is FREE


def test_tasks_of_one_thread_never_ask_each_other() -> None:
    spans = ((20, RUN), (30, WAIT)), ((20, WAIT), (30, RUN))
    made = found(*(lane(number, 0, *each, thread=11) for number, each in enumerate(spans)))
    assert requests(made) == [None, None]
    made = found(*(lane(number, 0, *each) for number, each in enumerate(spans)))
    assert requests(made)[0] == (5, 1, 5)


def test_where_the_order_of_states_is_unknown_nothing_is_held() -> None:
    mixed = [Span(0, 5 * MS, RUN, True), Span(5 * MS, 9 * MS, WAIT, True), Span(9 * MS, 12 * MS, RUN)]
    assert held(found(LaneSpans(1, 1, mixed))) == [(9, 12, 1, None)]


def test_a_moment_s_wait_for_the_gil_s_mutex_ends_no_turn() -> None:
    made = found(lane(1, 0, (2, RUN), (2.01, WAIT), (5, RUN)), lane(2, 0, (5, WAIT)))
    assert held(made) == [(0, 5, 1, None)]
    made = found(lane(1, 0, (2, RUN), (2.1, WAIT), (5, RUN)), lane(2, 0, (5, WAIT)))
    assert held(made) == [(0, 2, 1, None), (2.1, 5, 1, None)]


def test_runs_that_overlap_by_noise_are_turns_one_after_another() -> None:
    made = found(lane(1, 0, (5.03, RUN), (9, WAIT)), lane(2, 0, (5, WAIT), (9, RUN)))
    assert held(made) == [(0, 5, 1, None), (5, 9, 2, 1)]


def test_measured_requests_take_the_place_of_inferred_ones() -> None:
    one, two = lane(1, 0, (7, RUN), (9, WAIT)), lane(2, 0, (7, WAIT), (9, RUN))
    made = found(one, two._replace(requests_ns=(round(5.8 * MS), 90 * MS)))
    assert requests(made)[0] == (5.8, 2, 5.8)
    request = made[0].request
    assert request is not None
    assert request.measured
    assert requests(found(one, two._replace(requests_ns=()))) == [None, None], "measured, and there was none"


def test_a_measured_wait_in_which_the_gil_changed_hands_is_no_request() -> None:
    one = lane(1, -3, (0, WAIT), (9.1, RUN), (20, WAIT))
    two = lane(2, -3, (0, RUN), (2, IO), (20, IO))
    three = lane(3, -1, (9.2, WAIT), (20, RUN))._replace(requests_ns=(4 * MS, 9 * MS))
    assert requests(found(one, two, three))[1] == (9.0, 3, 10.0)


def test_no_request_is_inferred_where_a_lane_is_sampled() -> None:
    one, two = lane(1, 0, (7, RUN), (9, WAIT)), lane(2, 0, (7, WAIT), (9, RUN))
    for lanes in ((one._replace(blur_ns=MS), two), (one, two._replace(blur_ns=MS))):
        assert requests(found(*lanes)) == [None, None]


def test_no_lanes_and_no_runs_make_no_turns() -> None:
    assert found() == []
    assert found(lane(1, 0, (5, IO)), LaneSpans(2, 1, ())) == []
