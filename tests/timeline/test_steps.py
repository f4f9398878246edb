"""Steps: from lanes made by hand, and from real runs."""

from __future__ import annotations

from itertools import pairwise

import pytest

from pconc_tui.monitor.monitor import Monitor
from pconc_tui.protocol.block import RELEASING_NS, State
from pconc_tui.requests import Request
from pconc_tui.snapshot import Snapshot
from pconc_tui.timeline.handoffs import Lane, handoffs
from pconc_tui.timeline.spans import Span
from pconc_tui.timeline.steps import Kind, Scene
from pconc_tui.timeline.turns import LaneSpans
from tests.support import measured
from tests.timeline.test_turns import CORE, FREE, IO, MS, RUN, WAIT, lane

LOCK = State.LOCK
SWITCH_NS = 5 * MS


def scene(*lanes: LaneSpans, start: float = 0, end: float = 100) -> Scene:
    return Scene.of(lanes, SWITCH_NS, round(start * MS), round(end * MS))


def steps_of(made: Scene) -> list[tuple[float, str, int]]:
    return [(step.time_ns / MS, step.kind.name, step.worker) for step in made.steps]


HANDOFF = lane(1, 0, (5.1, RUN), (12, WAIT)), lane(2, 0, (5.2, WAIT), (6, RUN), (8, IO), (12, RUN))


def test_a_handoff_is_a_request_a_release_and_a_taking() -> None:
    made = scene(*HANDOFF)
    assert steps_of(made) == [
        (0, "TAKES", 1),
        (5.0, "ASKS", 2),
        (5.1, "RELEASES", 1),
        (5.2, "TAKES", 2),
        (6, "BLOCKS", 2),
        (8, "UNBLOCKS", 2),
        (8, "TAKES", 2),
    ]
    asks, releases, takes = made.steps[1:4]
    assert (asks.other, asks.lasted_ns, asks.measured) == (1, 5 * MS, False)
    assert (releases.other, releases.lasted_ns, releases.measured) == (2, 5.1 * MS, True)
    assert (takes.other, takes.lasted_ns) == (1, 5.2 * MS)


def test_a_thread_that_has_released_the_gil_and_lost_its_core_does_not_run_meanwhile() -> None:
    """So records show it: for a nanosecond without the GIL, and again without a core."""
    releasing = 5.2 + RELEASING_NS / MS
    first = lane(1, 0, (5.1, RUN), (5.2, CORE), (releasing, FREE), (9, CORE), (9.1, FREE), (12, WAIT))
    made = scene(first, HANDOFF[1])
    assert [step for step in steps_of(made) if step[2] == 1 and step[0] > 5] == [
        (5.2, "RELEASES", 1),
        (9, "GETS_CORE", 1),
    ]


def test_only_the_steps_of_the_period_are_there_but_turns_from_before_are_known() -> None:
    assert steps_of(scene(*HANDOFF, start=5.15, end=6)) == [(5.2, "TAKES", 2)]
    assert scene(*HANDOFF, start=5.15, end=6).steps[0].other == 1


def test_who_holds_a_gil_at_a_time() -> None:
    made = scene(*HANDOFF)
    holders = [made.holder(1, round(at * MS)) for at in (-1, 0, 5.05, 5.15, 5.2, 7, 9)]
    assert holders == [None, 1, 1, None, 2, None, 2]
    assert [made.step_before(round(at * MS)) for at in (-1, 0, 5.05, 99)] == [-1, 0, 1, 6]


def test_a_lost_core_is_a_step_where_it_is_gone_for_a_while() -> None:
    made = scene(lane(1, 0, (2, RUN), (4, CORE), (5, RUN), (5.1, CORE), (6, RUN)), lane(2, 0, (6, WAIT)))
    assert steps_of(made)[1:] == [(2, "LOSES_CORE", 1), (4, "GETS_CORE", 1), (5, "ASKS", 2)]


def test_locks_and_code_without_the_gil() -> None:
    made = scene(lane(1, 0, (2, RUN), (4, LOCK), (5, RUN), (7, FREE)), lane(2, 0, (7, IO)))
    assert steps_of(made)[1:] == [
        (2, "BLOCKS", 1),
        (4, "UNBLOCKS", 1),
        (4, "TAKES", 1),
        (5, "RUNS_WITHOUT", 1),
    ]
    assert made.steps[1].state is LOCK


def test_a_worker_that_loses_its_core_as_it_begins_to_wait_is_not_unblocked_by_that() -> None:
    made = scene(lane(1, 0, (1, RUN), (1.000001, LOCK), (3, CORE), (9, LOCK), (10, RUN)), lane(2, 0, (10, IO)))
    assert steps_of(made) == [(0, "TAKES", 1), (1, "BLOCKS", 1), (9, "UNBLOCKS", 1), (9, "TAKES", 1)]


