"""Hand-offs as moments: from lanes made by hand, and as many as the monitor counts in a real run."""

from __future__ import annotations

from pconc_tui.monitor.monitor import Monitor
from pconc_tui.protocol.block import State
from pconc_tui.requests import Request
from pconc_tui.timeline.gil_waits import Gil
from pconc_tui.timeline.handoffs import Handoff, Lane, handoffs
from pconc_tui.timeline.spans import Span
from tests.support import measured
from tests.timeline.lanes import finalize
from tests.timeline.lanes import lane as made_lane

MS = 10**6
RUNNING, WAITING, IO, RELEASED = State.RUNNING, State.GIL_WAIT, State.IO, State.RELEASED


def lane(worker: int, gil: int | None, *ends: tuple[float, State]) -> Lane:
    """A lane of spans without holes from 0 on: the end of each in ms, and its state."""
    spans, start_ns = [], 0
    for end_ms, state in ends:
        spans.append(Span(start_ns, round(end_ms * MS), state))
        start_ns = spans[-1].end_ns
    return Lane(worker, gil, (tuple(spans),))


def test_each_change_of_the_running_worker_is_one() -> None:
    lanes = [
        lane(1, 7, (5, RUNNING), (10, WAITING), (12, RUNNING)),
        lane(2, 7, (5, WAITING), (10, RUNNING), (12, WAITING)),
    ]
    both = [Handoff(5 * MS, 7, 1, 2), Handoff(10 * MS, 7, 2, 1)]
    assert handoffs(lanes, 0, 12 * MS) == both
    assert handoffs(lanes, 6 * MS, 12 * MS) == both[1:]
    assert handoffs(lanes, 0, 10 * MS) == both[:1]


def test_other_gils_and_code_without_the_gil_make_none() -> None:
    turns = (5, RUNNING), (10, IO), (12, RUNNING)
    other = (5, IO), (10, RUNNING), (12, IO)
    assert not handoffs([lane(1, 7, *turns), lane(2, 8, *other)], 0, 12 * MS)
    assert not handoffs([lane(1, None, *turns), lane(2, None, *other)], 0, 12 * MS)
    assert not handoffs([lane(1, 7, *turns), lane(2, 7, (12, RELEASED))], 0, 12 * MS)


def test_a_worker_that_goes_on_after_io_takes_the_gil_from_none() -> None:
    assert not handoffs([lane(1, 7, (5, RUNNING), (10, IO), (12, RUNNING)), lane(2, 7, (12, IO))], 0, 12 * MS)


def test_a_worker_that_does_not_run_after_all_takes_the_gil_from_none() -> None:
    gil = Gil()
    one = made_lane(1, gil, (0, RUNNING), (5, IO), (9, RUNNING), (12, State.ENDED), last_ran=12)
    two = made_lane(2, gil, (0, IO), (7, RUNNING), (7, IO), (13, State.ENDED), last_ran=7)
    finalize(20, one, two)
    lanes = [Lane(worker, 7, each.history(20 * MS)) for worker, each in ((1, one), (2, two))]
    assert not handoffs(lanes, 0, 20 * MS)
    assert gil.handoffs.total() == 0


def test_as_many_as_the_monitor_counts() -> None:
    monitor = Monitor(history_pieces=None)
    try:
        snapshot = measured(monitor, Request("cpu-bound", "calls", "threads", 4, 0.1))
    finally:
        monitor.close()
    lanes = [Lane(worker.id, worker.gil, worker.history) for worker in snapshot.workers]
    found = handoffs(lanes, 0, snapshot.now_ns)
    assert len(found) == sum(worker.handoffs for worker in snapshot.workers) > 0
    for worker in snapshot.workers:
        assert sum(each.taker == worker.id for each in found) == worker.handoffs