def test_a_release_on_request_is_one_also_where_the_worker_is_seen_to_run_on_for_a_moment() -> None:
    one = lane(1, 0, (6, RUN), (6.05, FREE), (12, WAIT))
    made = scene(one, lane(2, 0, (6.02, WAIT), (12, RUN))._replace(requests_ns=[5 * MS]))
    assert steps_of(made)[1:4] == [(5, "ASKS", 2), (6, "RELEASES", 1), (6.02, "TAKES", 2)]
    made = scene(one, lane(2, 0, (6.02, WAIT), (12, RUN))._replace(requests_ns=[]))
    assert steps_of(made)[1:3] == [(6, "RUNS_WITHOUT", 1), (6.02, "TAKES", 2)]


def test_a_gil_that_one_worker_alone_needs_is_no_step() -> None:
    other = lane(2, 0, (3, RUN), (6, IO), (9, RUN))._replace(gil=2)
    made = scene(lane(1, 0, (1, State.STARTING), (5, RUN), (6, CORE), (9, RUN)), other)
    assert steps_of(made) == [
        (1, "RUNS", 1),
        (3, "BLOCKS", 2),
        (5, "LOSES_CORE", 1),
        (6, "UNBLOCKS", 2),
        (6, "GETS_CORE", 1),
    ]
    assert made.holder(1, 5 * MS) == 1
    assert made.holder(2, 4 * MS) is None


def test_without_a_gil_workers_run_at_the_same_time() -> None:
    lanes = [lane(number, 0, (1, State.STARTING), (9, RUN))._replace(gil=None) for number in (1, 2)]
    made = scene(*lanes)
    assert steps_of(made) == [(1, "RUNS", 1), (1, "RUNS", 2)]
    assert made.turns == {}


def test_the_end_of_a_worker_is_a_step() -> None:
    made = scene(lane(1, 0, (4, RUN))._replace(ended_ns=4 * MS), lane(2, 0, (4.1, WAIT), (9, RUN)))
    assert steps_of(made) == [(0, "TAKES", 1), (4, "ENDS", 1), (4.1, "TAKES", 2)]
    assert made.turns[1][0].then is State.ENDED


def test_the_steps_of_a_sampled_lane_are_not_exact_and_mixed_ones_are_none() -> None:
    spans = [Span(0, 2 * MS, RUN), Span(2 * MS, 4 * MS, IO, True), Span(4 * MS, 6 * MS, RUN, True)]
    made = scene(LaneSpans(1, 1, spans, blur_ns=MS), lane(2, 0, (6, IO)))
    assert steps_of(made) == [(0, "TAKES", 1)]
    assert not made.steps[0].exact


def lanes_of(snapshot: Snapshot) -> list[LaneSpans]:
    return [
        LaneSpans(each.id, each.gil, [span for piece in each.history for span in piece], ended_ns=each.ended_ns)
        for each in snapshot.workers
    ]


@pytest.mark.parametrize(("experiment", "variant"), [("cpu-bound", "calls"), ("convoy", "heartbeat")])
def test_the_steps_of_a_real_run(experiment: str, variant: str) -> None:
    monitor = Monitor(history_pieces=None)
    try:
        snapshot = measured(monitor, Request(experiment, variant, "threads", 4, 0.1))
    finally:
        monitor.close()
    made = Scene.of(lanes_of(snapshot), SWITCH_NS, 0, snapshot.now_ns + 1)  # Workers may have ended right now.
    ((gil, of),) = made.turns.items()
    lanes = [Lane(worker.id, worker.gil, worker.history) for worker in snapshot.workers]
    takes = [step for step in made.steps if step.kind is Kind.TAKES and step.other is not None]
    assert len(takes) == len(handoffs(lanes, 0, snapshot.now_ns)) > 0
    for before, after in pairwise(of):
        assert before.end_ns <= after.start_ns
    by_worker = {each.worker: each for each in made.lanes}
    for turn in of:
        middle = by_worker[turn.worker].span_at((turn.start_ns + turn.end_ns) // 2)
        assert middle is not None
        assert middle.state in (RUN, CORE)
    asks = [step for step in made.steps if step.kind is Kind.ASKS]
    assert asks
    for step in asks:
        assert step.lasted_ns >= SWITCH_NS
        waits = by_worker[step.worker].span_at(step.time_ns - 1)
        assert waits is not None
        assert waits.state is WAIT
        assert made.holder(gil, step.time_ns - 1) == step.other
    assert sum(step.kind is Kind.ENDS for step in made.steps) == 4
